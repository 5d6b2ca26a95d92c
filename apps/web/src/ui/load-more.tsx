import { Button } from "./button.tsx";

/** The end of a page of a list: how much is shown, and the next page when there is one. */
export function LoadMore({
  shown,
  noun,
  hasMore,
  loading,
  onMore,
}: {
  shown: number;
  noun: string;
  hasMore: boolean;
  loading: boolean;
  onMore: () => void;
}) {
  if (!hasMore) return null;
  return (
    <div className="flex items-center justify-between gap-3 border-line border-t px-3 py-2 text-ink-faint text-xs">
      <span className="tabular-nums">
        {shown.toLocaleString("en")} {noun} shown
      </span>
      <Button onClick={onMore} disabled={loading}>
        {loading ? "Loading…" : "Load more"}
      </Button>
    </div>
  );
}
