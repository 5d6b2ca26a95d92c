import { ConflictError, errorData, LimitExceededError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import type { CallKind, CallState } from "@bellows/protocol/states";
import { expect, it } from "vitest";
import { cancelCalls, retryCalls } from "./bulk-verbs.ts";
import { getCall } from "./queries/calls.ts";
import { addCall, deployTestApp, testStack } from "./testing-stack.ts";

const stack = await testStack();
const { engines, db, pool } = stack;
const signal = undefined;

async function appOfItsOwn(name: string) {
  const { appId, functions } = await deployTestApp(stack, name, { fn: {} });
  const target = { appId, functionId: functions[0]?.id ?? "" };
  return { appId, add: (state: CallState, kind: CallKind = "spawn") => addCall(stack, target, { state, kind }) };
}

it("cancels every running call that fits, each once, over many pages", async () => {
  const { appId, add } = await appOfItsOwn("many");
  const running: string[] = [];
  for (let i = 0; i < 230; i++) running.push(await add("running"));
  await add("succeeded");
  await add("failed");
  engines.told.cancelled.length = 0;
  expect(await cancelCalls(stack, { appId }, signal)).toEqual({ matched: 230, changed: 230 });
  expect(engines.told.cancelled.toSorted()).toEqual(running.toSorted());
  expect(await cancelCalls(stack, { appId, state: "failed" }, signal)).toEqual({ matched: 0, changed: 0 });
});

it("asks nothing of a call that is ending already", async () => {
  const { appId, add } = await appOfItsOwn("ending");
  const id = await add("running");
  await pool.query("update calls set cancel_asked_at_ms = 1 where id = $1", [id]);
  expect(await cancelCalls(stack, { appId }, signal)).toEqual({ matched: 1, changed: 0 });
  expect(engines.told.cancelled).not.toContain(id);
});

it("retries what is retried call by call, and counts the calls that have something to retry", async () => {
  const { appId, add } = await appOfItsOwn("again");
  const failed = await add("failed");
  const cancelled = await add("cancelled", "spawnMap");
  const nothing = await add("failed");
  for (const kind of ["remote", "map", "remoteGen"] as const) await add("failed", kind);
  await add("succeeded");
  await add("running");
  engines.retryable.set(failed, 1).set(cancelled, 3);
  engines.told.retried.length = 0;
  expect(await retryCalls(stack, { appId }, signal)).toEqual({ matched: 3, changed: 2 });
  expect(engines.told.retried.toSorted()).toEqual([failed, cancelled, nothing].toSorted());
  expect(await retryCalls(stack, { appId, kind: "spawnMap" }, signal)).toEqual({ matched: 1, changed: 1 });
});

it("does not ask for calls of what is not deployed any more: nothing can run them", async () => {
  const { appId, add } = await appOfItsOwn("ended");
  const id = await add("failed");
  engines.retryable.set(id, 1);
  await pool.query("update apps set state = 'stopped' where id = $1", [appId]);
  expect(await getCall({ ...stack, now: Date.now, retentionMs: 1 }, id)).toMatchObject({ deployed: false });
  expect(await retryCalls(stack, { appId }, signal)).toEqual({ matched: 0, changed: 0 });
  await pool.query("update apps set state = 'deployed' where id = $1", [appId]);
  expect(await retryCalls(stack, { appId }, signal)).toEqual({ matched: 1, changed: 1 });
});

it("goes on past a call that has changed meanwhile", async () => {
  const { appId, add } = await appOfItsOwn("raced");
  const [a] = [await add("failed"), await add("failed")];
  const raced = {
    db,
    engines: {
      ...engines,
      retryCall: async (id: string) => {
        if (id === a) throw new ConflictError("it is running");
        return { retried: 1 };
      },
    },
  };
  expect(await retryCalls(raced, { appId }, signal)).toEqual({ matched: 2, changed: 1 });
});

it("ends at a refusal, and tells it beside what was changed by then", async () => {
  const { appId, add } = await appOfItsOwn("refused");
  const ids: string[] = [];
  for (let i = 0; i < 150; i++) ids.push(await add("failed"));
  const newest = new Set(ids.slice(-100));
  const refusal = new LimitExceededError("too many inputs wait", { details: { limit: "waitingInputs" } });
  let answered = 0;
  const full = {
    db,
    engines: {
      ...engines,
      retryCall: async (id: string) => {
        expect(newest).toContain(id);
        if (id === ids.at(-1)) throw refusal;
        await new Promise(setImmediate);
        answered += 1;
        return { retried: 1 };
      },
    },
  };
  const result = await retryCalls(full, { appId }, signal);
  expect(result).toEqual({
    matched: 100,
    changed: 99,
    stoppedBy: { ...errorData(refusal), stack: undefined },
  });
  expect(answered).toBe(99);
});

it("ends between two pages when nobody waits for it any more", async () => {
  const { appId, add } = await appOfItsOwn("left");
  await add("running");
  await expect(cancelCalls(stack, { appId }, AbortSignal.abort(new Error("left")))).rejects.toThrow("left");
  expect(await cancelCalls(stack, { appId, search: newId() }, signal)).toEqual({ matched: 0, changed: 0 });
});
