import { EmptyState } from "../../ui/empty-state.tsx";

export function NoContainers({ filtered = false }: { filtered?: boolean }) {
  if (filtered) return <EmptyState title="No container matches">Take a filter away to see more.</EmptyState>;
  return (
    <EmptyState title="Nothing is running">
      Containers start when there is work and stop when it is done. Make a call, and watch them come and go.
    </EmptyState>
  );
}
