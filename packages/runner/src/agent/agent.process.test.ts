import { readdirSync } from "node:fs";
import { join } from "node:path";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentHarness } from "../testing/agent-harness.ts";
import { bundleOf, sameAttempt } from "../testing/link-server.ts";
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

  it("runs as many at once as it has slots", async () => {
    const { agent } = await harness.ready(
      bundleOf("(gate) => gate ? new Promise((done) => { open = done }) : open?.('opened')", "let open;"),
      { maxInputs: 2 },
    );
    const [waiting, opener] = agent.run([true], [false]);
    if (!waiting || !opener) throw new Error("two inputs were sent");
    expect((await agent.ended(waiting)).value).toBe("opened");
    expect((await agent.ended(opener)).status).toBe(OUTPUT_STATUS.succeeded);
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

  it("attributes what is printed to the input it was printed for", async () => {
    const code = bundleOf(
      `async (name) => {
        console.log("start", name);
        process.stderr.write("half of ");
        await new Promise((done) => { waiting.push(done); if (waiting.length === 2) waiting.forEach((go) => go()); });
        process.stderr.write(name);
        execFileSync("echo", ["from a child"], { stdio: "inherit" });
      }`,
      'import { execFileSync } from "node:child_process"; const waiting = []; console.log("importing");',
    );
    const { agent } = await harness.ready(code, { maxInputs: 2 });
    const attempts = agent.run(["a"], ["b"]);
    for (const ref of attempts) await agent.ended(ref);
    await agent.until(() => agent.logs().filter((line) => line[4] === "from a child").length === 2);
    const lines = agent.logs().map(([, stream, callId, index, text]) => [stream, callId !== null, index, text]);
    expect(lines).toContainEqual(["stdout", false, null, "importing"]);
    expect(lines).toContainEqual(["stdout", true, 0, "start a"]);
    expect(lines).toContainEqual(["stdout", true, 1, "start b"]);
    expect(lines).toContainEqual(["stderr", true, 0, "half of a"]);
    expect(lines).toContainEqual(["stderr", true, 1, "half of b"]);
    expect(lines).toContainEqual(["stdout", false, null, "from a child"]);
  });
});

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

it("gives back recalled inputs that have not begun, and only those", async () => {
  const { agent } = await harness.ready(bundleOf("(wait) => wait ? new Promise((done) => setTimeout(done, 100)) : 1"));
  const [first, second, third] = agent.run([true], [false], [false]);
  if (!first || !second || !third) throw new Error("three inputs were sent");
  await agent.hasStarted(first);
  agent.send({ type: "recall", attempts: [first, second] });
  expect((await agent.frame("returned")).attempts).toEqual([second]);
  await agent.ended(first);
  expect((await agent.ended(third)).value).toBe(1);
  expect(agent.outputs().some((output) => sameAttempt(output, second))).toBe(false);
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

describe("npm packages of a bundle", () => {
  const code = bundleOf("() => ms('2 days')", 'import ms from "ms";');

  it("are installed beside it, once for all containers of the host", async () => {
    const packages = { ms: "2.1.3" };
    const bundles = [code, `${code}// another bundle with the same packages`].map((text) =>
      harness.server.addBundle(text, { packages }),
    );
    const agents = bundles.map((bundleHash) => harness.launch({ bundleHash }).agent);
    for (const agent of agents) {
      await agent.frame("ready");
      const [ref] = agent.run([]);
      if (!ref) throw new Error("one input was sent");
      expect((await agent.ended(ref)).value).toBe(172_800_000);
    }
    const [host] = readdirSync(harness.cacheDir);
    expect(readdirSync(join(harness.cacheDir, host ?? "", "packages"))).toHaveLength(1);
    const requests = harness.server.bundleRequests;
    await harness.launch({ bundleHash: bundles[0] ?? "" }).agent.frame("ready");
    expect(harness.server.bundleRequests).toBe(requests);
  });

  it("that cannot be installed fail the start with npm's own words", async () => {
    const bundleHash = harness.server.addBundle(code, { packages: { ms: "99.0.0" } });
    const { error } = await harness.launch({ bundleHash }).agent.frame("startFailed");
    expect(error.code).toBe("STARTUP");
    expect(error.message).toContain("npm could not install ms@99.0.0");
    expect(error.message).toContain("No matching version");
  });
});

describe("a start that fails", () => {
  it("shows the user's error and line when the import throws", async () => {
    const source = '\n\nexport function parse(): never { throw new RangeError("bad config") }\nparse();\n';
    const { code, map } = transformSync(source, {
      loader: "ts",
      sourcemap: "external",
      sourcefile: "/home/ada/pages.ts",
    });
    const bundleHash = harness.server.addBundle(code, { sourceMap: map });
    const started = harness.launch({ bundleHash });
    const { error } = await started.agent.frame("startFailed");
    expect(error).toMatchObject({ code: "STARTUP", message: expect.stringContaining("RangeError: bad config") });
    expect(error.stack).toContain("pages.ts:3");
    expect(await started.exited).toBe(1);
  });

  it("names the functions there are when the wanted one is not among them", async () => {
    const started = harness.launch({ bundleHash: harness.server.addBundle(bundleOf("() => 1")), functionName: "gone" });
    const { error } = await started.agent.frame("startFailed");
    expect(error).toMatchObject({
      code: "STARTUP",
      message: expect.stringContaining('no function "gone"; it has work'),
    });
  });

  it("tells what a module printed that ended its own process", async () => {
    const code = bundleOf("() => 1", 'console.error("MISSING_KEY is not set"); process.exit(4);');
    const { error } = await harness.launch({ bundleHash: harness.server.addBundle(code) }).agent.frame("startFailed");
    expect(error.message).toContain("status 4");
    expect(error.message).toContain("MISSING_KEY is not set");
  });

  it("gives up an import that takes longer than startupTimeout", async () => {
    const code = bundleOf("() => 1", "for (;;);");
    const started = harness.launch({ bundleHash: harness.server.addBundle(code), startupTimeoutMs: 1_000 });
    const { error } = await started.agent.frame("startFailed");
    expect(error).toMatchObject({ code: "STARTUP", message: expect.stringContaining("startupTimeout of 1s") });
    expect(await started.exited).toBe(1);
  });

  it("says so when the bundle cannot be had", async () => {
    const { error } = await harness.launch({ bundleHash: "0".repeat(64) }).agent.frame("startFailed");
    expect(error).toMatchObject({ code: "STARTUP", message: expect.stringContaining("status 404") });
  });

  it("does not start without its variables", async () => {
    const bundleHash = "0".repeat(64);
    const started = harness.launch({ bundleHash }, { BELLOWS_LINK_URL: "" });
    expect(await started.exited).toBe(2);
    expect(started.printed()).toContain("BELLOWS_LINK_URL is not set");
  });
});
