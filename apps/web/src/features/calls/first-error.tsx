"use client";
/** Of a call with inputs that failed, what the first of them ended with: most often it is what all of them did. */
import type { CallView } from "@bellows/protocol/call-views";
import { skipToken, useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { formatCount } from "../../lib/format.ts";
import { paths } from "../../lib/paths.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { ErrorHead } from "../../ui/error-panel.tsx";
import { TONE_PANEL } from "../../ui/tones.ts";

export function FirstError({ call: { id: callId, counts } }: { call: CallView }) {
  const trpc = useTRPC();
  const failed = useQuery(trpc.calls.inputs.queryOptions({ callId, state: "failed", limit: 1 }));
  const index = failed.data?.items[0]?.index;
  const input = useQuery(trpc.calls.input.queryOptions(index === undefined ? skipToken : { callId, index }));
  const error = input.data?.error;
  if (index === undefined || !error) return null;
  return (
    <section aria-label="First error" className={`min-w-0 rounded-lg border px-4 py-3 ${TONE_PANEL.bad}`}>
      <div className="line-clamp-3">
        <ErrorHead error={error} />
      </div>
      <p className="mt-1 text-ink-soft">
        <Link href={paths.input(callId, index)} className="link">
          Stack and logs of input #{formatCount(index)}
        </Link>
        {counts.failed > 1 && `, the first of ${formatCount(counts.failed)} that failed`}
      </p>
    </section>
  );
}
