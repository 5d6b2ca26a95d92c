/** The head of every page: where it stands, what it shows, in which state, and what may be done with it. */
import Link from "next/link";
import type { ReactNode } from "react";

export interface Crumb {
  label: string;
  href: string;
}

export function PageHeader({
  crumbs = [],
  title,
  state,
  facts,
  actions,
}: {
  crumbs?: readonly Crumb[];
  title: ReactNode;
  state?: ReactNode;
  /** A line of facts under the title. */
  facts?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <header className="mb-5">
      {crumbs.length > 0 && (
        <nav aria-label="Breadcrumb" className="mb-1">
          <ol className="flex flex-wrap items-center gap-x-1.5 text-ink-faint text-xs">
            {crumbs.map(({ label, href }, position) => (
              <li key={href} className="flex min-w-0 items-center gap-x-1.5">
                {position > 0 && <span aria-hidden>/</span>}
                <Link href={href} className="truncate hover:text-link hover:underline">
                  {label}
                </Link>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <div className="flex min-h-8 flex-wrap items-center gap-x-3 gap-y-2">
        <h1 className="min-w-0 break-words font-semibold text-xl tracking-tight">{title}</h1>
        {state}
        {actions && <div className="ml-auto flex items-center gap-2">{actions}</div>}
      </div>
      {facts && <div className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-1 text-ink-soft">{facts}</div>}
    </header>
  );
}
