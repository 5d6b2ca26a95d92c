/** What the autoscaler promises, on a real stack: a load that stays, its end, and a container that dies. */
import { setTimeout as delay } from "node:timers/promises";
import type { ContainerView, DecisionView } from "@bellows/protocol/views";
import { createApiClient } from "@bellows/sdk/api-client";
import { expect, it } from "vitest";
import type * as steady from "../fixtures/steady.ts";
import { deployed } from "./deployed.ts";
import { until } from "./stack.ts";

const EVERY_MS = 250;
const RUN_MS = 500;
const SETTLED_AFTER_MS = 10_000;
const LASTS_MS = 25_000;
/** `scaledownWindow` of the fixture. */
const WINDOW_MS = 2_000;
/** Ten times what one takes here. */
const START_MS = 2_000;

const fixture = deployed("steady");

async function decisions(): Promise<DecisionView[]> {
  const { stdout } = await fixture.stack.bellows(["function", "decisions", "steady/work", "-n", "100", "--json"]);
  return JSON.parse(stdout) as DecisionView[];
}

async function readyOf(name: string): Promise<ContainerView[]> {
  const { items } = await createApiClient(fixture.stack).request((api) => api.containers.list.query({}));
  return items.filter(({ functionName, state }) => functionName === name && state === "ready");
}

it("at a constant load the number stays, and it is zero a window after the last input has ended", async () => {
  const work = fixture.bellows.functions.fromName<typeof steady.work>("steady", "work");
  const beganAtMs = Date.now();
  const calls: Promise<void>[] = [];
  for (let atMs = beganAtMs; atMs < beganAtMs + LASTS_MS; atMs += EVERY_MS) {
    await delay(Math.max(0, atMs - Date.now()));
    calls.push(work.remote(RUN_MS));
  }
  const lastCameAtMs = Date.now();
  await Promise.all(calls);
  const endedAtMs = Date.now();
  await until(async () => (await readyOf("work")).length === 0);

  const log = await decisions();
  const settled = log.filter(({ atMs }) => atMs > beganAtMs + SETTLED_AFTER_MS && atMs <= lastCameAtMs);
  // Two run at a time, or three where they overlap; none comes or goes for that. A hiccup of the machine may cost one.
  expect(settled.length).toBeLessThanOrEqual(2);
  for (const { desired } of settled) expect(desired).toBeLessThanOrEqual(4);
  // Never more than what there was to do, or what there were already.
  expect(log.filter(({ desired, queued, running, current }) => desired > Math.max(queued + running, current))).toEqual(
    [],
  );
  const [last] = log;
  expect(last).toMatchObject({ desired: 0 });
  expect(last?.atMs).toBeLessThanOrEqual(endedAtMs + WINDOW_MS + 1_000);
}, 90_000);

it("a container of the minimum that is killed is there again within the time of a start", async () => {
  await until(async () => (await readyOf("kept")).length === 1);
  const [before] = await readyOf("kept");
  process.kill(await fixture.bellows.functions.fromName<typeof steady.kept>("steady", "kept").remote(), "SIGKILL");
  const isThereAgain = async () => (await readyOf("kept")).some(({ id }) => id !== before?.id);
  await until(isThereAgain, START_MS);
  expect(await readyOf("kept")).toHaveLength(1);
}, 60_000);
