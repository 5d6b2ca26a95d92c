/** A titled block of a page. What it holds decides its height; it never stretches to fill a row. */
import clsx from "clsx";
import type { ReactNode } from "react";

export function Section({
  title,
  count,
  actions,
  children,
  padded = false,
}: {
  title: string;
  count?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  padded?: boolean;
}) {
  return (
    <section aria-label={title} className="min-w-0">
      <div className="mb-2 flex min-h-8 flex-wrap items-center gap-x-3 gap-y-1">
        <h2 className="font-semibold">{title}</h2>
        {count !== undefined && <span className="text-ink-faint text-xs tabular-nums">{count}</span>}
        {actions && <div className="ml-auto flex items-center gap-2">{actions}</div>}
      </div>
      <Panel padded={padded}>{children}</Panel>
    </section>
  );
}

export function Panel({
  children,
  padded = false,
  className,
}: {
  children: ReactNode;
  padded?: boolean;
  className?: string;
}) {
  return (
    <div className={clsx("min-w-0 rounded-lg border border-line bg-surface", padded && "p-4", className)}>
      {children}
    </div>
  );
}
