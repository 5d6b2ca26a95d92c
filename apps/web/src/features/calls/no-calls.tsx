import { EmptyState } from "../../ui/empty-state.tsx";

export function NoCalls({ call, filtered = false }: { call?: { app: string; function: string }; filtered?: boolean }) {
  if (filtered) return <EmptyState title="No call matches">Take a filter away to see more.</EmptyState>;
  return (
    <EmptyState
      title="No calls yet"
      command={`npx bellows call ${call?.app ?? "APP"} ${call?.function ?? "FUNCTION"} --args '[]'`}
    >
      Every remote, spawn and map makes a call, and it is listed here from its first input on.
    </EmptyState>
  );
}
