/** Facts about one thing: names on the left, values on the right, aligned over the whole list. */
import type { ReactNode } from "react";

export interface KeyValue {
  key: string;
  value: ReactNode;
  /** A word of explanation after the value. */
  note?: ReactNode;
}

export function KeyValues({ items }: { items: readonly KeyValue[] }) {
  return (
    <dl className="divide-y divide-line">
      {items.map(({ key, value, note }) => (
        <div key={key} className="grid grid-cols-[minmax(7rem,11rem)_minmax(0,1fr)] gap-3 px-3 py-2">
          <dt className="text-ink-faint">{key}</dt>
          <dd className="min-w-0 break-words tabular-nums">
            <span className="mr-3">{value}</span>
            {note && <span className="text-ink-faint text-xs">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
