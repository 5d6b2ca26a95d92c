/** The decision log: newest first, page by page, of a range of time, of one function. */
import { decisions } from "@bellows/db/schema/decisions";
import { newId } from "@bellows/protocol/ids";
import type { DecisionView } from "@bellows/protocol/views";
import { expect, test } from "vitest";
import { testStack } from "../testing-stack.ts";

const { db, verbs, now } = await testStack();
const functionId = newId();

/** Written a little later than decided, as the journal does. */
function decision(atMs: number, desired: number): DecisionView {
  return {
    id: newId(atMs + 40),
    atMs,
    desired,
    current: desired - 1,
    queued: 3,
    running: 1,
    cappedBy: desired === 5 ? "maxContainers" : null,
    reason: `wanted ${desired}`,
  };
}

const startMs = now() - 60_000;
const made = [1, 2, 3, 4, 5].map((n) => decision(startMs + n * 1_000, n));
await db.insert(decisions).values(made.map((row) => ({ ...row, functionId })));
await db.insert(decisions).values({ ...decision(startMs, 9), functionId: newId() });

test("are listed newest first, each in full, and of no other function", async () => {
  expect(await verbs.listDecisions({ functionId }, { limit: 10 })).toEqual({
    items: made.toReversed(),
    nextCursor: null,
  });
});

test("come in pages", async () => {
  const first = await verbs.listDecisions({ functionId }, { limit: 2 });
  const second = await verbs.listDecisions({ functionId }, { limit: 2, cursor: first.nextCursor ?? "" });
  const third = await verbs.listDecisions({ functionId }, { limit: 2, cursor: second.nextCursor ?? "" });
  expect([first, second, third].map(({ items }) => items.map(({ desired }) => desired))).toEqual([[5, 4], [3, 2], [1]]);
  expect(third.nextCursor).toBeNull();
});

test("from a time on, and up to one, by when they were decided", async () => {
  const desired = async (range: { fromMs?: number; toMs?: number }): Promise<number[]> =>
    (await verbs.listDecisions({ functionId, ...range }, { limit: 10 })).items.map((item) => item.desired);
  expect(await desired({ fromMs: startMs + 2_000 })).toEqual([5, 4, 3, 2]);
  expect(await desired({ fromMs: startMs + 2_010 })).toEqual([5, 4, 3]);
  expect(await desired({ toMs: startMs + 3_000 })).toEqual([2, 1]);
  expect(await desired({ toMs: startMs + 3_001 })).toEqual([3, 2, 1]);
  expect(await desired({ fromMs: startMs + 2_000, toMs: startMs + 3_000 })).toEqual([2]);
});
