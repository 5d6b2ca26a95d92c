/** One choice of a few, all of them in sight. Each is an address, so that a choice can be shared. */
import clsx from "clsx";
import Link from "next/link";

export interface Segment {
  label: string;
  href: string;
  current: boolean;
}

export function Segments({ label, segments }: { label: string; segments: readonly Segment[] }) {
  return (
    <nav aria-label={label} className="inline-flex rounded-md border border-line bg-sunken p-0.5">
      {segments.map(({ label: name, href, current }) => (
        <Link
          key={href}
          href={href}
          scroll={false}
          replace
          aria-current={current ? "true" : undefined}
          className={clsx(
            "rounded px-2.5 py-1 font-medium text-xs tabular-nums",
            current ? "bg-surface text-ink shadow-sm" : "text-ink-soft hover:text-ink",
          )}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
