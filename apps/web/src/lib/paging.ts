/** How every list of the console is asked for: a page at a time, the loaded ones again while the screen is shown. */
import type { Page } from "@bellows/protocol/views";
import { keepPreviousData } from "@tanstack/react-query";
import { listIntervalMs } from "./live.ts";

export const PAGE_ROWS = 50;
/** Rows of a list that is only a part of a page. */
export const PREVIEW_ROWS = 8;

export const livePages = {
  getNextPageParam: (page: Page<unknown>) => page.nextCursor ?? undefined,
  refetchInterval: (query: { state: { data: { pages: readonly unknown[] } | undefined } }) =>
    listIntervalMs(query.state.data?.pages.length ?? 0),
  placeholderData: keepPreviousData,
} as const;
