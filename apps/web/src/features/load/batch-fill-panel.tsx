/** How full the batches of a batched function were. */
import type { LoadView } from "@bellows/protocol/load-views";
import { formatCount, formatPercent, plural } from "../../lib/format.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { Section } from "../../ui/section.tsx";
import type { BatchBar } from "./batch-fill.ts";
import { batchFill } from "./batch-fill.ts";

export function BatchFillPanel({ load, maxBatchSize }: { load: LoadView; maxBatchSize: number }) {
  const { bars, batches, meanSize, fullShare } = batchFill(load.total.batchSizes, maxBatchSize);
  const highest = Math.max(1, ...bars.map((bar) => bar.batches));
  return (
    <Section title="Batches" count={batches > 0 ? plural(batches, "batch", "batches") : undefined}>
      {batches === 0 ? (
        <EmptyState title="No batch in this time">
          A batch goes out when it is full, when its oldest input has waited long enough, or when nothing else could
          join it.
        </EmptyState>
      ) : (
        <div className="flex flex-col gap-3 p-4">
          <p className="flex flex-wrap gap-x-6 gap-y-1 tabular-nums">
            <span>
              <span className="font-semibold text-xl">{formatPercent(fullShare * 100)}</span>{" "}
              <span className="text-ink-soft">went out full</span>
            </span>
            <span>
              <span className="font-semibold text-xl">{meanSize.toFixed(1)}</span>{" "}
              <span className="text-ink-soft">inputs on average, of at most {formatCount(maxBatchSize)}</span>
            </span>
          </p>
          <ol aria-label="Batches by size" className="flex h-28 items-end gap-px border-line border-b">
            {bars.map((bar) => (
              <li
                key={bar.fromSize}
                title={barText(bar)}
                className={`min-w-0 grow rounded-t-sm ${bar.toSize === maxBatchSize ? "bg-good" : "bg-ink-faint/50"}`}
                style={{ height: bar.batches === 0 ? 0 : `max(2px, ${(bar.batches / highest) * 100}%)` }}
              >
                <span className="sr-only">{barText(bar)}</span>
              </li>
            ))}
          </ol>
          <p className="flex justify-between text-ink-faint text-xs tabular-nums">
            <span>1 input</span>
            <span>{formatCount(maxBatchSize)}, full</span>
          </p>
        </div>
      )}
    </Section>
  );
}

function barText({ fromSize, toSize, batches }: BatchBar): string {
  const sizes =
    fromSize === toSize ? plural(fromSize, "input") : `${formatCount(fromSize)} to ${formatCount(toSize)} inputs`;
  return `${sizes}: ${plural(batches, "batch", "batches")}`;
}
