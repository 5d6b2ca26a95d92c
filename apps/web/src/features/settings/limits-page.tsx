"use client";
/** The limits of this environment: what holds, what the default is, and between which bounds it may be set. */
import { useQuery } from "@tanstack/react-query";
import { CALM_MS } from "../../lib/live.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { useRights } from "../../lib/use-rights.ts";
import { Tag } from "../../ui/badge.tsx";
import { Loaded } from "../../ui/loaded.tsx";
import { PageHeader } from "../../ui/page-header.tsx";
import { Panel } from "../../ui/section.tsx";
import { RowsSkeleton } from "../../ui/skeleton.tsx";
import { LimitRow } from "./limit-row.tsx";
import { LIMIT_NAMES } from "./limit-texts.ts";
import { SettingsTabs } from "./settings-tabs.tsx";

export function LimitsPage() {
  const trpc = useTRPC();
  const { mayAdminister } = useRights();
  const query = useQuery(trpc.limits.get.queryOptions({}, { refetchInterval: CALM_MS }));
  return (
    <>
      <PageHeader
        title="Limits"
        facts={
          <>
            {query.data && (
              <span className="flex items-center gap-1.5">
                of environment <Tag>{query.data.environment}</Tag>
              </span>
            )}
            <span>Errors name a limit as it is named here, and say when to try again.</span>
            {!mayAdminister && <span>Owners and admins may change them.</span>}
          </>
        }
      />
      <SettingsTabs />
      <Panel>
        <Loaded query={query} skeleton={<RowsSkeleton rows={LIMIT_NAMES.length} />}>
          {(view) => (
            <ul className="divide-y divide-line">
              {LIMIT_NAMES.map((name) => (
                <LimitRow key={name} name={name} view={view} editable={mayAdminister} />
              ))}
            </ul>
          )}
        </Loaded>
      </Panel>
    </>
  );
}
