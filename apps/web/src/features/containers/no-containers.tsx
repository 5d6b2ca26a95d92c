import { EmptyState } from "../../ui/empty-state.tsx";

/** `gone`: those that are gone are listed, too. */
export function NoContainers({ filtered = false, gone = false }: { filtered?: boolean; gone?: boolean }) {
  if (filtered) return <EmptyState title="No container matches">Take a filter away to see more.</EmptyState>;
  return (
    <EmptyState title={gone ? "No container has started yet" : "Nothing is running"}>
      Containers start when there is work, and stop when there is none.
    </EmptyState>
  );
}
