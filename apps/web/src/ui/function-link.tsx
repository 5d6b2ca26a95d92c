/** A function by its full name: app and function, each a way to its page. */
import Link from "next/link";
import { paths } from "../lib/paths.ts";

export function FunctionLink({ app, name }: { app: string; name: string }) {
  return (
    <span className="inline-flex min-w-0 flex-wrap items-baseline">
      <Link href={paths.app(app)} className="text-ink-faint hover:text-link hover:underline">
        {app}
      </Link>
      <span aria-hidden className="px-1 text-ink-faint">
        /
      </span>
      <Link href={paths.function({ app, function: name })} className="link-quiet">
        {name}
      </Link>
    </span>
  );
}
