import { paths } from "../../lib/paths.ts";
import { NotAnId } from "../../ui/not-an-id.tsx";

export function NotACall({ given }: { given: string }) {
  return (
    <NotAnId
      given={given}
      noun="call"
      where="A part of it, or the name of the function, is enough to search the calls for."
      list={{ label: "Look for it in the calls", href: paths.calls({ search: given }) }}
    />
  );
}
