/** What batches are in Node alone: classes, the context of a batch, errors that escape. The rest is every worker's. */
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentHarness } from "../testing/agent-harness.ts";
import { bundleOf } from "../testing/link-server.ts";

const harness = new AgentHarness();
beforeAll(() => harness.start());
afterAll(() => harness.stop());

const CURRENT = 'const current = () => globalThis[Symbol.for("bellows.runtime")].currentInput();';

it("the method of a batched class gets lists, without its name, on the object that was entered", async () => {
  const code = bundleOf(
    `class {
      #factor;
      constructor(factor) { this.#factor = factor; }
      load() { this.#factor += 1; }
      async scale(numbers, offsets) { return numbers.map((n, at) => n * this.#factor + offsets[at]); }
    }`,
    "",
    { kind: "class", methods: ["scale"], hooks: { enter: [{ name: "load", snap: false }], exit: [] } },
  );
  const { agent } = await harness.ready(code, { batched: true, parameters: encodeValue([9]) });
  const [first, second, unknown] = agent.run(["scale", 1, 5], ["scale", 2, 6], ["load", 1, 2]);
  if (!first || !second || !unknown) throw new Error("three inputs were sent");
  expect((await agent.ended(first)).value).toBe(15);
  expect((await agent.ended(second)).value).toBe(26);
  expect((await agent.ended(unknown)).value).toMatchObject({
    code: "INVALID",
    message: expect.stringContaining('it has "scale"'),
  });
});

it("code knows what its batch has in common, also after it has waited, beside another batch", async () => {
  const code = bundleOf(
    `async (names) => {
      waiting.push(names);
      while (waiting.length < 2) await new Promise(setImmediate);
      await new Promise((done) => setTimeout(done, 5));
      const { callId, index, common, signal } = current();
      return names.map(() => [callId, index, common, signal.aborted]);
    }`,
    `${CURRENT} const waiting = [];`,
  );
  const { agent } = await harness.ready(code, { batched: true, maxInputs: 2 });
  const ofOneCall = agent.run(["a"], ["b"]);
  const ofTwoCalls = agent.runBatch([["c"]], [["d"]]);
  const [first] = ofOneCall;
  const [second] = ofTwoCalls;
  for (const ref of ofOneCall) expect((await agent.ended(ref)).value).toEqual([first?.[0], 0, "call", false]);
  for (const ref of ofTwoCalls) expect((await agent.ended(ref)).value).toEqual([second?.[0], 0, "nothing", false]);
});

describe("an error that nothing catches", () => {
  it("ends all inputs of the batch that it escaped from, and gives the other batch back uncharged", async () => {
    const code = bundleOf(
      `async (bad) => {
        if (bad.some(Boolean)) setTimeout(() => { throw new Error("from a timer") });
        await new Promise(() => {});
      }`,
    );
    const { agent } = await harness.ready(code, { batched: true, maxInputs: 2 });
    const innocent = agent.run([false], [false]);
    const guilty = agent.run([false], [true]);
    for (const ref of guilty) {
      expect(await agent.ended(ref)).toMatchObject({
        status: OUTPUT_STATUS.failed,
        value: { code: "REMOTE", message: "from a timer" },
      });
    }
    expect((await agent.frame("returned")).attempts).toEqual(innocent);
    expect(agent.framesOf("lost")).toEqual([]);
  });
});

describe("a cancel while the code blocks", () => {
  it("ends an input at once and kills nothing as long as others of its batch are wanted", async () => {
    const code = bundleOf(
      `(words) => {
        console.log("begins");
        // Longer than the grace after a cancel.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5_600);
        return words;
      }`,
    );
    const { agent } = await harness.ready(code, { batched: true });
    const [cancelled, other] = agent.run(["a"], ["b"]);
    if (!cancelled || !other) throw new Error("two inputs were sent");
    await agent.until(() => agent.logs().length === 1);
    agent.send({ type: "cancel", attempts: [cancelled] });
    const { status, finishedAtMs } = await agent.ended(cancelled);
    expect(status).toBe(OUTPUT_STATUS.cancelled);
    const end = await agent.ended(other);
    expect(end.value).toBe("b");
    expect(end.finishedAtMs - finishedAtMs).toBeGreaterThan(5_000);
    expect(agent.outputs()).toHaveLength(2);
    expect(agent.framesOf("ready")).toHaveLength(1);
  }, 15_000);

  it("of all inputs of a batch ends the worker after the grace, and the batch beside it goes back uncharged", async () => {
    const code = bundleOf("(words) => { console.log('begins'); return new Promise(() => {}) }");
    const { agent } = await harness.ready(code, { batched: true, maxInputs: 2 });
    const batch = agent.run(["a"], ["b"]);
    const beside = agent.run(["c"], ["d"]);
    await agent.until(() => agent.logs().length === 2);
    agent.send({ type: "cancel", attempts: batch });
    for (const ref of batch) expect((await agent.ended(ref)).status).toBe(OUTPUT_STATUS.cancelled);
    expect((await agent.frame("returned")).attempts).toEqual(beside);
    expect(agent.framesOf("lost")).toEqual([]);
  }, 15_000);
});

it("drains: the running batch ends whole, and a batch that comes later goes back", async () => {
  const started = await harness.ready(
    bundleOf("async (w) => { await new Promise((d) => setTimeout(d, 50)); return w }"),
    {
      batched: true,
    },
  );
  const { agent } = started;
  const running = agent.run(["a"], ["b"]);
  for (const ref of running) await agent.hasStarted(ref);
  agent.send({ type: "drain" });
  const late = agent.run(["c"], ["d"]);
  expect((await agent.frame("returned")).attempts).toEqual(late);
  for (const ref of running) expect((await agent.ended(ref)).status).toBe(OUTPUT_STATUS.succeeded);
  await agent.frame("drained");
  expect(await started.exited).toBe(0);
});
