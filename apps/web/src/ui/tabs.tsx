/** Views of one page. Each is a URL, so it can be shared and the back button works; hence links, not buttons. */
import clsx from "clsx";
import Link from "next/link";
import type { ReactNode } from "react";

export interface Tab {
  label: string;
  href: string;
  current: boolean;
  count?: ReactNode;
}

export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
  return (
    <nav aria-label={label} className="mb-4 overflow-x-auto border-line border-b">
      <ul className="flex gap-5">
        {tabs.map((tab) => (
          <li key={tab.href}>
            <Link
              href={tab.href}
              scroll={false}
              aria-current={tab.current ? "page" : undefined}
              className={clsx(
                "-mb-px flex items-center gap-1.5 whitespace-nowrap border-b-2 px-0.5 py-2 font-medium",
                tab.current ? "border-ink text-ink" : "border-transparent text-ink-soft hover:text-ink",
              )}
            >
              {tab.label}
              {tab.count !== undefined && <span className="text-ink-faint text-xs tabular-nums">{tab.count}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
