/** Which inputs are shown, and the ways to the pages around. */
import type { CallView, InputView } from "@bellows/protocol/call-views";
import type { InputState } from "@bellows/protocol/states";
import { formatCount } from "../../lib/format.ts";
import { PAGE_ROWS } from "../../lib/paging.ts";
import { paths } from "../../lib/paths.ts";
import { ButtonLink } from "../../ui/button.tsx";

export function InputPager({
  call,
  state,
  from,
  shown,
  hasMore,
}: {
  call: CallView;
  state: InputState | undefined;
  from: number;
  shown: readonly InputView[];
  hasMore: boolean;
}) {
  const first = shown[0];
  const last = shown.at(-1);
  if (from === 0 && !hasMore) return null;
  const page = (start: number) => paths.call(call.id, { state, from: start });
  // Which inputs in one state come before is not known without looking; there the browser's own "back" goes back.
  const previous = from > 0 && state === undefined ? Math.max(0, from - PAGE_ROWS) : undefined;
  return (
    <nav
      aria-label="Pages of inputs"
      className="flex flex-wrap items-center justify-between gap-3 border-line border-t px-3 py-2 text-ink-faint text-xs"
    >
      <span className="tabular-nums">
        {first &&
          last &&
          `#${formatCount(first.index)} to #${formatCount(last.index)} of ${formatCount(call.receivedCount)}`}
      </span>
      <span className="flex gap-2">
        {from > 0 && (
          <ButtonLink href={page(0)} scroll={false} look="ghost">
            First
          </ButtonLink>
        )}
        {previous !== undefined && (
          <ButtonLink href={page(previous)} scroll={false}>
            Previous
          </ButtonLink>
        )}
        {hasMore && last && (
          <ButtonLink href={page(last.index + 1)} scroll={false}>
            Next
          </ButtonLink>
        )}
      </span>
    </nav>
  );
}
