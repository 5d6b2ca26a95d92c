"use client";
/** What was built for containers: the newest build of each image, live while one runs. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { livePages, PAGE_ROWS } from "../../lib/paging.ts";
import { useTRPC } from "../../lib/trpc.ts";
import { PageHeader } from "../../ui/page-header.tsx";
import { Panel } from "../../ui/section.tsx";
import { ImagesTable } from "./images-table.tsx";

export function ImagesPage() {
  const trpc = useTRPC();
  const query = useInfiniteQuery(trpc.images.list.infiniteQueryOptions({ limit: PAGE_ROWS }, livePages));
  return (
    <>
      <PageHeader title="Images" facts={<span>Equal images are built once, and shared by all functions.</span>} />
      <Panel>
        <ImagesTable query={query} />
      </Panel>
    </>
  );
}
