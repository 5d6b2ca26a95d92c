import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentHarness } from "../testing/agent-harness.ts";
import { bundleOf } from "../testing/link-server.ts";

const harness = new AgentHarness();
beforeAll(() => harness.start());
afterAll(() => harness.stop());

describe("a handler that fails", () => {
  it.each([
    ["error that nothing catches", 'setTimeout(() => { throw new Error("from a timer") })'],
    ["unhandled rejection", 'setTimeout(() => Promise.reject(new Error("from a timer")))'],
    ["async function that nobody awaits", '(async () => { await null; throw new Error("from a timer") })()'],
  ])("and leaves behind an %s fails its own input and gives the others back", async (_what, leaves) => {
    const code = bundleOf(`async (bad) => { if (bad) ${leaves}; await new Promise(() => {}) }`);
    const { agent } = await harness.ready(code, { maxInputs: 2 });
    const [innocent, guilty] = agent.run([false], [true]);
    if (!innocent || !guilty) throw new Error("two inputs were sent");
    expect((await agent.ended(guilty)).value).toMatchObject({ code: "REMOTE", message: "from a timer" });
    expect((await agent.frame("returned")).attempts).toEqual([innocent]);
    expect(agent.framesOf("lost")).toEqual([]);
  });
});

describe("a handler that does not end", () => {
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
});
