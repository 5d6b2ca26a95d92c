/** The shape of what is about to come, at its size, so that nothing jumps when it does. */
export function Skeleton({ className = "h-4 w-32" }: { className?: string }) {
  return <span aria-hidden className={`skeleton block rounded bg-line ${className}`} />;
}

export function RowsSkeleton({ rows = 4 }: { rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="divide-y divide-line">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
        <div key={row} className="flex items-center gap-6 px-3 py-3">
          <Skeleton className="h-3 w-40" />
          <Skeleton className="h-3 w-20" />
          <Skeleton className="ml-auto hidden h-3 w-16 md:block" />
        </div>
      ))}
    </div>
  );
}
