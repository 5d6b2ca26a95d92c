"use client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "next/navigation";
import { livePages, PAGE_ROWS } from "../../lib/paging.ts";
import { paths } from "../../lib/paths.ts";
import { replaceUrl } from "../../lib/replace-url.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { Panel } from "../../ui/section.tsx";
import { AppsTable } from "./apps-table.tsx";

export function AppsPage() {
  const trpc = useTRPC();
  const stopped = useSearchParams().get("state") === "stopped";
  const query = useInfiniteQuery(
    trpc.apps.list.infiniteQueryOptions({ limit: PAGE_ROWS, includeStopped: stopped }, livePages),
  );
  return (
    <>
      <PageHeader
        title="Apps"
        actions={
          <label className="flex items-center gap-2 text-ink-soft">
            <input
              type="checkbox"
              checked={stopped}
              onChange={({ target }) => replaceUrl(paths.apps({ state: target.checked ? "stopped" : undefined }))}
            />
            Show stopped ones, too
          </label>
        }
      />
      <Panel>
        <AppsTable query={query} />
      </Panel>
    </>
  );
}
