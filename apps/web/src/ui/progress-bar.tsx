/** Parts of a whole, side by side: how the inputs of a call ended, how long the stages of a start took. */
import clsx from "clsx";

export interface BarPart {
  key: string;
  /** In the unit of `total`. */
  size: number;
  fill: string;
  title: string;
}

/** `cell` is for a table: small, beside its number. */
export type BarShape = keyof typeof SHAPES;

const SHAPES = {
  cell: "flex h-1.5 w-16 shrink-0",
  line: "flex h-2 w-full",
  tall: "flex h-3 w-full",
} as const;

export function PartsBar({
  label,
  parts,
  total,
  shape = "line",
}: {
  label: string;
  parts: readonly BarPart[];
  total: number;
  shape?: BarShape;
}) {
  return (
    <div role="img" aria-label={label} className={clsx("overflow-hidden rounded-full bg-line", SHAPES[shape])}>
      {parts.map(({ key, size, fill, title }) =>
        size > 0 && total > 0 ? (
          <span key={key} title={title} className={fill} style={{ width: `max(2px, ${(size / total) * 100}%)` }} />
        ) : null,
      )}
    </div>
  );
}
