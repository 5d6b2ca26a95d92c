/** A line of live numbers, each a link to what it counts. */
import Link from "next/link";
import type { ReactNode } from "react";
import type { Tone } from "./tones.ts";
import { TONE_TEXT } from "./tones.ts";

export interface Stat {
  label: string;
  value: ReactNode;
  href?: string;
  /** Colours the number; leave it out when the number is nothing to notice. */
  tone?: Tone | undefined;
  note?: ReactNode;
}

export function StatStrip({ label, stats }: { label: string; stats: readonly Stat[] }) {
  return (
    <ul aria-label={label} className="flex flex-wrap gap-px overflow-hidden rounded-lg border border-line bg-line">
      {stats.map((stat) => (
        <li key={stat.label} className="flex grow basis-34 bg-surface">
          {stat.href ? (
            <Link href={stat.href} className="block grow px-4 py-3 hover:bg-sunken">
              <StatText {...stat} />
            </Link>
          ) : (
            <div className="grow px-4 py-3">
              <StatText {...stat} />
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function StatText({ label, value, tone, note }: Stat) {
  return (
    <>
      <span className="block text-ink-faint text-xs">{label}</span>
      <span className={`block font-semibold text-xl tabular-nums ${tone ? TONE_TEXT[tone] : ""}`}>{value}</span>
      {note && <span className="block text-ink-faint text-xs tabular-nums">{note}</span>}
    </>
  );
}
