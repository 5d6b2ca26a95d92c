"use client";
/** One input in full: what went in, what came out, how long everything took, what it said. */
import type { InputDetailView, ValuePreview } from "@bellows/protocol/call-views";
import { inputIdOf } from "@bellows/protocol/ids";
import { useQuery } from "@tanstack/react-query";
import { isFinishedInput } from "../../lib/actions.ts";
import { formatBytes, formatCount, shortId } from "../../lib/format.ts";
import { LIVE_MS } from "../../lib/live.ts";
import { paths } from "../../lib/paths.ts";
import { InputBadge } from "../../lib/status.tsx";
import { useTRPC } from "../../lib/trpc.ts";
import { CodeBlock } from "../../ui/code-block.tsx";
import { CopyableId, IdLink } from "../../ui/copyable-id.tsx";
import { ErrorReport } from "../../ui/error-panel.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PageSkeleton } from "../../ui/page-skeleton.tsx";
import { Section } from "../../ui/section.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import { LogView } from "../logs/log-view.tsx";
import { Attempts } from "./attempts.tsx";
import { InputNeighbours } from "./input-neighbours.tsx";
import { TimelineChart } from "./timeline-chart.tsx";

export function InputPage({ callId, index }: { callId: string; index: number }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.calls.input.queryOptions(
      { callId, index },
      { refetchInterval: ({ state: { data } }) => (data && isFinishedInput(data.state) ? false : LIVE_MS) },
    ),
  );
  return (
    <Loaded query={query} skeleton={<PageSkeleton />}>
      {(input) => <InputDetail input={input} />}
    </Loaded>
  );
}

function InputDetail({ input }: { input: InputDetailView }) {
  const { callId, index, state, containerId } = input;
  return (
    <>
      <PageHeader
        crumbs={[
          { label: "Calls", href: paths.calls() },
          { label: shortId(callId), href: paths.call(callId) },
        ]}
        title={`Input #${formatCount(index)}`}
        state={<InputBadge state={state} />}
        actions={<InputNeighbours callId={callId} index={index} />}
        facts={
          <>
            <span>
              queued <TimeAgo atMs={input.queuedAtMs} />
            </span>
            {input.finishedAtMs !== null && (
              <span>
                ended <TimeAgo atMs={input.finishedAtMs} />
              </span>
            )}
            {containerId !== null && (
              <span>
                container <IdLink id={containerId} noun="container" href={paths.container(containerId)} />
              </span>
            )}
            <CopyableId id={inputIdOf(callId, index)} noun="input" />
          </>
        }
      />
      <div className="flex flex-col gap-6">
        <Section title="Timeline" padded>
          <TimelineChart input={input} />
        </Section>
        <Section title="Attempts">
          <Attempts input={input} />
        </Section>
        <div className="grid gap-6 lg:grid-cols-2">
          <Section title="Arguments" count={formatBytes(input.arguments.bytes)} padded>
            <Preview value={input.arguments} label="Arguments" />
          </Section>
          <Outcome input={input} />
        </div>
        <Section title="Logs">
          <LogView filter={{ callId, index }} live={!isFinishedInput(state)} framed={false} />
        </Section>
      </div>
    </>
  );
}

function Outcome({ input: { error, result } }: { input: InputDetailView }) {
  if (error) {
    return (
      <Section title="Error" padded>
        <ErrorReport error={error} />
      </Section>
    );
  }
  if (result) {
    return (
      <Section title="Result" count={formatBytes(result.bytes)} padded>
        <Preview value={result} label="Result" />
      </Section>
    );
  }
  return (
    <Section title="Result" padded>
      <p className="text-ink-faint">It comes here when the input has ended.</p>
    </Section>
  );
}

function Preview({ value, label }: { value: ValuePreview; label: string }) {
  return (
    <>
      {value.text === "" ? <p className="text-ink-faint">None.</p> : <CodeBlock text={value.text} label={label} />}
      {value.truncated && (
        <p className="mt-2 text-ink-faint text-xs">
          The first part of {formatBytes(value.bytes)}. The SDK gives the whole value.
        </p>
      )}
    </>
  );
}
