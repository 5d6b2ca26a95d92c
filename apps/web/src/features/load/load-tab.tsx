"use client";
/** What a function did lately, and why it had the containers it had. */
import type { FunctionView } from "@bellows/protocol/views";
import clsx from "clsx";
import { useSearchParams } from "next/navigation";
import { LOAD_SPANS, parseLoadSpan } from "../../lib/filters.ts";
import { plural } from "../../lib/format.ts";
import type { FunctionPath } from "../../lib/paths.ts";
import { paths } from "../../lib/paths.ts";
import { Loaded } from "../../ui/loaded.tsx";
import { Section } from "../../ui/section.tsx";
import { Segments } from "../../ui/segments.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { BatchFillPanel } from "./batch-fill-panel.tsx";
import { DecisionLog } from "./decision-log.tsx";
import { LatencyPanel } from "./latency-panel.tsx";
import { LoadChart } from "./load-chart.tsx";
import { NoLoad } from "./no-load.tsx";
import type { RecentLoad } from "./use-load.ts";
import { useLoad } from "./use-load.ts";

export function LoadTab({ fn, path }: { fn: FunctionView; path: FunctionPath }) {
  const span = parseLoadSpan(useSearchParams());
  const query = useLoad(fn.id, span);
  const { batched } = fn.settings;
  return (
    <div className="flex flex-col gap-6">
      <Section
        title="Load"
        count={query.data && !isIdle(query.data) ? countText(query.data) : undefined}
        actions={
          <Segments
            label="Time range"
            segments={LOAD_SPANS.map((last) => ({
              label: last,
              href: paths.load(path, last),
              current: last === span,
            }))}
          />
        }
      >
        <Loaded query={query} skeleton={<ChartSkeleton />}>
          {(recent) => (isIdle(recent) ? <NoLoad fn={fn} path={path} span={span} /> : <LoadChart recent={recent} />)}
        </Loaded>
      </Section>
      {query.data && !isIdle(query.data) && (
        <div className={clsx("grid items-start gap-6", batched && "lg:grid-cols-2")}>
          <LatencyPanel recent={query.data} wide={!batched} />
          {batched && <BatchFillPanel load={query.data.load} maxBatchSize={batched.maxBatchSize} />}
        </div>
      )}
      <DecisionLog functionId={fn.id} />
    </div>
  );
}

function isIdle({ load, decisions }: RecentLoad): boolean {
  return load.points.length === 0 && decisions.length === 0;
}

function countText({ load: { total }, decisions, moreDecisions }: RecentLoad): string {
  const ends = [plural(total.arrived, "input"), ...(total.failed > 0 ? [`${total.failed} failed`] : [])].join(", ");
  return moreDecisions ? `${ends}; the newest ${decisions.length} decisions are marked` : ends;
}

function ChartSkeleton() {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-4 p-4">
      <Skeleton className="h-16 w-full" />
      <Skeleton className="h-28 w-full" />
      <Skeleton className="h-24 w-full" />
    </div>
  );
}
