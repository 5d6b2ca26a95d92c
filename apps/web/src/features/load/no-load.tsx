/** A function that did nothing in the time that is shown: where to look further, or how to give it something to do. */
import type { FunctionView } from "@bellows/protocol/views";
import Link from "next/link";
import { LOAD_SPANS } from "../../lib/filters.ts";
import type { FunctionPath, LoadSpan } from "../../lib/paths.ts";
import { paths } from "../../lib/paths.ts";
import { EmptyState } from "../../ui/empty-state.tsx";
import { NoCalls } from "../calls/no-calls.tsx";

const WORDS: Record<LoadSpan, string> = {
  "15m": "15 minutes",
  "1h": "hour",
  "6h": "6 hours",
  "24h": "24 hours",
};

export function NoLoad({ fn, path, span }: { fn: FunctionView; path: FunctionPath; span: LoadSpan }) {
  const longer = LOAD_SPANS[LOAD_SPANS.indexOf(span) + 1];
  if (!longer) return <NoCalls of={fn} />;
  return (
    <EmptyState title={`Idle in the last ${WORDS[span]}`}>
      No input arrived and no container was up. Look at the{" "}
      <Link href={paths.load(path, longer)} scroll={false} className="link">
        last {WORDS[longer]}
      </Link>
      , or call it: the curve appears here as it runs.
    </EmptyState>
  );
}
