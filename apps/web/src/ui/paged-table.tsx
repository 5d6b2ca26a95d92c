/** A list that comes in pages: rows, a shape while the first page is on its way, what to do when there are none. */
import type { Page } from "@bellows/protocol/views";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { LoadMore } from "./load-more.tsx";
import { Loaded } from "./loaded.tsx";
import { RowsSkeleton } from "./skeleton.tsx";
import type { Column } from "./table.tsx";
import { Table } from "./table.tsx";

export type PagedQuery<Row> = Pick<
  UseInfiniteQueryResult<InfiniteData<Page<Row>>, unknown>,
  "data" | "error" | "hasNextPage" | "isFetchingNextPage" | "fetchNextPage"
>;

export function PagedTable<Row>({
  query,
  caption,
  noun,
  columns,
  rowKey,
  empty,
}: {
  query: PagedQuery<Row>;
  caption: string;
  noun: string;
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  empty: ReactNode;
}) {
  return (
    <Loaded query={query} skeleton={<RowsSkeleton />}>
      {({ pages }) => {
        const rows = distinct(pages, rowKey);
        if (rows.length === 0) return empty;
        return (
          <>
            <Table caption={caption} columns={columns} rows={rows} rowKey={rowKey} />
            <LoadMore
              shown={rows.length}
              noun={noun}
              hasMore={query.hasNextPage}
              loading={query.isFetchingNextPage}
              onMore={() => void query.fetchNextPage()}
            />
          </>
        );
      }}
    </Loaded>
  );
}

/** Pages are asked for one after the other, so a row that moved meanwhile may be on two of them. */
function distinct<Row>(pages: readonly Page<Row>[], rowKey: (row: Row) => string): Row[] {
  return [...new Map(pages.flatMap(({ items }) => items).map((row) => [rowKey(row), row])).values()];
}
