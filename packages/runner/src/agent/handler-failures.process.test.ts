import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentHarness } from "../testing/agent-harness.ts";
import { bundleOf } from "../testing/link-server.ts";
import { untilGone } from "../testing/processes.ts";

const harness = new AgentHarness();
beforeAll(() => harness.start());
afterAll(() => harness.stop());

describe("a handler that fails", () => {
  it("reports what it threw with name, message, stack and cause", async () => {
    const { agent } = await harness.ready(
      bundleOf('() => { throw new TypeError("no page", { cause: new Error("torn") }) }'),
    );
    const [ref] = agent.run([]);
    if (!ref) throw new Error("one input was sent");
    const { status, value } = await agent.ended(ref);
    expect(status).toBe(OUTPUT_STATUS.failed);
    expect(value).toMatchObject({
      code: "REMOTE",
      name: "TypeError",
      message: "no page",
      stack: expect.stringContaining("bundle.mjs"),
      cause: { message: "torn" },
    });
  });

  it("names what of its result cannot travel, or how large it is", async () => {
    const { agent } = await harness.ready(
      bundleOf("(large) => large ? new Uint8Array(17 * 1024 * 1024) : { rows: [{ format: () => 1 }] }"),
    );
    const [unserialisable, large] = agent.run([false], [true]);
    if (!unserialisable || !large) throw new Error("two inputs were sent");
    expect((await agent.ended(unserialisable)).value).toMatchObject({
      code: "SERIALIZATION",
      message: expect.stringContaining("value.rows[0].format"),
    });
    expect((await agent.ended(large)).value).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
  });

  it("that ends the process loses what had begun, gives back what had not, and gets a new worker", async () => {
    const { agent } = await harness.ready(bundleOf("(crash) => crash ? process.exit(3) : 'alive'"));
    const [crashing, waiting] = agent.run([true], [false]);
    if (!crashing || !waiting) throw new Error("two inputs were sent");
    const lost = await agent.frame("lost");
    expect(lost.attempts).toEqual([crashing]);
    expect(lost.error).toMatchObject({ code: "CONTAINER_CRASHED", message: expect.stringContaining("process.exit") });
    expect((await agent.frame("returned")).attempts).toEqual([waiting]);
    await agent.until(() => agent.framesOf("ready").length === 2);
    const [again] = agent.run([false]);
    if (!again) throw new Error("one input was sent");
    expect((await agent.ended(again)).value).toBe("alive");
  });

  it("and leaves an error that nothing catches fails its own input and gives the others back", async () => {
    const code = bundleOf(
      'async (bad) => { if (bad) setTimeout(() => { throw new Error("from a timer") }); await new Promise(() => {}) }',
    );
    const { agent } = await harness.ready(code, { maxInputs: 2 });
    const [innocent, guilty] = agent.run([false], [true]);
    if (!innocent || !guilty) throw new Error("two inputs were sent");
    expect((await agent.ended(guilty)).value).toMatchObject({ code: "REMOTE", message: "from a timer" });
    expect((await agent.frame("returned")).attempts).toEqual([innocent]);
    expect(agent.framesOf("lost")).toEqual([]);
  });
});

describe("a handler that does not end", () => {
  it("is killed at its timeout although it blocks the event loop, and so is what it started", async () => {
    const code = bundleOf(
      `(block) => {
        if (!block) return "ran";
        const child = spawn("sleep", ["600"], { stdio: "ignore" });
        console.log("child " + child.pid);
        for (;;);
      }`,
      'import { spawn } from "node:child_process";',
    );
    const { agent } = await harness.ready(code, { timeoutMs: 1_000 });
    const [first, blocking, behind] = agent.run([false], [true], [false]);
    if (!first || !blocking || !behind) throw new Error("three inputs were sent");
    const end = await agent.ended(blocking);
    expect(end.status).toBe(OUTPUT_STATUS.failed);
    expect(end.value).toMatchObject({ code: "FUNCTION_TIMEOUT", message: expect.stringContaining("1s") });
    expect(end.finishedAtMs - end.startedAtMs).toBeGreaterThanOrEqual(1_000);
    expect((await agent.ended(first)).value).toBe("ran");
    expect((await agent.frame("returned")).attempts).toEqual([behind]);
    const childPid = Number(
      agent
        .logs()
        .find((line) => line[4].startsWith("child "))?.[4]
        .slice(6),
    );
    await untilGone(childPid);
    await agent.until(() => agent.framesOf("ready").length === 2);
  });

  it("takes nobody along: what ran beside it at its timeout is given back and not counted as lost", async () => {
    const code = bundleOf("(wait) => new Promise((resolve) => wait && setTimeout(resolve, 400))");
    const { agent } = await harness.ready(code, { maxInputs: 2, timeoutMs: 1_000 });
    const [first, overdue, behind] = agent.run([true], [false], [false]);
    if (!first || !overdue || !behind) throw new Error("three inputs were sent");
    expect((await agent.ended(overdue)).value).toMatchObject({ code: "FUNCTION_TIMEOUT" });
    expect((await agent.frame("returned")).attempts).toEqual([behind]);
    expect(agent.framesOf("started").flatMap(({ attempts }) => attempts)).toContainEqual(behind);
    expect(agent.framesOf("lost")).toEqual([]);
  });

  it("gets an aborted signal when cancelled", async () => {
    const code = bundleOf(`() => new Promise((resolve, reject) => {
      const { signal } = globalThis[Symbol.for("bellows.runtime")].currentInput();
      signal.addEventListener("abort", () => reject(signal.reason));
    })`);
    const { agent } = await harness.ready(code);
    const [running, queued] = agent.run([], []);
    if (!running || !queued) throw new Error("two inputs were sent");
    await agent.hasStarted(running);
    agent.send({ type: "cancel", attempts: [running, queued] });
    for (const ref of [running, queued]) {
      const { status, value } = await agent.ended(ref);
      expect(status).toBe(OUTPUT_STATUS.cancelled);
      expect(value).toMatchObject({ code: "CANCELLED" });
    }
    expect(agent.framesOf("ready")).toHaveLength(1);
  });

  it("is ended with its worker when it ignores the cancel", async () => {
    const { agent } = await harness.ready(bundleOf("() => new Promise(() => {})"), { maxInputs: 2 });
    const [cancelled, other] = agent.run([], []);
    if (!cancelled || !other) throw new Error("two inputs were sent");
    await agent.hasStarted(other);
    agent.send({ type: "cancel", attempts: [cancelled] });
    const { status, value } = await agent.ended(cancelled);
    expect(status).toBe(OUTPUT_STATUS.cancelled);
    expect(value).toMatchObject({ code: "CANCELLED" });
    expect((await agent.frame("returned")).attempts).toEqual([other]);
    expect(agent.framesOf("lost")).toEqual([]);
  });
});

it("kills a worker over its memory and says how much it used", async () => {
  const code = bundleOf(
    "async () => { for (;;) { hoard.push(Buffer.alloc(8e6, 1)); await new Promise(setImmediate) } }",
    "const hoard = [];",
  );
  const { agent } = await harness.ready(code, { memoryMiB: 200 });
  const [ref] = agent.run([]);
  const lost = await agent.frame("lost");
  expect(lost.attempts).toEqual([ref]);
  expect(lost.error).toMatchObject({ code: "CONTAINER_CRASHED", details: { limitMiB: 200 } });
  expect(lost.error.message).toContain("above its limit of 200 MiB");
});
