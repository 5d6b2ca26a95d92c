import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentHarness } from "../testing/agent-harness.ts";
import { bundleOf } from "../testing/link-server.ts";
import { isRunning, untilGone } from "../testing/processes.ts";

const harness = new AgentHarness();
beforeAll(() => harness.start());
afterAll(() => harness.stop());

describe("a container that works", () => {
  it("runs inputs in order and says which have begun", async () => {
    const { agent } = await harness.ready(bundleOf("async (a, b) => { await null; return a + b }"));
    const attempts = agent.run([1, 2], [3, 4], ["x", "y"]);
    const ends = await Promise.all(attempts.map((ref) => agent.ended(ref)));
    expect(ends.map(({ status, value }) => [status, value])).toEqual([
      [OUTPUT_STATUS.succeeded, 3],
      [OUTPUT_STATUS.succeeded, 7],
      [OUTPUT_STATUS.succeeded, "xy"],
    ]);
    expect(agent.authorization).toBe(`Bearer token-of-${agent.containerId}`);
    const { timings } = await agent.frame("ready");
    expect(timings.bootMs).toBeGreaterThan(0);
  });

  it("tells the code where it is, and keeps its token out of the environment", async () => {
    const code = bundleOf(`() => {
      const { appName, environment, connection, currentInput } = globalThis[Symbol.for("bellows.runtime")];
      return { appName, environment, connection, input: currentInput().index, env: process.env.GREETING,
        token: Object.values(process.env).some((value) => value.includes("token-of")) };
    }`);
    const { agent } = await harness.ready(code, { env: { GREETING: "hello" }, appName: "pages" });
    const [ref] = agent.run([]);
    if (!ref) throw new Error("one input was sent");
    expect((await agent.ended(ref)).value).toEqual({
      appName: "pages",
      environment: "main",
      connection: {
        url: new URL(harness.server.linkUrl).origin.replace("ws:", "http:"),
        token: `token-of-${agent.containerId}`,
      },
      input: 0,
      env: "hello",
      token: false,
    });
  });
});

describe("a cut link", () => {
  it("loses no output: what is not acknowledged is offered again, what runs goes on", async () => {
    const { agent } = await harness.ready(
      bundleOf(
        "(hold) => hold ? new Promise((done) => { release = done }) : (release?.('held'), 'done')",
        "let release;",
      ),
      { maxInputs: 2 },
    );
    agent.acknowledges = false;
    const [held] = agent.run([true]);
    if (!held) throw new Error("one input was sent");
    await agent.hasStarted(held);
    agent.cut();
    await agent.until(() => agent.links === 2 && agent.framesOf("hello").length === 2);
    const hello = agent.framesOf("hello")[1];
    expect(hello).toMatchObject({ ready: true, held: [held] });
    await agent.until(() => agent.framesOf("started").filter(({ attempts }) => attempts.length > 0).length === 2);
    const [releasing] = agent.run([false]);
    if (!releasing) throw new Error("one input was sent");
    expect((await agent.ended(held)).value).toBe("held");
    await agent.ended(releasing);
    agent.cut();
    agent.acknowledges = true;
    await agent.until(() => agent.framesOf("hello").length === 3);
    const hellos = agent.frames.flatMap((frame, position) => (frame.type === "hello" ? [position] : []));
    await agent.until(() => {
      const offered = agent.frames.slice(hellos[2]).flatMap((frame) => (frame.type === "outputs" ? frame.outputs : []));
      return offered.length === 2;
    });
    expect(agent.framesOf("outputs").every(({ firstSeq }) => firstSeq <= 2)).toBe(true);
    agent.send({ type: "drain" });
    await agent.frame("drained");
    agent.cut();
  });

  it("ends the container with its worker when no orchestrator comes back in time", async () => {
    const started = await harness.ready(bundleOf("() => process.pid"), {}, { BELLOWS_AGENT_ORPHAN_MS: "300" });
    const [ref] = started.agent.run([]);
    if (!ref) throw new Error("one input was sent");
    const workerPid = Number((await started.agent.ended(ref)).value);
    expect(isRunning(workerPid)).toBe(true);
    harness.server.refuses = true;
    started.agent.cut();
    expect(await started.exited).toBe(1);
    harness.server.refuses = false;
    await untilGone(workerPid);
  });
});

describe("the end of a container", () => {
  it("drains: gives back the unstarted, finishes the running, waits for acknowledgements, exits with 0", async () => {
    const started = await harness.ready(bundleOf("() => new Promise((done) => setTimeout(done, 50, 'finished'))"));
    const { agent } = started;
    agent.acknowledges = false;
    const [running, unstarted] = agent.run([], []);
    if (!running || !unstarted) throw new Error("two inputs were sent");
    await agent.hasStarted(running);
    agent.send({ type: "drain" });
    expect((await agent.frame("returned")).attempts).toEqual([unstarted]);
    expect((await agent.ended(running)).value).toBe("finished");
    expect(agent.framesOf("drained")).toHaveLength(0);
    agent.send({ type: "ack", seq: 1 });
    await agent.frame("drained");
    expect(await started.exited).toBe(0);
  });

  it("drains on SIGTERM", async () => {
    const started = await harness.ready(bundleOf("() => 1"));
    expect(started.agent.framesOf("hello")).toMatchObject([{ draining: false }]);
    started.process.kill("SIGTERM");
    await started.agent.frame("drained");
    expect(started.agent.framesOf("draining")).toHaveLength(1);
    expect(await started.exited).toBe(0);
  });

  it("takes worker and children along when the agent is killed, even while user code blocks", async () => {
    const code = bundleOf(
      `() => {
        const child = spawn("sleep", ["600"], { stdio: "ignore" });
        console.log([process.pid, child.pid].join(" "));
        for (;;);
      }`,
      'import { spawn } from "node:child_process";',
    );
    const started = await harness.ready(code);
    started.agent.run([]);
    const line = await started.agent.until(() => started.agent.logs()[0]);
    const pids = line[4].split(" ").map(Number);
    expect(pids.map(isRunning)).toEqual([true, true]);
    started.process.kill("SIGKILL");
    for (const pid of pids) await untilGone(pid);
  });
});
