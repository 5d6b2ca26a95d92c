"use client";
import type { ContainerView } from "@bellows/protocol/views";
import { useQuery } from "@tanstack/react-query";
import { isLiveContainer } from "../../lib/actions.ts";
import { formatBytes, formatDurationMs, formatPercent, shortId } from "../../lib/format.ts";
import { LIVE_MS } from "../../lib/live.ts";
import { paths } from "../../lib/paths.ts";
import { ContainerBadge } from "../../lib/status.tsx";
import { useTRPC } from "../../lib/trpc.ts";
import { useRights } from "../../lib/use-rights.ts";
import { Tag } from "../../ui/badge.tsx";
import { CopyableId } from "../../ui/copyable-id.tsx";
import { ErrorReport } from "../../ui/error-panel.tsx";
import { FunctionLink } from "../../ui/function-link.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { PageSkeleton } from "../../ui/page-skeleton.tsx";
import { Section } from "../../ui/section.tsx";
import type { Stat } from "../../ui/stat-strip.tsx";
import { StatStrip } from "../../ui/stat-strip.tsx";
import { Elapsed, TimeAgo } from "../../ui/time.tsx";
import { LogView } from "../logs/log-view.tsx";
import { gpusText, gpusUsage } from "./gpus-text.ts";
import { totalStartMs } from "./stages.ts";
import { StartStages } from "./start-stages.tsx";
import { StopContainer } from "./stop-container.tsx";

export function ContainerPage({ id }: { id: string }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.containers.get.queryOptions(
      { id },
      { refetchInterval: ({ state: { data } }) => (data && !isLiveContainer(data.state) ? false : LIVE_MS) },
    ),
  );
  return (
    <Loaded query={query} skeleton={<PageSkeleton />}>
      {(container) => <ContainerDetail container={container} />}
    </Loaded>
  );
}

function ContainerDetail({ container }: { container: ContainerView }) {
  const { id, state, timings, running, slots } = container;
  const live = isLiveContainer(state);
  const { mayChange } = useRights();
  return (
    <>
      <PageHeader
        crumbs={[{ label: "Containers", href: paths.containers() }]}
        title={<>Container {shortId(id)}</>}
        state={<ContainerBadge state={state} />}
        facts={
          <>
            <FunctionLink app={container.appName} name={container.functionName} />
            <Tag title={`deployment ${container.deploymentVersion}`}>v{container.deploymentVersion}</Tag>
            <Tag title="driver">{container.driver}</Tag>
            <span>
              created <TimeAgo atMs={container.createdAtMs} />
            </span>
            <CopyableId id={id} noun="container" />
          </>
        }
        actions={mayChange && <StopContainer container={container} />}
      />
      {/* A failed start says the same in its error. */}
      {container.reason && container.reason !== container.error?.message && (
        <p className="-mt-2 mb-4 text-ink-soft">{container.reason}</p>
      )}
      <div className="flex flex-col gap-6">
        {container.error && (
          <Section title="Why it failed" padded>
            <ErrorReport error={container.error} />
          </Section>
        )}
        <StatStrip
          label="Live numbers"
          stats={[
            {
              label: "Running inputs",
              value: running,
              note: `of ${slots} slots`,
              tone: running > 0 ? "info" : undefined,
            },
            { label: "CPU", value: formatPercent(container.cpuPercent), note: "of one core" },
            { label: "Memory", value: formatBytes(container.memoryBytes), note: "resident" },
            ...gpuStat(container),
            {
              label: "Cold start",
              value: formatDurationMs(timings && totalStartMs(timings)),
              note: timings ? "asked for to ready" : "not ready yet",
            },
            {
              label: live ? "Age" : "Lived",
              value: <Elapsed fromMs={container.createdAtMs} toMs={container.stoppedAtMs} />,
            },
          ]}
        />
        {timings && (
          <Section title="Start" padded>
            <StartStages timings={timings} />
          </Section>
        )}
        <Section title="Logs">
          <LogView filter={{ containerId: id }} live={live} framed={false} />
        </Section>
      </div>
    </>
  );
}

/** Only of a container that has some. Their names are those that CUDA has for them. */
function gpuStat({ gpus }: ContainerView): Stat[] {
  if (gpus.length === 0) return [];
  const ids = `${gpus.length === 1 ? "device" : "devices"} ${gpus.map(({ id }) => id).join(", ")}`;
  const uses = gpusUsage(gpus);
  return [
    {
      label: "GPU",
      value: gpusText(gpus),
      note: <span className="[overflow-wrap:anywhere]">{uses === null ? ids : `${uses} · ${ids}`}</span>,
      href: paths.gpus(),
    },
  ];
}
