/** What a worker promises its agent of batches, in whatever language: each of them passes this suite. */
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentHarness } from "../testing/agent-harness.ts";
import type { BatchPrograms } from "../testing/batch-programs.ts";
import type { LinkedAgent } from "../testing/link-server.ts";
import { nodeBatchPrograms } from "../testing/node-batch-programs.ts";
import { pythonBatchPrograms } from "../testing/python-batch-programs.ts";

const harness = new AgentHarness();
beforeAll(() => harness.start());
afterAll(() => harness.stop());

type Assigned = Partial<Parameters<AgentHarness["started"]>[0]>;
type Ref = Parameters<LinkedAgent["ended"]>[0];

const LANGUAGES: BatchPrograms[] = [nodeBatchPrograms, pythonBatchPrograms("def"), pythonBatchPrograms("async def")];

/** One batch of one call: an input for each word. */
const run = (agent: LinkedAgent, ...words: unknown[]): Ref[] => agent.run(...words.map((word) => [word]));
const values = async (agent: LinkedAgent, refs: Ref[]) =>
  (await Promise.all(refs.map((ref) => agent.ended(ref)))).map(({ value }) => value);
const printed = (agent: LinkedAgent, line: string, times = 1) =>
  agent.until(() => agent.logs().filter(([, , , , text]) => text === line).length === times);
function two<T>([first, second]: T[]): [T, T] {
  if (first === undefined || second === undefined) throw new Error("two inputs were sent");
  return [first, second];
}

describe.each(LANGUAGES)("a worker of $language, with batches,", (programs) => {
  const ready = (program: string, assigned: Assigned = {}) =>
    harness.started({ ...programs.bundle(program, harness.server), batched: true, ...assigned });

  it("hands over each batch as it came, inputs of several calls in their order, a list for each argument", async () => {
    const { agent } = await ready(programs.joins);
    const batch = agent.runBatch([["a", 1], ["b", 2]], [["c", 3]]); // biome-ignore format: two calls
    const next = agent.run(["d", 4]);
    expect(await values(agent, batch)).toEqual(["a 1 of 3", "b 2 of 3", "c 3 of 3"]);
    expect(await values(agent, next)).toEqual(["d 4 of 1"]);
  });

  it("fails all inputs of a batch with one throw, and none of the next", async () => {
    const { agent } = await ready(programs.answers);
    const error = expect.objectContaining({ code: "REMOTE", name: "TypeError", message: "no page" });
    expect(await values(agent, run(agent, "a", "throw", "b"))).toEqual([error, error, error]);
    expect(await values(agent, run(agent, "c"))).toEqual(["c"]);
  });

  it("says both lengths when there are too few results, or none", async () => {
    const { agent } = await ready(programs.answers);
    const short = expect.objectContaining({
      code: "INVALID",
      message: expect.stringContaining("the batch had 2 inputs and the handler returned a list of 1"),
    });
    expect(await values(agent, run(agent, "short", "a"))).toEqual([short, short]);
    const none = expect.objectContaining({
      code: "INVALID",
      message: expect.stringMatching(
        /^the batch had 1 input and the handler returned an? (number|int), which is no list;/,
      ),
    });
    expect(await values(agent, run(agent, "none"))).toEqual([none]);
    const array = expect.objectContaining({
      code: "INVALID",
      message: expect.stringMatching(
        /returned an? (Float32Array|array), which is no list \((Array.from\(...\)|.tolist\(\)) makes one\);/,
      ),
    });
    expect(await values(agent, run(agent, "array", "a"))).toEqual([array, array]);
  });

  it("fails one input alone: its result cannot travel, or its arguments are not those of the others", async () => {
    const { agent } = await ready(programs.answers);
    const [unfit, other] = two(run(agent, "unfit", "a"));
    expect((await agent.ended(unfit)).value).toMatchObject({ code: "SERIALIZATION" });
    expect((await agent.ended(other)).value).toBe("a");
    const refs = agent.run(["b"], [], ["c", "d"], ["e"]);
    expect(await values(agent, refs)).toMatchObject([
      "b",
      { code: "INVALID", message: expect.stringContaining("has 0 arguments and the batched handler takes 1 list") },
      { code: "INVALID", message: expect.stringContaining("has 2 arguments and the batched handler takes 1 list") },
      "e",
    ]);
  });

  it("runs as many batches at once as it has slots, and says which inputs have begun", async () => {
    const { agent } = await ready(programs.meets, { maxInputs: 2 });
    const waiting = run(agent, "wait", "wait");
    for (const ref of waiting) await agent.hasStarted(ref);
    const opening = run(agent, "go", "go", "go");
    expect(await values(agent, [...waiting, ...opening])).toEqual(Array.from({ length: 5 }, () => "opened"));
  });

  it("goes on with the others when some are cancelled", async () => {
    const { agent } = await ready(programs.meets, { maxInputs: 2 });
    const [cancelled, other] = two(run(agent, "wait", "a"));
    await printed(agent, "wait a");
    agent.send({ type: "cancel", attempts: [cancelled] });
    expect(await agent.ended(cancelled)).toMatchObject({
      status: OUTPUT_STATUS.cancelled,
      value: { code: "CANCELLED" },
    });
    run(agent, "go");
    expect((await agent.ended(other)).value).toBe("opened");
    expect(agent.outputs()).toHaveLength(3);
    expect(agent.framesOf("ready")).toHaveLength(1);
  });

  it("gives back what is recalled while it waits for a slot, and not what has one but has yet to begin", async () => {
    const { agent } = await ready(programs.stalls, { maxInputs: 2 });
    const blocking = run(agent, "block");
    for (const ref of blocking) await agent.hasStarted(ref);
    const [beside, waiting] = [run(agent, "a", "b"), two(run(agent, "c", "d"))];
    agent.send({ type: "recall", attempts: [...beside, waiting[0]] });
    expect((await agent.frame("returned")).attempts).toEqual([waiting[0]]);
    expect(await values(agent, [...blocking, ...beside, waiting[1]])).toEqual(["block", "a", "b", "d"]);
    expect(agent.framesOf("returned")).toHaveLength(1);
    expect(agent.framesOf("ready")).toHaveLength(1);
  });

  it("ends what is cancelled while it waits for a slot at that time, as if it had begun then", async () => {
    const { agent } = await ready(programs.naps);
    const [first, next, waiting] = [run(agent, "a"), run(agent, "hang"), two(run(agent, "b", "c"))];
    const ends = await Promise.all(first.map((ref) => agent.ended(ref)));
    for (const ref of next) await agent.hasStarted(ref);
    agent.send({ type: "cancel", attempts: [waiting[0]] });
    const { status, value, startedAtMs, finishedAtMs } = await agent.ended(waiting[0]);
    expect([status, value]).toEqual([
      OUTPUT_STATUS.cancelled,
      expect.objectContaining({ code: "CANCELLED", message: "the input was cancelled before it began" }),
    ]);
    expect(startedAtMs).toBeGreaterThanOrEqual(ends[0]?.finishedAtMs ?? Number.POSITIVE_INFINITY);
    expect(finishedAtMs).toBeGreaterThanOrEqual(startedAtMs);
  });

  it("lets the code clean up when all of a batch are cancelled, at once or one by one", async () => {
    const { agent } = await ready(programs.waits);
    const together = two(run(agent, "a", "b"));
    await printed(agent, "begins");
    agent.send({ type: "cancel", attempts: together });
    for (const ref of together) expect((await agent.ended(ref)).status).toBe(OUTPUT_STATUS.cancelled);
    await printed(agent, "cleaned up");
    const [first, second] = two(run(agent, "c", "d"));
    await printed(agent, "begins", 2);
    agent.send({ type: "cancel", attempts: [first] });
    await agent.ended(first);
    agent.send({ type: "cancel", attempts: [second] });
    expect(await agent.ended(second)).toMatchObject({ status: OUTPUT_STATUS.cancelled, value: { code: "CANCELLED" } });
    await printed(agent, "cleaned up", 2);
    expect(agent.framesOf("ready")).toHaveLength(1);
  });

  it("times out a batch as one, and gives back the one beside it uncharged", async () => {
    const { agent } = await ready(programs.naps, { maxInputs: 2, timeoutMs: 1_000 });
    const first = run(agent, "nap");
    const overdue = run(agent, "hang", "a");
    await values(agent, first);
    const beside = run(agent, "hang", "b");
    for (const ref of overdue) {
      const { value, startedAtMs, finishedAtMs } = await agent.ended(ref);
      expect(value).toMatchObject({
        code: "FUNCTION_TIMEOUT",
        message: expect.stringContaining("the batch ran longer"),
      });
      expect(finishedAtMs - startedAtMs).toBeGreaterThanOrEqual(1_000);
    }
    expect((await agent.frame("returned")).attempts).toEqual(beside);
    expect(agent.framesOf("lost")).toEqual([]);
  });

  it("that dies loses all of its batches, and its successor gets those that came meanwhile, each as it came", async () => {
    const { agent } = await ready(programs.ends, { maxInputs: 2 });
    const waiting = run(agent, "wait", "a");
    await printed(agent, "waits");
    const exiting = run(agent, "exit", "b");
    const lost = await agent.frame("lost");
    expect(lost.attempts).toEqual([...waiting, ...exiting]);
    expect(lost.error).toMatchObject({ code: "CONTAINER_CRASHED", message: expect.stringContaining("status 3") });
    const [large, small] = [run(agent, "c", "d", "e"), run(agent, "f")];
    const recalled = two(run(agent, "g", "h"));
    agent.send({ type: "recall", attempts: [recalled[0]] });
    expect((await agent.frame("returned")).attempts).toEqual([recalled[0]]);
    expect(agent.framesOf("ready")).toHaveLength(1);
    expect(await values(agent, [...large, ...small, recalled[1]])).toEqual([3, 3, 3, 1, 1]);
    expect(agent.framesOf("ready")).toHaveLength(2);
  });

  it("attributes what is printed to the input of a batch of one, otherwise to the call that all are of", async () => {
    const { agent } = await ready(programs.prints);
    const [alone] = run(agent, "alone");
    const [first, second] = two(run(agent, "first", "second"));
    const several = agent.runBatch([["one"]], [["other"]]);
    await values(agent, several);
    expect(agent.logs().map(([, , callId, index, text]) => [callId, index, text])).toEqual([
      [alone?.[0], 0, "alone"],
      [alone?.[0], 0, "over"],
      [first[0], null, "first second"],
      [second[0], null, "over"],
      [null, null, "one other"],
      [null, null, "over"],
    ]);
  });
});
