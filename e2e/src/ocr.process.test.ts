/** The main job on real input: pages of text read by tesseract.js, with the orchestrator killed in the middle. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { call, containers, expectEveryInputOnce, newestCallId, readyContainerIds } from "./look.ts";
import { resultOf, type Stack, startStack, until } from "./stack.ts";

const PAGES = 24;
const MAX_CONTAINERS = 4;
let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
}, 240_000);

afterAll(async () => {
  expect(await stack?.stop()).toBe(0);
}, 60_000);

it("kill -9 of the orchestrator during a map: its containers live on, every page has one output, none is left behind", async () => {
  const child = stack.spawnBellows(["run", "examples/ocr/ocr.ts"]);
  const result = resultOf(child);
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  let stdout = "";
  child.stdout?.on("data", (text: string) => {
    stdout += text;
  });
  let before: string[] = [];
  await until(async () => {
    if (isOver()) return true;
    if (/^page/m.test(stdout)) before = await readyContainerIds(stack);
    return before.length > 1;
  }, 120_000);
  expect(before.length).toBeGreaterThan(1);
  expect(before.length).toBeLessThanOrEqual(MAX_CONTAINERS);
  const killed = await stack.pidOf("orchestrator");
  process.kill(killed, "SIGKILL");

  // The next orchestrator lists them while the map still runs: they were adopted, not started anew.
  let after: string[] = [];
  await until(async () => {
    after = await containers(stack).then(
      (found) => found.map(({ id }) => id),
      () => [],
    );
    return after.length > 0 || isOver();
  }, 60_000);
  expect(isOver()).toBe(false);
  expect(after).toEqual(expect.arrayContaining(before));
  expect(await stack.pidOf("orchestrator")).not.toBe(killed);

  const { code, stdout: all, stderr } = await result;
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  expect(all.match(/^page \d\d/gm)).toEqual(
    Array.from({ length: PAGES }, (_, page) => `page ${String(page + 1).padStart(2, "0")}`),
  );

  const callId = await newestCallId(stack);
  await until(async () => (await call(stack, callId)).state !== "running");
  await expectEveryInputOnce(stack, callId, PAGES);
  await until(async () => (await containers(stack)).length === 0);
}, 300_000);
