"use client";
/** The newest calls of something, as a part of its page. */
import { useInfiniteQuery } from "@tanstack/react-query";
import Link from "next/link";
import { livePages, PREVIEW_ROWS } from "../../lib/paging.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { Section } from "../../ui/section.tsx";
import { CallsTable } from "./calls-table.tsx";
import { NoCalls } from "./no-calls.tsx";

export function RecentCalls({
  filter,
  more,
  ofOneFunction = false,
  call,
}: {
  filter: { appId?: string; functionId?: string };
  /** Where all of them are listed. */
  more: string;
  ofOneFunction?: boolean;
  /** The function to call in the example of an empty list. */
  call?: { app: string; function: string };
}) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(trpc.calls.list.infiniteQueryOptions({ ...filter, limit: PREVIEW_ROWS }, livePages));
  return (
    <Section
      title="Recent calls"
      actions={
        <Link href={more} className="link">
          All calls
        </Link>
      }
    >
      <CallsTable
        query={{ ...query, hasNextPage: false }}
        ofOneFunction={ofOneFunction}
        empty={<NoCalls {...(call ? { call } : {})} />}
      />
    </Section>
  );
}
