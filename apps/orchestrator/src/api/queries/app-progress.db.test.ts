import { calls } from "@bellows/db/schema/calls";
import { functions } from "@bellows/db/schema/functions";
import type { CallCounts } from "@bellows/protocol/client-frames";
import { NotFoundError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { eq } from "drizzle-orm";
import { expect, it } from "vitest";
import { NO_STATS } from "../testing-engines.ts";
import { addCall, deployTestApp, finishCall, testStack } from "../testing-stack.ts";

const stack = await testStack();
const { db, verbs, engines } = stack;
const none: CallCounts = { succeeded: 0, failed: 0, cancelled: 0 };

async function oneFunction(name: string) {
  const { appId, functions: made } = await deployTestApp(stack, name, { fn: {} });
  return { appId, functionId: made[0]?.id ?? "" };
}

function stored(id: string, { succeeded, failed, cancelled }: CallCounts) {
  const counts = { succeededCount: succeeded, failedCount: failed, cancelledCount: cancelled };
  return db.update(calls).set(counts).where(eq(calls.id, id));
}

it("adds up every call of the app, however many, those that run as memory knows them", async () => {
  const { appId, functionId } = await oneFunction("counted");
  const other = await oneFunction("other");
  await addCall(stack, other);
  for (let i = 0; i < 150; i++) {
    const id = await addCall(stack, { appId, functionId });
    await stored(id, { ...none, succeeded: 1 });
    await finishCall(stack, id);
  }
  const running = await addCall(stack, { appId, functionId }, { receivedCount: 5, inputCount: null });
  await stored(running, { succeeded: 2, failed: 0, cancelled: 0 });
  const counts = { succeeded: 3, failed: 1, cancelled: 2 };
  const live = { running: [], waiting: [], knownTo: 0 };
  engines.liveCalls.set(running, { ...live, state: "running", counts, receivedCount: 9 });
  await addCall(stack, { appId, functionId }, { receivedCount: 7 });
  expect(await verbs.appProgress(appId)).toEqual({
    unfinished: 2,
    inputs: 150 + 9 + 7,
    counts: { succeeded: 153, failed: 1, cancelled: 2 },
    queued: 0,
    running: 0,
    liveContainers: 0,
  });
});

it("knows what pools run, and is of nothing before there is a call", async () => {
  const { appId, functionId } = await oneFunction("pooled");
  const [base] = await db.select().from(functions).where(eq(functions.id, functionId));
  const poolId = newId();
  if (base) await db.insert(functions).values({ ...base, id: poolId, baseId: functionId, poolKey: "of its own" });
  const containers = { starting: 1, ready: 1, draining: 0 };
  for (const id of [functionId, poolId])
    engines.statsByFunction.set(id, { ...NO_STATS, queued: 3, running: 2, containers });
  const nothing = { unfinished: 0, inputs: 0, counts: none };
  expect(await verbs.appProgress(appId)).toEqual({ ...nothing, queued: 6, running: 4, liveContainers: 4 });
  await expect(verbs.appProgress(newId())).rejects.toThrow(NotFoundError);
});
