/** A function by its full name: app and function, and of a class which method; each a way to its page. */
import Link from "next/link";
import { methodName } from "../lib/format.ts";
import { paths } from "../lib/paths.ts";

export function FunctionLink({
  app,
  name,
  pool,
  method = null,
}: {
  app: string;
  name: string;
  pool?: string | undefined;
  method?: string | null;
}) {
  return (
    <span className="min-w-0 [overflow-wrap:anywhere]">
      <Link href={paths.app(app)} className="text-ink-faint hover:text-link hover:underline">
        {app}
      </Link>
      <span aria-hidden className="px-1 text-ink-faint">
        /
      </span>
      <Link href={paths.function({ app, function: name, pool })} className="link-quiet">
        {methodName(name, method)}
      </Link>
    </span>
  );
}
