"use client";
/** The GPUs of the host: how many of each model, which container has which, and which functions wait for some. */
import { isRealGpu } from "@bellows/protocol/gpus";
import type { GpusView, GpuView, GpuWaitView } from "@bellows/protocol/views";
import { useQuery } from "@tanstack/react-query";
import { formatBytes, formatPercent, NOTHING } from "../../lib/format.ts";
import { LIVE_MS } from "../../lib/live.ts";
import { paths } from "../../lib/paths.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { Tag } from "../../ui/badge.tsx";
import { IdLink } from "../../ui/copyable-id.tsx";
import { EmptyState } from "../../ui/empty-state.tsx";
import { FunctionLink } from "../../ui/function-link.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Panel, Section } from "../../ui/section.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { StatStrip } from "../../ui/stat-strip.tsx";
import type { Column } from "../../ui/table.tsx";
import { Table } from "../../ui/table.tsx";
import { TimeAgo } from "../../ui/time.tsx";
import { modelsOf } from "./gpu-models.ts";
import { SettingsTabs } from "./settings-tabs.tsx";

const MIB = 1024 * 1024;

export function GpusPage() {
  const trpc = useTRPC();
  const query = useQuery(trpc.system.gpus.queryOptions(undefined, { refetchInterval: LIVE_MS }));
  return (
    <>
      <PageHeader title="GPUs" facts={<span>A container gets whole devices, and has them until it ends.</span>} />
      <SettingsTabs />
      <Loaded query={query} skeleton={<RowsSkeleton rows={4} />}>
        {(view) => (view.gpus.length === 0 ? <NoGpus trouble={view.trouble} /> : <Gpus view={view} />)}
      </Loaded>
    </>
  );
}

function NoGpus({ trouble }: Pick<GpusView, "trouble">) {
  return (
    <Panel>
      <EmptyState title={trouble === null ? "This host has no GPU" : "The GPUs of this host are not known"}>
        {trouble ?? "The NVIDIA driver lists none. For tests some can be declared: BELLOWS_GPUS=H100:8,A10G:4."}
      </EmptyState>
    </Panel>
  );
}

function Gpus({ view: { gpus, waiting } }: { view: GpusView }) {
  return (
    <div className="flex flex-col gap-6">
      <StatStrip
        label="In use"
        stats={modelsOf(gpus).map(({ name, total, inUse }) => ({
          label: name,
          value: inUse,
          note: `of ${total} in use`,
          tone: inUse > 0 ? "info" : undefined,
        }))}
      />
      {waiting.length > 0 && (
        <Section title="Waiting" count={waiting.length}>
          <Table
            caption="Functions that wait for GPUs"
            columns={WAITING}
            rows={waiting}
            rowKey={(row) => row.functionId}
          />
        </Section>
      )}
      <Section title="Devices" count={gpus.length}>
        <Table caption="Devices" columns={DEVICES} rows={gpus} rowKey={({ id }) => id} />
      </Section>
    </div>
  );
}

const DEVICES: readonly Column<GpuView>[] = [
  { header: "Model", width: "9rem", cell: ({ name }) => name },
  {
    header: "Device",
    cell: ({ id }) =>
      isRealGpu(id) ? (
        <span className="font-mono text-xs [overflow-wrap:anywhere]">{id}</span>
      ) : (
        <span className="flex items-center gap-2">
          {id} <Tag title="not found on the host, but named in BELLOWS_GPUS">declared</Tag>
        </span>
      ),
  },
  {
    header: "Memory",
    align: "right",
    width: "7rem",
    cell: ({ memoryMiB }) => formatBytes(memoryMiB === null ? null : memoryMiB * MIB),
  },
  {
    header: "Used",
    align: "right",
    width: "7rem",
    cell: ({ usage }) => formatBytes(usage?.memoryUsedMiB == null ? null : usage.memoryUsedMiB * MIB),
  },
  { header: "Busy", align: "right", width: "5rem", cell: ({ usage }) => formatPercent(usage?.busyPercent ?? null) },
  {
    header: "Function",
    wide: true,
    cell: ({ holder }) =>
      holder ? (
        <FunctionLink app={holder.appName} name={holder.functionName} />
      ) : (
        <span className="text-ink-faint">free</span>
      ),
  },
  {
    header: "Container",
    width: "8rem",
    cell: ({ holder }) =>
      holder ? (
        <IdLink id={holder.containerId} noun="container" href={paths.container(holder.containerId)} />
      ) : (
        <span className="text-ink-faint">{NOTHING}</span>
      ),
  },
];

const WAITING: readonly Column<GpuWaitView>[] = [
  {
    header: "Function",
    width: "14rem",
    cell: ({ appName, functionName }) => <FunctionLink app={appName} name={functionName} />,
  },
  { header: "Containers", align: "right", width: "7rem", cell: ({ containers }) => containers },
  { header: "Since", width: "8rem", cell: ({ sinceMs }) => <TimeAgo atMs={sinceMs} /> },
  { header: "Why", wide: true, cell: ({ reason }) => reason },
];
