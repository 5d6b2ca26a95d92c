/**
 * Links that are cut, agents that come back unnoticed, containers that end, orchestrators that are replaced: at random,
 * under load. The seed gives the order of the disturbances; when each falls is up to real sockets and a real Postgres.
 */
import { calls } from "@bellows/db/schema/calls";
import { outputs } from "@bellows/db/schema/outputs";
import type { CallKind } from "@bellows/protocol/states";
import { count, eq } from "drizzle-orm";
import { afterEach, expect, test } from "vitest";
import { randomOf } from "../core/seeded-random.ts";
import type { TestFunction } from "../journal/test-function.ts";
import { close, inputs, open, type TestClient } from "../testing-client.ts";
import { type TestOrchestrator, testWorld } from "../testing-world.ts";

const world = await testWorld();
const { driver } = world;
const CALLS = 6;
const CHUNKS = 4;
const CHUNK_INPUTS = 15;
const INPUTS = CHUNKS * CHUNK_INPUTS;

afterEach(() => {
  driver.endAll();
});

/** A client as the SDK is one: after a cut it says everything again that may have been lost. */
class Caller {
  readonly opening: ReturnType<typeof open>;
  readonly seen = new Set<number>();
  client: TestClient | undefined;
  /** Answers to reads that were looked at on this link. */
  pages = 0;
  finished = false;
  refused: string | undefined;

  constructor(fn: TestFunction, kind: CallKind) {
    this.opening = open(fn, kind);
  }

  async connect(orchestrator: TestOrchestrator): Promise<void> {
    const resume = this.client !== undefined;
    this.hear();
    this.client?.cut();
    this.pages = 0;
    this.client = await orchestrator.client();
    const { callId } = this.opening;
    this.client.send({ ...this.opening, resume });
    for (let chunk = 0; chunk < CHUNKS; chunk++) this.client.send(inputs(callId, chunk * CHUNK_INPUTS, CHUNK_INPUTS));
    this.client.send(close(callId, INPUTS));
    const fromIndex = this.lowestMissing();
    if (this.opening.kind === "map") this.client.send({ type: "watch", callId, fromIndex });
    else this.client.read(callId, fromIndex);
  }

  hear(): void {
    const { callId } = this.opening;
    for (const [index] of this.client?.outputs(callId) ?? []) this.seen.add(index);
    this.finished ||= (this.client?.of("finished", callId).length ?? 0) > 0;
    for (const page of this.client?.of("page").slice(this.pages) ?? []) {
      this.pages += 1;
      for (const [index] of page.outputs) this.seen.add(index);
      this.finished ||= page.end !== null && this.seen.size === INPUTS;
      if (!this.finished) this.client?.read(callId, this.lowestMissing());
    }
    this.refused ??= this.client?.of("refused", callId)[0]?.error.message;
  }

  private lowestMissing(): number {
    let index = 0;
    while (this.seen.has(index)) index += 1;
    return index;
  }
}

test.each([1, 2, 3])("every input has one output and every caller has all of them, seed %i", async (seed) => {
  const { next: random, pick } = randomOf(seed);
  const fn = await world.deploy({ maxContainers: 5, concurrent: { maxInputs: 2 } });
  driver.slots = 2;
  driver.answer = () => undefined;
  let orchestrator = await world.start();
  const callers = Array.from({ length: CALLS }, (_, at) => new Caller(fn, at % 2 === 0 ? "map" : "spawnMap"));
  await Promise.all(callers.map((caller) => caller.connect(orchestrator)));

  async function disturb(): Promise<void> {
    const [agent, caller, dice] = [pick(driver.of(fn.functionId)), pick(callers), random()];
    if (dice < 0.02) {
      await orchestrator.kill();
      orchestrator = await world.start([fn.functionId]);
      for (const found of driver.of(fn.functionId)) found.connect();
      for (const each of callers) await each.connect(orchestrator);
    } else if (dice < 0.12) await caller?.connect(orchestrator);
    else if (dice < 0.2) agent?.connect();
    else if (dice < 0.28 && agent) {
      agent.cut();
      agent.connect();
    } else if (dice < 0.3 && agent) driver.exit(agent.containerId, null);
  }

  let disturbances = 120;
  const deadlineMs = Date.now() + 20_000;
  for (;;) {
    for (const agent of driver.of(fn.functionId)) {
      for (const item of agent.held.slice(0, driver.slots)) if (random() < 0.5) agent.end(item, item[3]);
    }
    if (disturbances-- > 0) await disturb();
    await new Promise((resolve) => setImmediate(resolve));
    for (const caller of callers) caller.hear();
    if (callers.every(({ finished }) => finished)) break;
    if (Date.now() > deadlineMs) break;
  }
  for (const { seen, refused, finished } of callers) {
    expect({ refused, finished, missing: INPUTS - seen.size }).toEqual({
      refused: undefined,
      finished: true,
      missing: 0,
    });
  }
  await new Promise<void>((resolve) => orchestrator.journal.barrier(resolve));
  for (const { opening } of callers) {
    const [stored] = await world.database.db
      .select({ outputs: count() })
      .from(outputs)
      .where(eq(outputs.callId, opening.callId));
    const [call] = await world.database.db.select().from(calls).where(eq(calls.id, opening.callId));
    expect(stored).toEqual({ outputs: INPUTS });
    expect(call).toMatchObject({ state: "succeeded", succeededCount: INPUTS, failedCount: 0, cancelledCount: 0 });
  }
  expect(world.errors.splice(0)).toEqual([]);
  for (const { client } of callers) client?.cut();
  await orchestrator.kill();
});
