import { newId } from "@bellows/protocol/ids";
import { expect, test } from "vitest";
import { CallTable } from "./call-table.ts";
import { retryCall, type StoredCall } from "./retry-call.ts";

const FINISHED: StoredCall = {
  callId: newId(),
  functionId: newId(),
  kind: "spawnMap",
  state: "failed",
  inputCount: 3,
  storedCount: 3,
  counts: { succeeded: 1, failed: 2, cancelled: 0 },
  cancelAsked: false,
  parent: null,
};

/** An engine that has not heard yet of the end of a call, which is stored. */
function setUp(committed: (table: CallTable) => void) {
  const table = new CallTable();
  table.restore(FINISHED, 0);
  const retried: StoredCall[] = [];
  const engine = {
    calls: table,
    intake: { retry: (call: StoredCall) => void retried.push(call) },
    committed: async () => committed(table),
  };
  return { engine, retried };
}

test("a call whose end is stored, but not heard of yet, can be retried", async () => {
  const { engine, retried } = setUp((table) =>
    table.finish(FINISHED.callId, { state: "failed", inputCount: 3, counts: FINISHED.counts }),
  );
  expect(await retryCall(engine, FINISHED, async () => FINISHED)).toEqual({ retried: 2 });
  expect(retried).toEqual([FINISHED]);
});

test("a call that somebody else retries is not retried once more", async () => {
  const { engine, retried } = setUp(() => {});
  const running: StoredCall = { ...FINISHED, state: "running" };
  await expect(retryCall(engine, FINISHED, async () => running)).rejects.toMatchObject({ code: "CONFLICT" });
  expect(retried).toEqual([]);
});
