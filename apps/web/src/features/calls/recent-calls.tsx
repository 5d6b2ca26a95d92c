"use client";
/** The newest calls of something, as a part of its page. */
import type { FunctionView } from "@bellows/protocol/views";
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
  of,
}: {
  filter: { appId?: string; functionId?: string };
  /** Where all of them are listed. */
  more: string;
  /** The function whose calls these are, where they are of one. */
  of?: FunctionView;
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
      <CallsTable query={{ ...query, hasNextPage: false }} of={of} empty={<NoCalls of={of} />} />
    </Section>
  );
}
