/** Functions that compete for the declared GPUs of a host, with real containers. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Bellows } from "@bellows/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import type * as gpus from "../fixtures/gpus.ts";
import { type Stack, startStack, until } from "./stack.ts";

let stack: Stack;
let bellows: Bellows;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "bellows-gpus-"));
  stack = await startStack({ env: { BELLOWS_GPUS: "H100:3,A10G:1", BELLOWS_DRIVER: "process" } });
  bellows = new Bellows({ url: stack.url, token: stack.token });
  expect(await stack.bellows(["deploy", "e2e/fixtures/gpus.ts"])).toMatchObject({ code: 0 });
}, 240_000);

afterAll(async () => {
  await bellows?.close();
  expect(await stack?.stop()).toBe(0);
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const single = () => bellows.functions.fromName<typeof gpus.single>("gpus", "single");
const pair = () => bellows.functions.fromName<typeof gpus.pair>("gpus", "pair");

const gpusSchema = z.object({
  gpus: z.array(z.object({ id: z.string(), holder: z.object({ containerId: z.string() }).nullable() })),
});

/** The devices in use, each with its container. */
async function inUse(): Promise<string[]> {
  const { code, stdout } = await stack.bellows(["gpu", "list", "--json"]);
  expect(code).toBe(0);
  const { gpus } = gpusSchema.parse(JSON.parse(stdout));
  return gpus.flatMap(({ id, holder }) => (holder ? [`${id} in ${holder.containerId}`] : []));
}

/** @throws Error when two containers saw one device at a time. */
function expectNoneTwice(sights: readonly gpus.Sight[]): void {
  const uses = sights.flatMap(({ devices, ...sight }) => devices?.split(",").map((id) => ({ id, ...sight })) ?? []);
  for (const [at, one] of uses.entries()) {
    for (const other of uses.slice(at + 1)) {
      const isSame = one.id === other.id && one.containerId !== other.containerId;
      if (isSame && one.fromMs < other.toMs && other.fromMs < one.toMs) {
        throw new Error(`device ${one.id} was seen in ${one.containerId} and in ${other.containerId} at a time`);
      }
    }
  }
}

it("each container sees its own devices, of the model that was asked for", async () => {
  const either = bellows.functions.fromName<typeof gpus.either>("gpus", "either");
  const none = bellows.functions.fromName<typeof gpus.none>("gpus", "none");
  const [one, other] = await Promise.all([either.remote(10), none.remote(10)]);
  expect(one.devices).toBe("3");
  expect(other.devices).toBe("");
}, 60_000);

it("two functions that want more than there is take turns, and no device is in two containers", async () => {
  const times = Array.from({ length: 9 }, () => 400);
  const [singles, pairs] = await Promise.all([single().map(times).toArray(), pair().map(times).toArray()]);
  expect(new Set(pairs.map(({ devices }) => devices?.split(",").length))).toEqual(new Set([2]));
  expect(new Set(singles.map(({ devices }) => devices?.split(",").length))).toEqual(new Set([1]));
  expectNoneTwice([...singles, ...pairs]);
  await until(async () => (await inUse()).length === 0);
}, 120_000);

it("while there is no device for it, an input waits, and its call says for what", async () => {
  const gate = join(folder, "waits");
  const holding = [await single().spawn(0, gate), await single().spawn(0, gate)];
  await until(async () => (await inUse()).length === 2);
  const waiting = await pair().spawn(10);
  const why = "waiting for a GPU: wants H100:2; 2 of 3 are in use";
  await until(async () => (await stack.bellows(["call", "show", waiting.id])).stdout.includes(why));
  await writeFile(gate, "");
  expect((await waiting.get()).devices).toMatch(/^\d,\d$/);
  for (const call of holding) expect((await call.get()).devices).toMatch(/^\d$/);
}, 60_000);

it("after the orchestrator's death containers keep their devices, and nobody else gets them", async () => {
  const gate = join(folder, "outlives");
  const held = [await single().spawn(0, gate), await single().spawn(0, gate)];
  await until(async () => (await inUse()).length === 2);
  const before = await inUse();
  process.kill(await stack.pidOf("orchestrator"), "SIGKILL");
  await stack.ready();
  expect(await inUse()).toEqual(before);
  const wants = pair().remote(10);
  await writeFile(gate, "");
  const sights = [await wants, ...(await Promise.all(held.map((call) => call.get())))];
  expectNoneTwice(sights);
}, 60_000);

it("what the host can never give is refused when it is deployed", async () => {
  const { code, stderr } = await stack.bellows(["deploy", "e2e/fixtures/unserved.ts"]);
  expect(code).toBe(1);
  expect(stderr).toContain(
    'function "draw", option gpu: this host has no H200; it has H100:3, A10G:1; ask for what it',
  );
}, 60_000);
