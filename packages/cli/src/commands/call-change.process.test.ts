/** What `call cancel` and `call retry` say of very many calls, and of a bulk verb that had to stop. */
import type { CallView } from "@bellows/protocol/call-views";
import type { Page } from "@bellows/protocol/views";
import { expect, test } from "vitest";
import { apiServer } from "../testing/api-server.ts";
import { someCall } from "../testing/call-view.ts";
import { bellows } from "../testing/cli.ts";

const FAILED = 1;
const WRONG_USAGE = 2;
const limit = { code: "LIMIT_EXCEEDED", message: "1,000,000 inputs wait already; try again in 5 s", details: {} };

/** `calls.list` over these, whose cursor is an index. */
function listing(calls: readonly CallView[]) {
  return ({ state, kind, cursor = "0", limit: rows }: Record<string, unknown>): Page<CallView> => {
    const fit = calls.filter((call) => (kind ?? call.kind) === call.kind && (state ?? call.state) === call.state);
    const end = Number(cursor) + Number(rows);
    return { items: fit.slice(Number(cursor), end), nextCursor: end < fit.length ? String(end) : null };
  };
}

function many(count: number, changes: Partial<CallView>): CallView[] {
  return Array.from({ length: count }, () => someCall({ state: "failed", ...changes }));
}

test.each([
  [
    "sync calls, which nobody can retry, hide none",
    [...many(1_500, { kind: "remote" }), ...many(3, { kind: "spawn" })],
    "3 calls",
  ],
  [
    "calls of what is not deployed do not count",
    [...many(4, { kind: "spawn", deployed: false }), ...many(1, { kind: "spawnMap" })],
    "1 call",
  ],
  ["600 and 700 are 1300", [...many(600, { kind: "spawn" }), ...many(700, { kind: "spawnMap" })], "1300 calls"],
  ["1,000 are 1,000", many(1_000, { kind: "spawn" }), "1000 calls"],
  ["not all are counted", many(1_001, { kind: "spawn" }), "1000 or more calls"],
])("the question before a retry says how many: %s", async (_what, calls, said) => {
  const { env } = await apiServer({ "calls.list": listing(calls) });
  const { exitCode, stderr } = await bellows(["call", "retry", "--all"], { env });
  expect(stderr).toContain(`retry ${said}? nobody can be asked here`);
  expect(exitCode).toBe(WRONG_USAGE);
});

test("nothing that fits is no question", async () => {
  const { env } = await apiServer({ "calls.list": listing(many(3, { kind: "map" })) });
  expect(await bellows(["call", "retry", "--all"], { env })).toEqual({
    exitCode: 0,
    stdout: "no call fits\n",
    stderr: "",
  });
});

test.each([
  ["retry", "calls.retryMany", "2 of 3 calls are running again"],
  ["cancel", "calls.cancelMany", "2 of 3 calls are being cancelled"],
])("%s that had to stop says what it did, and then why it failed", async (verb, procedure, counts) => {
  const result = { matched: 3, changed: 2, stoppedBy: limit };
  const { env } = await apiServer({ [procedure]: () => result });
  const text = await bellows(["call", verb, "--all", "--yes"], { env });
  expect(text).toMatchObject({ exitCode: FAILED, stderr: `error: ${limit.message}\n` });
  expect(text.stdout).toBe(`${counts}; the others were left as they are, and the same command asks them again\n`);
  const json = await bellows(["call", verb, "--all", "--yes", "--json"], { env });
  expect(json).toMatchObject({ exitCode: FAILED, stderr: "" });
  expect(JSON.parse(json.stdout)).toEqual(result);
});
