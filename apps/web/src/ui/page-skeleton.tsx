import { Panel } from "./section.tsx";
import { RowsSkeleton, Skeleton } from "./skeleton.tsx";

/** A page of one thing before the thing is known. */
export function PageSkeleton() {
  return (
    <div role="status" aria-label="Loading">
      <Skeleton className="mb-2 h-3 w-24" />
      <Skeleton className="mb-5 h-7 w-64" />
      <Skeleton className="mb-5 h-[4.5rem] w-full rounded-lg" />
      <ListSkeleton />
    </div>
  );
}

/** A list before its first page is there. */
export function ListSkeleton() {
  return (
    <Panel>
      <RowsSkeleton />
    </Panel>
  );
}
