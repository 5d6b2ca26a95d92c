import { paths } from "../../lib/paths.ts";
import { NotAnId } from "../../ui/not-an-id.tsx";

export function NotACall({ given }: { given: string }) {
  return (
    <NotAnId
      given={given}
      noun="call"
      where="Among the calls, the end of one or the name of the function is enough to find it."
      list={{ label: "Look for it in the calls", href: paths.calls({ search: given }) }}
    />
  );
}
