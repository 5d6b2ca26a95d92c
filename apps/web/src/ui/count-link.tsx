/** A number that leads to what it counts. Zero is said quietly and leads nowhere new. */
import Link from "next/link";
import { formatCount } from "../lib/format.ts";

export function CountLink({ count, href }: { count: number; href: string }) {
  if (count === 0) return <span className="text-ink-faint">0</span>;
  return (
    <Link href={href} className="link-quiet">
      {formatCount(count)}
    </Link>
  );
}
