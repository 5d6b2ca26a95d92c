import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentHarness } from "../testing/agent-harness.ts";
import { bundleOf } from "../testing/link-server.ts";

const harness = new AgentHarness();
beforeAll(() => harness.start());
afterAll(() => harness.stop());

describe("code that calls from inside a container", () => {
  it("reaches the orchestrator as this container, and knows its input before and after, beside others", async () => {
    const code = bundleOf(
      `async (name) => {
        const { connection, currentInput } = globalThis[Symbol.for("bellows.runtime")];
        waiting.push(name);
        while (waiting.length < 3) await new Promise(setImmediate);
        const seen = [currentInput().index];
        for (let turn = 0; turn < 3; turn += 1) {
          const headers = { authorization: "Bearer " + connection.token };
          await (await fetch(connection.url + "/called-by-" + name, { headers })).text();
          console.log(name, "in turn", turn);
          await new Promise((done) => setTimeout(done, 1));
          await Promise.all([1, 2].map(async () => { await null; seen.push(currentInput().index) }));
        }
        return seen;
      }`,
      "const waiting = [];",
    );
    const { agent } = await harness.ready(code, { maxInputs: 3 });
    const names = ["a", "b", "c"];
    const attempts = agent.run(...names.map((name) => [name]));
    for (const [index, ref] of attempts.entries()) {
      expect((await agent.ended(ref)).value).toEqual(Array.from({ length: 7 }, () => index));
    }
    for (const [index, name] of names.entries()) {
      const requests = harness.server.requests.filter(({ url }) => url === `/called-by-${name}`);
      expect(requests.map(({ authorization }) => authorization)).toEqual(
        Array.from({ length: 3 }, () => `Bearer token-of-${agent.containerId}`),
      );
      const lines = agent.logs().filter((line) => line[4].startsWith(`${name} in turn`));
      expect(lines.map((line) => line[3])).toEqual([index, index, index]);
    }
  });

  it("gets an aborted signal in the input that is cancelled, and in no other", async () => {
    const code = bundleOf(
      `() => new Promise((resolve) => {
      const { signal } = globalThis[Symbol.for("bellows.runtime")].currentInput();
      signal.addEventListener("abort", () => resolve(globalThis[Symbol.for("bellows.runtime")].currentInput().index));
      release.push(() => resolve("signal " + signal.aborted));
      if (release.length === 2) console.log("both run");
    })`,
      "const release = globalThis.release = [];",
    );
    const { agent } = await harness.ready(code, { maxInputs: 2 });
    const [cancelled, other] = agent.run([], []);
    if (!cancelled || !other) throw new Error("two inputs were sent");
    await agent.until(() => agent.logs().some((line) => line[4] === "both run"));
    agent.send({ type: "cancel", attempts: [cancelled] });
    expect((await agent.ended(cancelled)).value).toBe(0);
    expect(agent.outputs()).toHaveLength(1);
    agent.send({ type: "cancel", attempts: [other] });
    expect((await agent.ended(other)).value).toBe(1);
  });

  it("leaves its link open: the container ends all the same", async () => {
    const code = bundleOf(
      `() => new Promise((resolve) => {
        const { port, hostname } = new URL(globalThis[Symbol.for("bellows.runtime")].connection.url);
        const socket = connect({ port, host: hostname }, () => resolve("connected"));
        socket.on("close", () => console.log("closed"));
      })`,
      'import { connect } from "node:net";',
    );
    const started = await harness.ready(code);
    expect((await started.agent.ended(started.agent.runOne())).value).toBe("connected");
    started.agent.send({ type: "drain" });
    await started.agent.frame("drained");
    expect(await started.exited).toBe(0);
    expect(started.agent.logs()).toEqual([]);
  });
});
