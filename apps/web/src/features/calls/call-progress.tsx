/** How far a call is: inputs that have ended, of those it has, and how they ended. */
import type { CallView } from "@bellows/protocol/call-views";
import { formatCount, plural } from "../../lib/format.ts";
import { CALL_LOOKS } from "../../lib/status.tsx";
import type { BarShape } from "../../ui/progress-bar.tsx";
import { PartsBar } from "../../ui/progress-bar.tsx";
import { TONE_FILL } from "../../ui/tones.ts";
import { progressOf } from "./progress.ts";

export function CallProgress({ call }: { call: CallView }) {
  const { done, total, open } = progressOf(call);
  return (
    <span className="flex items-center justify-between gap-2.5">
      {/* Of one input the state says it all. */}
      {total > 1 || open ? <ProgressBar call={call} shape="cell" /> : <span />}
      <span className="min-w-16 whitespace-nowrap text-right">
        {formatCount(done)}
        <span className="text-ink-faint">
          {" "}
          / {formatCount(total)}
          {open && "…"}
        </span>
      </span>
    </span>
  );
}

export function ProgressBar({ call, shape = "line" }: { call: CallView; shape?: BarShape }) {
  const { done, total } = progressOf(call);
  const { succeeded, failed, cancelled } = call.counts;
  return (
    <PartsBar
      label={`${formatCount(done)} of ${plural(total, "input")} ended`}
      total={total}
      shape={shape}
      parts={[
        {
          key: "succeeded",
          size: succeeded,
          fill: TONE_FILL[CALL_LOOKS.succeeded.tone],
          title: `${formatCount(succeeded)} succeeded`,
        },
        {
          key: "failed",
          size: failed,
          fill: TONE_FILL[CALL_LOOKS.failed.tone],
          title: `${formatCount(failed)} failed`,
        },
        {
          key: "cancelled",
          size: cancelled,
          fill: TONE_FILL[CALL_LOOKS.cancelled.tone],
          title: `${formatCount(cancelled)} cancelled`,
        },
      ]}
    />
  );
}
