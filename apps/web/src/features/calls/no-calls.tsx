import type { FunctionView } from "@bellows/protocol/views";
import { isFinishedApp } from "../../lib/actions.ts";
import { methodName } from "../../lib/format.ts";
import { EmptyState } from "../../ui/empty-state.tsx";

/** `of`: the function whose calls are listed; left out where those of all are. */
export function NoCalls({ of, filtered = false }: { of?: FunctionView | undefined; filtered?: boolean }) {
  if (filtered) return <EmptyState title="No call matches">Take a filter away to see more.</EmptyState>;
  if (of && isFinishedApp(of.appState)) {
    return <EmptyState title="No calls were made">Its app is stopped; nothing calls it any more.</EmptyState>;
  }
  if (of?.settings.kind === "generator") {
    return (
      <EmptyState title="No calls yet">
        A program makes one with remoteGen() and takes the values as they come.
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No calls yet" command={`npx bellows call ${calleeOf(of)} --args '[]'`}>
      Every remote, spawn and map makes a call, and it is listed here from its first input on.
    </EmptyState>
  );
}

function calleeOf(fn: FunctionView | undefined): string {
  return fn ? `${fn.appName} ${methodName(fn.name, fn.settings.methods[0] ?? null)}` : "APP FUNCTION";
}
