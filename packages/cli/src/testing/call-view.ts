/** A call as the API shows it, for what renders one. */
import type { CallView } from "@bellows/protocol/call-views";
import { newId } from "@bellows/protocol/ids";

export function someCall(changes: Partial<CallView>): CallView {
  return {
    id: newId(),
    functionId: newId(),
    functionName: "fn",
    method: null,
    appId: newId(),
    appName: "app",
    kind: "remote",
    state: "succeeded",
    inputCount: 1,
    receivedCount: 1,
    counts: { succeeded: 1, failed: 0, cancelled: 0 },
    parent: null,
    cancelAsked: false,
    waitReason: null,
    deployed: true,
    createdAtMs: 1,
    finishedAtMs: 2,
    ...changes,
  };
}
