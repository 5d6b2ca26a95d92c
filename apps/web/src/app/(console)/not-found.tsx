import { paths } from "../../lib/paths.ts";
import { ButtonLink } from "../../ui/button.tsx";

export default function NotFound() {
  return (
    <div className="flex flex-col items-start gap-3 py-10">
      <h1 className="font-semibold text-xl">There is no page at this address</h1>
      <p className="text-ink-soft">It may be mistyped, or what it showed may be gone.</p>
      <ButtonLink href={paths.overview()}>Go to the overview</ButtonLink>
    </div>
  );
}
