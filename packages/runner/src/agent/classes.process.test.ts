import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { encodeValue } from "@bellows/protocol/values";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentHarness } from "../testing/agent-harness.ts";
import { bundleOf } from "../testing/link-server.ts";

const harness = new AgentHarness();
beforeAll(() => harness.start());
afterAll(() => harness.stop());

/** A class as the SDK marks it. */
const classOf = (
  body: string,
  { methods = ["call"], enter = [] as string[], exit = [] as string[], before = "" } = {},
): string =>
  bundleOf(`class Model { ${body} }`, before, {
    kind: "class",
    methods,
    hooks: { enter: enter.map((name) => ({ name, snap: false })), exit },
  });

describe("a class", () => {
  it("is constructed with its parameters and entered once, before all inputs", async () => {
    const code = classOf(
      `#log = [];
       constructor(name, options) { this.#log.push("new " + name + " " + options.size); }
       async load() { this.#log.push("load"); await new Promise((done) => setTimeout(done, 60)); this.#log.push("loaded"); }
       warm() { this.#log.push("warm"); }
       call(what) { this.#log.push(what); return this.#log; }`,
      { enter: ["load", "warm"] },
    );
    const { agent } = await harness.ready(code, { parameters: encodeValue(["net", { size: 2 }]) });
    const [first, second] = agent.run(["call", "a"], ["call", "b"]);
    if (!first || !second) throw new Error("two inputs were sent");
    const log = ["new net 2", "load", "loaded", "warm", "a"];
    expect((await agent.ended(first)).value).toEqual(log);
    expect((await agent.ended(second)).value).toEqual([...log, "b"]);
    const { timings } = await agent.frame("ready");
    expect(timings.enterMs).toBeGreaterThanOrEqual(55);
  });

  it("refuses a method that it has not", async () => {
    const { agent } = await harness.ready(classOf("call() {} secret() {}"));
    const { status, value } = await agent.ended(agent.runOne("secret"));
    expect(status).toBe(OUTPUT_STATUS.failed);
    expect(value).toMatchObject({ code: "INVALID", message: expect.stringContaining('it has "call"') });
  });

  it("has no current input in its hooks, and one in its methods", async () => {
    const code = classOf(
      `load() { this.seen = String(current()?.index); }
       call() { return [this.seen, String(current()?.index)]; }
       close() { console.log("closed for " + String(current()?.index)); }`,
      {
        enter: ["load"],
        exit: ["close"],
        before: 'const current = () => globalThis[Symbol.for("bellows.runtime")].currentInput();',
      },
    );
    const { agent } = await harness.ready(code);
    expect((await agent.ended(agent.runOne("call"))).value).toEqual(["undefined", "0"]);
    agent.send({ type: "drain" });
    await agent.frame("drained");
    expect(agent.logs()).toMatchObject([[expect.any(Number), "stdout", null, null, "closed for undefined"]]);
  });

  it.each([
    ["constructor", 'constructor() { throw new RangeError("no weights") } call() {}', "could not be constructed"],
    [
      "enter hook",
      'async load() { await null; throw new RangeError("no weights") } call() {}',
      "the enter hook `load`",
    ],
  ])("whose %s throws does not start, and shows the user's error and stack", async (_what, body, said) => {
    const bundleHash = harness.server.addBundle(classOf(body, { enter: body.includes("load()") ? ["load"] : [] }));
    const started = harness.launch({ bundleHash });
    const { error } = await started.agent.frame("startFailed");
    expect(error).toMatchObject({
      code: "STARTUP",
      message: expect.stringMatching(/RangeError: no weights$/),
      stack: expect.stringContaining("bundle.mjs"),
    });
    expect(error.message).toContain(said);
    expect(error.stack).not.toContain("worker.mjs");
    expect(await started.exited).toBe(1);
  });

  it("whose enter hook takes longer than startupTimeout is given up", async () => {
    const bundleHash = harness.server.addBundle(
      classOf("load() { return new Promise(() => {}) } call() {}", { enter: ["load"] }),
    );
    const { error } = await harness.launch({ bundleHash, startupTimeoutMs: 1_000 }).agent.frame("startFailed");
    expect(error.message).toContain("in its enter hooks");
  });
});

describe("the exit of a class", () => {
  it("runs its hooks after the last input, and one that throws stops neither the others nor the end", async () => {
    const code = classOf(
      `call() { return new Promise((done) => setTimeout(done, 50, "finished")) }
       async first() { console.log("first"); throw new Error("no disk") }
       async second() { setTimeout(() => { throw new Error("from a timer") }); await new Promise((done) => setTimeout(done, 20)); console.log("second") }`,
      { exit: ["first", "second"] },
    );
    const started = await harness.ready(code);
    const ref = started.agent.runOne("call");
    await started.agent.hasStarted(ref);
    started.process.kill("SIGTERM");
    expect((await started.agent.ended(ref)).value).toBe("finished");
    await started.agent.frame("drained");
    expect(await started.exited).toBe(0);
    const said = started.agent.logs().map((line) => line[4]);
    expect(said[0]).toBe("first");
    expect(said.find((line) => line.includes("exit hook"))).toContain("`first` failed: Error: no disk");
    expect(said.some((line) => line.includes("from a timer"))).toBe(true);
    expect(said.at(-1)).toBe("second");
  });

  it("runs its hooks when its host ends it, although an input does not finish in time, and charges that to nobody", async () => {
    const code = classOf(`call() { return new Promise(() => {}) } last() { console.log("closed") }`, {
      exit: ["last"],
    });
    const started = await harness.ready(code);
    const ref = started.agent.runOne("call");
    await started.agent.hasStarted(ref);
    started.process.kill("SIGTERM");
    expect(await started.exited).toBe(0);
    expect(started.agent.logs().map((line) => line[4])).toEqual(["closed"]);
    expect(await started.agent.frame("lost")).toMatchObject({ attempts: [ref] });
  }, 20_000);

  it("is not held up by what user code has left open", async () => {
    const code = classOf(
      `open() { this.server = createServer().listen(0); this.timer = setInterval(() => {}, 1e6); }
       call() {}`,
      { enter: ["open"], before: 'import { createServer } from "node:net";' },
    );
    const started = await harness.ready(code);
    started.agent.send({ type: "drain" });
    expect(await started.exited).toBe(0);
  });
});
