/** What a worker promises its agent, in whatever language: each of them passes this suite. */
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentHarness } from "../testing/agent-harness.ts";
import { sameAttempt } from "../testing/link-server.ts";
import { nodePrograms } from "../testing/node-programs.ts";
import { untilGone } from "../testing/processes.ts";
import type { Programs } from "../testing/programs.ts";
import { pythonPrograms } from "../testing/python-programs.ts";

const harness = new AgentHarness();
beforeAll(() => harness.start());
afterAll(() => harness.stop());

type Assigned = Partial<Parameters<AgentHarness["started"]>[0]>;

const LANGUAGES: Programs[] = [nodePrograms, pythonPrograms("def"), pythonPrograms("async def")];

describe.each(LANGUAGES)("a worker of $language", (programs) => {
  const ready = (program: string, assigned: Assigned = {}) =>
    harness.started({ ...programs.bundle(program, harness.server), ...assigned });
  const failed = async (program: string, assigned: Assigned = {}) => {
    const started = harness.launch({ ...programs.bundle(program, harness.server), ...assigned });
    return { ...started, error: (await started.agent.frame("startFailed")).error };
  };

  it("runs inputs in order", async () => {
    const { agent } = await ready(programs.add);
    const ends = await Promise.all(agent.run([1, 2], [3, 4], ["x", "y"]).map((ref) => agent.ended(ref)));
    expect(ends.map(({ status, value }) => [status, value])).toEqual([
      [OUTPUT_STATUS.succeeded, 3],
      [OUTPUT_STATUS.succeeded, 7],
      [OUTPUT_STATUS.succeeded, "xy"],
    ]);
    expect((await agent.frame("ready")).timings.bootMs).toBeGreaterThan(0);
  });

  it("hands values through as they are", async () => {
    const { agent } = await ready(programs.echo);
    const shared = { name: "shared" };
    const cycle: Record<string, unknown> = { n: 1 };
    cycle.self = cycle;
    const values = [
      null,
      [0, 63, 64, 127, 255, 65_536, 2 ** 32, Date.now(), -1, -33, -40_000, -(2 ** 40), 1.5, Number.NaN, 1e300],
      ["", "é".repeat(300), "😀".repeat(20_000)],
      [2n ** 63n, -(2n ** 300n), true, false],
      [new Date(1_700_000_000_000), new Date(1_700_000_000_123), new Date(-5)],
      new Map<unknown, unknown>([[1, { a: [1] }]]),
      new Set([1, "two"]),
      [new Uint8Array([0, 255]), new Uint8Array(70_000), new Float64Array([1.5, -0]), new BigInt64Array([-1n])],
      Array.from({ length: 100 }, (_, i) => ({ [`key${i}`]: i, [`other${i % 7}`]: [i] })),
      Array.from({ length: 1_000 }, (_, i) => i / 3),
      [shared, shared],
      cycle,
    ];
    const ends = await Promise.all(agent.run(...values.map((value) => [value])).map((ref) => agent.ended(ref)));
    expect(ends.map(({ value }) => value)).toStrictEqual(values);
    expect(ends.at(-2)).toSatisfy(({ value: [left, right] }: { value: unknown[] }) => left === right);
  });

  it("hands an error through with its name, message and cause", async () => {
    const { agent } = await ready(programs.echo);
    const { value } = await agent.ended(agent.runOne(new TypeError("no", { cause: new RangeError("why") })));
    expect(value).toMatchObject({ name: "TypeError", message: "no", cause: { name: "RangeError", message: "why" } });
  });

  it("runs as many at once as it has slots", async () => {
    const { agent } = await ready(programs.meet, { maxInputs: 2 });
    const waiting = agent.runOne(true);
    const opener = agent.runOne(false);
    expect((await agent.ended(waiting)).value).toBe("opened");
    expect((await agent.ended(opener)).status).toBe(OUTPUT_STATUS.succeeded);
  });

  it("attributes what is printed to the input it was printed for", async () => {
    const { agent } = await ready(programs.prints, { maxInputs: 2 });
    for (const ref of agent.run(["a"], ["b"])) await agent.ended(ref);
    await agent.until(() => agent.logs().filter((line) => line[4] === "from a child").length === 2);
    const lines = agent.logs().map(([, stream, callId, index, text]) => [stream, callId !== null, index, text]);
    expect(lines).toContainEqual(["stdout", false, null, "importing"]);
    expect(lines).toContainEqual(["stdout", true, 0, "start a"]);
    expect(lines).toContainEqual(["stdout", true, 1, "start b"]);
    expect(lines).toContainEqual(["stderr", true, 0, "half of a"]);
    expect(lines).toContainEqual(["stderr", true, 1, "half of b"]);
    expect(lines).toContainEqual(["stdout", false, null, "from a child"]);
  });

  it("attributes what is thrown to the input that it was thrown for, beside others", async () => {
    const { agent } = await ready(programs.fails, { maxInputs: 2 });
    const [torn, fine] = agent.run(["torn"], ["fine"]);
    if (!torn || !fine) throw new Error("two inputs were sent");
    expect(await agent.ended(fine)).toMatchObject({ status: OUTPUT_STATUS.succeeded, value: "fine" });
    expect((await agent.ended(torn)).value).toMatchObject({ code: "REMOTE", name: "TypeError", message: "torn" });
    expect(agent.framesOf("ready")).toHaveLength(1);
  });

  it("shows the code its variables, and no token", async () => {
    const { agent } = await ready(programs.environment, { env: { GREETING: "hello" } });
    expect((await agent.ended(agent.runOne())).value).toEqual(["hello", false]);
  });

  it("gives back recalled inputs that have not begun, and only those", async () => {
    const { agent } = await ready(programs.naps);
    const [first, second, third] = agent.run([true], [false], [false]);
    if (!first || !second || !third) throw new Error("three inputs were sent");
    await agent.hasStarted(first);
    agent.send({ type: "recall", attempts: [first, second] });
    expect((await agent.frame("returned")).attempts).toEqual([second]);
    await agent.ended(first);
    expect((await agent.ended(third)).value).toBe(1);
    expect(agent.outputs().some(({ ref }) => sameAttempt(ref, second))).toBe(false);
  });

  it("ends when it is drained", async () => {
    const started = await ready(programs.add);
    started.agent.send({ type: "drain" });
    await started.agent.frame("drained");
    expect(await started.exited).toBe(0);
  });

  it("reports what was thrown with name, message, stack and cause", async () => {
    const { agent } = await ready(programs.throws);
    const { status, value } = await agent.ended(agent.runOne());
    expect(status).toBe(OUTPUT_STATUS.failed);
    expect(value).toMatchObject({ code: "REMOTE", name: "TypeError", message: "no page", cause: { message: "torn" } });
    const { stack } = value as { stack: string };
    expect(stack).toContain(programs.file);
    expect(stack).toContain("read_page");
    expect(stack).not.toMatch(/worker\.mjs|bellows_worker/);
  });

  it("names what of a result cannot travel, or how large it is", async () => {
    const { agent } = await ready(programs.unfit);
    expect((await agent.ended(agent.runOne(false))).value).toMatchObject({
      code: "SERIALIZATION",
      message: expect.stringContaining("value.rows[0].format is a function"),
    });
    expect((await agent.ended(agent.runOne(true))).value).toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
      details: { limit: "valueBytes" },
    });
  });

  it("whose code ends the process loses what had begun, gives back what had not, and is replaced", async () => {
    const { agent } = await ready(programs.ends);
    const [crashing, waiting] = agent.run([true], [false]);
    const lost = await agent.frame("lost");
    expect(lost.attempts).toEqual([crashing]);
    expect(lost.error).toMatchObject({ code: "CONTAINER_CRASHED", message: expect.stringContaining("status 3") });
    expect((await agent.frame("returned")).attempts).toEqual([waiting]);
    await agent.until(() => agent.framesOf("ready").length === 2);
    expect((await agent.ended(agent.runOne(false))).value).toBe("alive");
  });

  it("is killed at the timeout of code that blocks it, and so is what that has started", async () => {
    const { agent } = await ready(programs.blocks, { timeoutMs: 1_000 });
    const [first, blocking, behind] = agent.run([false], [true], [false]);
    if (!first || !blocking || !behind) throw new Error("three inputs were sent");
    const end = await agent.ended(blocking);
    expect(end.status).toBe(OUTPUT_STATUS.failed);
    expect(end.value).toMatchObject({ code: "FUNCTION_TIMEOUT", message: expect.stringContaining("1s") });
    expect(end.finishedAtMs - end.startedAtMs).toBeGreaterThanOrEqual(1_000);
    expect((await agent.ended(first)).value).toBe("ran");
    expect((await agent.frame("returned")).attempts).toEqual([behind]);
    const line = agent.logs().find(([, , , , text]) => text.startsWith("child "));
    await untilGone(Number(line?.[4].slice(6)));
    await agent.until(() => agent.framesOf("ready").length === 2);
  });

  it("cancels what runs, which may clean up, and what waits, and lives on", async () => {
    const { agent } = await ready(programs.waits);
    const [running, queued] = agent.run([], []);
    if (!running || !queued) throw new Error("two inputs were sent");
    // Code that is cancelled before its first line has nothing to clean up.
    await agent.until(() => agent.logs().length === 1);
    agent.send({ type: "cancel", attempts: [running, queued] });
    for (const ref of [running, queued]) {
      expect(await agent.ended(ref)).toMatchObject({ status: OUTPUT_STATUS.cancelled, value: { code: "CANCELLED" } });
    }
    expect(agent.framesOf("ready")).toHaveLength(1);
    await agent.until(() => agent.logs().length === 2);
    expect(agent.logs().slice(1)).toMatchObject([[expect.any(Number), "stdout", running[0], running[1], "cleaned up"]]);
  });

  it("is ended with code that ignores its cancel, which costs nobody beside it anything", async () => {
    const { agent } = await ready(programs.stubborn, { maxInputs: 2 });
    const [cancelled, other] = agent.run([], []);
    if (!cancelled || !other) throw new Error("two inputs were sent");
    await agent.until(() => agent.logs().length === 2);
    agent.send({ type: "cancel", attempts: [cancelled] });
    expect(await agent.ended(cancelled)).toMatchObject({
      status: OUTPUT_STATUS.cancelled,
      value: { code: "CANCELLED" },
    });
    expect((await agent.frame("returned")).attempts).toEqual([other]);
    expect(agent.framesOf("lost")).toEqual([]);
  });

  it("is killed over its memory, and it is said how much it used", async () => {
    const { agent } = await ready(programs.hoards, { memoryMiB: 200 });
    const ref = agent.runOne();
    const lost = await agent.frame("lost");
    expect(lost.attempts).toEqual([ref]);
    expect(lost.error).toMatchObject({ code: "CONTAINER_CRASHED", details: { limitMiB: 200 } });
    expect(lost.error.message).toContain("above its limit of 200 MiB");
  });

  it("shows the user's error and line when the import throws", async () => {
    const { error, exited } = await failed(programs.importThrows);
    expect(error).toMatchObject({ code: "STARTUP", message: expect.stringContaining("TypeError: bad config") });
    expect(error.stack).toMatch(new RegExp(`${programs.file}(:|", line )3`));
    expect(await exited).toBe(1);
  });

  it("tells what a module printed that ended its own process", async () => {
    const { error } = await failed(programs.importEnds);
    expect(error.message).toContain("status 4");
    expect(error.message).toContain("MISSING_KEY is not set");
  });

  it("is given up when an import takes longer than startupTimeout", async () => {
    const { error, exited } = await failed(programs.importBlocks, { startupTimeoutMs: 1_000 });
    expect(error).toMatchObject({ code: "STARTUP", message: expect.stringContaining("startupTimeout of 1s") });
    expect(await exited).toBe(1);
  });
});
