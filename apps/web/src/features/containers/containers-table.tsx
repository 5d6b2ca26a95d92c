import type { ContainerView } from "@bellows/protocol/views";
import type { ReactNode } from "react";
import { formatBytes, formatPercent, NOTHING } from "../../lib/format.ts";
import { paths } from "../../lib/paths.ts";
import { ContainerBadge } from "../../lib/status.tsx";
import { IdLink } from "../../ui/copyable-id.tsx";
import { FunctionLink } from "../../ui/function-link.tsx";
import type { PagedQuery } from "../../ui/paged-table.tsx";
import { PagedTable } from "../../ui/paged-table.tsx";
import type { Column } from "../../ui/table.tsx";
import { Elapsed } from "../../ui/time.tsx";
import { gpusText } from "./gpus-text.ts";
import { StartTime } from "./start-stages.tsx";

const CONTAINER: Column<ContainerView> = {
  header: "Container",
  width: "8rem",
  cell: ({ id }) => <IdLink id={id} noun="container" href={paths.container(id)} />,
};

const FUNCTION: Column<ContainerView> = {
  header: "Function",
  wide: true,
  cell: ({ appName, functionName }) => <FunctionLink app={appName} name={functionName} />,
};

const REST: readonly Column<ContainerView>[] = [
  { header: "State", width: "8rem", cell: ({ state }) => <ContainerBadge state={state} /> },
  {
    header: "Running",
    align: "right",
    width: "6rem",
    cell: ({ running, slots }) => (
      <>
        {running}
        <span className="text-ink-faint"> / {slots}</span>
      </>
    ),
  },
  {
    header: "Cold start",
    align: "right",
    width: "7rem",
    cell: (container) => <StartTime container={container} />,
  },
  { header: "CPU", align: "right", width: "6rem", cell: ({ cpuPercent }) => formatPercent(cpuPercent) },
  { header: "Memory", align: "right", width: "6rem", cell: ({ memoryBytes }) => formatBytes(memoryBytes) },
  { header: "GPU", align: "right", width: "6rem", cell: ({ gpus }) => gpusText(gpus) || NOTHING },
  {
    header: "Age",
    align: "right",
    width: "6.5rem",
    cell: ({ createdAtMs, stoppedAtMs }) => <Elapsed fromMs={createdAtMs} toMs={stoppedAtMs} />,
  },
];

const COLUMNS = [CONTAINER, FUNCTION, ...REST];
const COLUMNS_OF_ONE_FUNCTION = [CONTAINER, ...REST];

export function ContainersTable({
  query,
  ofOneFunction = false,
  empty,
}: {
  query: PagedQuery<ContainerView>;
  ofOneFunction?: boolean;
  empty: ReactNode;
}) {
  return (
    <PagedTable
      query={query}
      caption="Containers"
      noun="containers"
      columns={ofOneFunction ? COLUMNS_OF_ONE_FUNCTION : COLUMNS}
      rowKey={({ id }) => id}
      empty={empty}
    />
  );
}
