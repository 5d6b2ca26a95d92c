import { STREAM_WINDOW } from "@bellows/protocol/frame-parts";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentHarness } from "../testing/agent-harness.ts";
import { bundleOf, sameAttempt } from "../testing/link-server.ts";
import { isStopped } from "../testing/processes.ts";

const harness = new AgentHarness();
beforeAll(() => harness.start());
afterAll(() => harness.stop());

const generatorOf = (handler: string, before = "") => bundleOf(handler, before, { kind: "generator" });
const COUNTING = "async function* (count) { for (let n = 0; n < count; n += 1) yield n }";
const numbers = (count: number) => Array.from({ length: count }, (_, number) => number);

describe("a generator", () => {
  it("sends what it yields before its end, which says how many values there were", async () => {
    const { agent } = await harness.ready(generatorOf(COUNTING));
    const ref = agent.runOne(5);
    expect(await agent.ended(ref)).toMatchObject({ status: OUTPUT_STATUS.succeeded, value: 5 });
    expect(agent.yielded(ref)).toEqual(numbers(5));
    const types = agent.frames.map(({ type }) => type);
    expect(types.lastIndexOf("yields")).toBeLessThan(types.indexOf("outputs"));
  });

  it("waits for a slow caller, while other inputs and the container's own life go on", async () => {
    const code = generatorOf(
      `async function* (count) { for (let n = 0; n < count; n += 1) { made += count > 100; yield n } yield "made " + made }`,
      "let made = 0;",
    );
    const { agent } = await harness.ready(code, { maxInputs: 2 });
    const slow = agent.runOne(300);
    await agent.until(() => agent.yielded(slow).length === STREAM_WINDOW.values);
    const other = agent.runOne(1);
    await agent.ended(other);
    expect(agent.yielded(other)).toEqual([0, `made ${STREAM_WINDOW.values}`]);
    await agent.frame("stats");
    expect(agent.yielded(slow)).toHaveLength(STREAM_WINDOW.values);
    for (let received = 32; agent.yielded(slow).length < 301; received += 32) {
      agent.send({ type: "take", attempt: slow, received, resend: false });
      await agent.until(() => agent.yielded(slow).length >= Math.min(301, received + STREAM_WINDOW.values));
    }
    expect((await agent.ended(slow)).value).toBe(301);
    expect(agent.yielded(slow).slice(0, 300)).toEqual(numbers(300));
  });

  it("that throws in the middle fails after what it had yielded", async () => {
    const { agent } = await harness.ready(
      generatorOf('function* () { yield 1; yield 2; throw new RangeError("torn") }'),
    );
    const ref = agent.runOne();
    expect(await agent.ended(ref)).toMatchObject({
      status: OUTPUT_STATUS.failed,
      value: { code: "REMOTE", name: "RangeError", message: "torn", stack: expect.stringContaining("bundle.mjs") },
    });
    expect(agent.yielded(ref)).toEqual([1, 2]);
  });

  it("that is cancelled gets an aborted signal, cleans up, and ends in its own worker", async () => {
    const code = generatorOf(
      `async function* () {
        const { signal } = globalThis[Symbol.for("bellows.runtime")].currentInput();
        try { for (;;) yield 1 } finally { console.log("cleaned up, aborted: " + signal.aborted) }
      }`,
    );
    const { agent } = await harness.ready(code);
    const ref = agent.runOne();
    await agent.until(() => agent.yielded(ref).length === STREAM_WINDOW.values);
    agent.send({ type: "cancel", attempts: [ref] });
    expect(await agent.ended(ref)).toMatchObject({ status: OUTPUT_STATUS.cancelled, value: { code: "CANCELLED" } });
    expect(agent.logs()).toMatchObject([[expect.any(Number), "stdout", ref[0], ref[1], "cleaned up, aborted: true"]]);
    expect(agent.framesOf("ready")).toHaveLength(1);
  });

  it("that times out fails after what it had yielded", async () => {
    const { agent } = await harness.ready(generatorOf("function* () { yield 1; for (;;); }"), { timeoutMs: 1_000 });
    const ref = agent.runOne();
    expect((await agent.ended(ref)).value).toMatchObject({ code: "FUNCTION_TIMEOUT" });
    expect(agent.yielded(ref)).toEqual([1]);
  });
});

describe("a worker that dies in the middle of a stream", () => {
  it("loses the input, after every value that was yielded", async () => {
    const code = generatorOf(
      "async function* () { yield process.pid; for (let n = 1; n < 40; n += 1) yield n; await new Promise(() => {}) }",
    );
    const { agent } = await harness.ready(code);
    const ref = agent.runOne();
    await agent.until(() => agent.yielded(ref).length === 40);
    process.kill(Number(agent.yielded(ref)[0]), "SIGKILL");
    const lost = await agent.frame("lost");
    expect(lost).toMatchObject({ attempts: [ref], error: { code: "CONTAINER_CRASHED" } });
    await agent.until(() => agent.framesOf("ready").length === 2);
    // Nothing of the lost one is offered on a new link.
    agent.cut();
    await agent.until(() => agent.framesOf("hello").length === 2);
    expect(agent.framesOf("hello")[1]?.held).toEqual([]);
    const again = agent.runOne();
    await agent.until(() => agent.yielded(again).length === 40);
    const afterCut = agent.frames.slice(agent.frames.findLastIndex(({ type }) => type === "hello"));
    expect(afterCut.some((frame) => frame.type === "yields" && sameAttempt(frame.attempt, ref))).toBe(false);
  });

  it("loses one that has yielded although another is to blame, and gives back one that has not", async () => {
    const code = generatorOf(
      `async function* (what) {
        if (what === "yield") yield 1;
        if (what === "throw") setTimeout(() => { throw new Error("from a timer") });
        await new Promise(() => {});
      }`,
    );
    const { agent } = await harness.ready(code, { maxInputs: 3 });
    const begun = agent.runOne("yield");
    const silent = agent.runOne("nothing");
    await agent.until(() => agent.yielded(begun).length === 1);
    await agent.hasStarted(silent);
    const guilty = agent.runOne("throw");
    expect((await agent.ended(guilty)).value).toMatchObject({ message: "from a timer" });
    expect((await agent.frame("lost")).attempts).toEqual([begun]);
    expect((await agent.frame("returned")).attempts).toEqual([silent]);
  });
});

describe("a stream over a cut link", () => {
  it("is offered again from what the caller has taken, and goes on", async () => {
    const { agent } = await harness.ready(generatorOf(COUNTING));
    const ref = agent.runOne(150);
    await agent.until(() => agent.yielded(ref).length === STREAM_WINDOW.values);
    agent.send({ type: "take", attempt: ref, received: 20, resend: false });
    await agent.until(() => agent.yielded(ref).length === STREAM_WINDOW.values + 20);
    agent.cut();
    await agent.until(() => agent.framesOf("hello").length === 2);
    expect(agent.framesOf("hello")[1]?.held).toEqual([ref]);
    agent.send({ type: "take", attempt: ref, received: 30, resend: true });
    await agent.until(() => agent.yielded(ref).length === STREAM_WINDOW.values + 30);
    const hello = agent.frames.findLastIndex(({ type }) => type === "hello");
    const again = agent.frames.slice(hello).flatMap((frame) => (frame.type === "yields" ? frame.values : []));
    expect(again.length).toBeGreaterThanOrEqual(STREAM_WINDOW.values);
    for (let received = 64; agent.outputs().length === 0; received += 32) {
      agent.send({ type: "take", attempt: ref, received, resend: false });
      await agent.until(() => agent.yielded(ref).length >= Math.min(150, received + STREAM_WINDOW.values));
      if (agent.yielded(ref).length === 150) await agent.ended(ref);
    }
    expect(agent.yielded(ref)).toEqual(numbers(150));
    expect((await agent.ended(ref)).value).toBe(150);
  });

  it("that has ended is offered again, values before output, until the output is stored", async () => {
    const { agent } = await harness.ready(generatorOf(COUNTING));
    agent.acknowledges = false;
    const ref = agent.runOne(10);
    await agent.ended(ref);
    agent.cut();
    await agent.until(() => agent.framesOf("hello").length === 2 && agent.outputs().length === 2);
    const types = agent.frames
      .slice(agent.frames.findLastIndex(({ type }) => type === "hello"))
      .map(({ type }) => type);
    expect(types.indexOf("yields")).toBeGreaterThan(0);
    expect(types.lastIndexOf("yields")).toBeLessThan(types.indexOf("outputs"));
    agent.send({ type: "ack", seq: 1 });
    agent.send({ type: "drain" });
    await agent.frame("drained");
  });

  it("is sent again on request although its worker is stopped, and the worker goes on when it runs again", async () => {
    const code = generatorOf(
      "async function* (count) { yield process.pid; for (let n = 1; n < count; n += 1) yield n }",
    );
    const { agent } = await harness.ready(code);
    const ref = agent.runOne(100);
    await agent.until(() => agent.yielded(ref).length === STREAM_WINDOW.values);
    const pid = Number(agent.yielded(ref)[0]);
    process.kill(pid, "SIGSTOP");
    await agent.until(() => isStopped(pid));
    agent.cut();
    await agent.until(() => agent.framesOf("hello").length === 2);
    const before = agent.framesOf("yields").length;
    agent.send({ type: "take", attempt: ref, received: 40, resend: true });
    await agent.until(() => {
      const resent = agent.framesOf("yields").slice(before);
      return resent.some(({ firstSeq, values }) => firstSeq <= 40 && firstSeq + values.length === STREAM_WINDOW.values);
    });
    // Longer than it takes to tell of its usage: a stopped worker is no reason to give anything up.
    const stats = agent.framesOf("stats").length;
    await agent.until(() => agent.framesOf("stats").length > stats);
    expect(agent.outputs()).toEqual([]);
    process.kill(pid, "SIGCONT");
    expect((await agent.ended(ref)).value).toBe(100);
    expect(agent.yielded(ref).slice(1)).toEqual(numbers(100).slice(1));
    expect(agent.framesOf("ready")).toHaveLength(1);
  });
});
