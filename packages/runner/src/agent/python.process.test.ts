/** What is Python's own; what holds of every worker is in `every-worker.process.test.ts`. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { OUTPUT_STATUS } from "@bellows/protocol/states";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AgentHarness } from "../testing/agent-harness.ts";
import { pythonPrograms } from "../testing/python-programs.ts";

const harness = new AgentHarness();
beforeAll(() => harness.start());
afterAll(() => harness.stop());

const { bundle } = pythonPrograms("def");
type Assigned = Partial<Parameters<AgentHarness["started"]>[0]>;
const ready = (code: string, assigned: Assigned = {}) =>
  harness.started({ ...bundle(code, harness.server), ...assigned });

describe("a Python function that is cancelled", () => {
  it("on a thread of several stops at its next step, and the others go on", async () => {
    const { agent } = await ready(
      `import time
def work(name):
    print(name)
    try:
        for _ in range(300 if name == "stays" else 10**6): time.sleep(0.01)
        return "done"
    finally: print(name, "ends")`,
      { maxInputs: 3 },
    );
    const [first, second, stays] = agent.run(["first"], ["second"], ["stays"]);
    if (!first || !second || !stays) throw new Error("three inputs were sent");
    await agent.until(() => agent.logs().length === 3);
    agent.send({ type: "cancel", attempts: [first, second] });
    for (const ref of [first, second]) {
      expect(await agent.ended(ref)).toMatchObject({ status: OUTPUT_STATUS.cancelled, value: { code: "CANCELLED" } });
    }
    expect(await agent.ended(stays)).toMatchObject({ status: OUTPUT_STATUS.succeeded, value: "done" });
    expect(agent.framesOf("ready")).toHaveLength(1);
    expect(agent.framesOf("returned")).toEqual([]);
  });

  it("may answer all the same, and says what else it raised", async () => {
    const { agent } = await ready(`import asyncio
async def work(how):
    print("waits")
    try: await asyncio.sleep(600)
    except asyncio.CancelledError:
        if how == "answers": return "partial"
        raise ValueError("while cleaning up")`);
    const answers = agent.runOne("answers");
    await agent.until(() => agent.logs().length === 1);
    agent.send({ type: "cancel", attempts: [answers] });
    expect(await agent.ended(answers)).toMatchObject({ status: OUTPUT_STATUS.succeeded, value: "partial" });
    const raises = agent.runOne("raises");
    await agent.until(() => agent.logs().length === 2);
    agent.send({ type: "cancel", attempts: [raises] });
    expect(await agent.ended(raises)).toMatchObject({
      status: OUTPUT_STATUS.cancelled,
      value: { code: "CANCELLED", cause: { name: "ValueError", message: "while cleaning up" } },
    });
  });

  it("over and over, between steps of its own and of the worker, never breaks the pipe", async () => {
    const { agent } = await ready(
      `import threading
def work(n):
    print("begins", n)
    for i in range(10**9): print("x" * 50)`,
      { maxInputs: 2 },
    );
    for (let round = 0; round < 30; round += 1) {
      const refs = agent.run([round], [-round]);
      for (const ref of refs) await agent.hasStarted(ref);
      agent.send({ type: "cancel", attempts: refs });
      for (const ref of refs) expect((await agent.ended(ref)).status).toBe(OUTPUT_STATUS.cancelled);
    }
    expect(agent.framesOf("ready")).toHaveLength(1);
  });
});

describe("values of Python", () => {
  it.each<[string, unknown]>([
    ["(1, 2.0, True)", [1, 2, true]],
    ["2**53 - 1", 2 ** 53 - 1],
    ["2**53", 2n ** 53n],
    ["{1: 'a'}", new Map([[1, "a"]])],
    ["{'a': None}", { a: null }],
    ["frozenset({1})", new Set([1])],
    ["bytearray(b'ab')", new Uint8Array([97, 98])],
    ["memoryview(b'ab')", new Uint8Array([97, 98])],
    ["array.array('f', [1.5])", new Float32Array([1.5])],
    ["Point(1, [Point(2, None)])", { x: 1, y: [{ x: 2, y: null }] }],
    ["datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc)", new Date("2024-01-02T00:00:00Z")],
    ["Colour.RED", 7],
    ["collections.OrderedDict(a=1)", { a: 1 }],
  ])("%s arrive", async (code, value) => {
    const { agent } = await ready(
      `import array, collections, dataclasses, datetime, enum
@dataclasses.dataclass
class Point:
    x: int
    y: object
class Colour(enum.IntEnum): RED = 7
def work(code): return eval(code)`,
    );
    expect((await agent.ended(agent.runOne(code))).value).toStrictEqual(value);
  });

  it("that are dataclasses have the fields of an instance alone, and may refer to themselves", async () => {
    const { agent } = await ready(`import dataclasses, typing
@dataclasses.dataclass
class Node:
    kind: typing.ClassVar[str] = "node"
    seed: dataclasses.InitVar[int]
    hidden: typing.ClassVar[object] = object()
    n: int = 0
    next: object = None
    def __post_init__(self, seed): self.n = seed * 2
def work():
    node = Node(4)
    node.next = node
    return [node, node, Node(1)]`);
    const { value } = await agent.ended(agent.runOne());
    const node: Record<string, unknown> = { n: 8 };
    node.next = node;
    expect(value).toStrictEqual([node, node, { n: 2, next: null }]);
    expect(value).toSatisfy(([first, second]: unknown[]) => first === second);
  });

  it.each<[string, unknown]>([
    [
      "a Map of 1 and true",
      new Map<unknown, unknown>([
        [1, "a"],
        [true, "b"],
      ]),
    ],
    [
      "a Map of 1 and 1n",
      new Map<unknown, unknown>([
        [1, "a"],
        [1n, "b"],
      ]),
    ],
    [
      "a Map of null and undefined",
      new Map<unknown, unknown>([
        [null, "a"],
        [undefined, "b"],
      ]),
    ],
    ["a Set of 0 and false", new Set([1, 0, false])],
    ["a Set of equal lists", new Set([[1], [1]])],
  ])("are never fewer than were sent: %s is refused", async (_what, value) => {
    const { agent } = await ready("def work(value): return value");
    expect((await agent.ended(agent.runOne(value))).value).toMatchObject({
      code: "INVALID",
      message: expect.stringMatching(
        /^a (Map|Set) has no likeness in Python where .* is equal to another one.*pass a list/,
      ),
    });
  });

  it("that cannot travel are named, with what to do", async () => {
    const { agent } = await ready(`import datetime
def work(code): return eval(code)`);
    const said = async (code: string) => ((await agent.ended(agent.runOne(code))).value as { message: string }).message;
    expect(await said("{'rows': (n for n in [1])}")).toBe(
      "value.rows is a generator, which cannot travel; collect what it yields: return list(...)",
    );
    expect(await said("[datetime.date(2024, 1, 2)]")).toBe(
      "value[0] is a date, which cannot travel; pass a datetime, or text made by .isoformat()",
    );
    expect(await said("[object()]")).toContain("value[0] is an object, which cannot travel; pass its data");
  });
});

describe("Python code", () => {
  it("that cannot be found is told by what there is", async () => {
    const { bundleHash } = bundle("def one(): pass\nclass Two: pass\nthree = 3", harness.server);
    const { agent } = harness.launch({ bundleHash, python: { file: "code.py", function: "work" } });
    expect((await agent.frame("startFailed")).error).toMatchObject({
      code: "STARTUP",
      message: 'the code could not be loaded: code.py has no function "work"; it has "one", "Two"',
    });
  });

  it.each(["()", "(*texts)", "(texts=())"])("that takes no lists, %s, cannot be batched", async (parameters) => {
    const { agent } = harness.launch({
      ...bundle(`def work${parameters}: return []`, harness.server),
      batched: true,
    });
    expect((await agent.frame("startFailed")).error).toMatchObject({
      code: "STARTUP",
      message: expect.stringContaining("a batched function takes lists; give it a parameter for each argument"),
    });
  });

  it("that takes a list by its name only cannot be batched", async () => {
    const { agent } = harness.launch({
      ...bundle("def work(texts, *, sizes, limit=2): return []", harness.server),
      batched: true,
    });
    expect((await agent.frame("startFailed")).error).toMatchObject({
      code: "STARTUP",
      message: expect.stringContaining('nothing would fill the parameter "sizes", which is given by name'),
    });
  });

  it("that is batched may have parameters with defaults for its own use", async () => {
    const { agent } = await ready("def work(numbers, factor=2): return tuple(n * factor for n in numbers)", {
      batched: true,
    });
    const refs = agent.run([1], [2], [3, 4]);
    const [first, second, third] = await Promise.all(refs.map((ref) => agent.ended(ref)));
    expect([first?.value, second?.value]).toEqual([2, 4]);
    expect(third?.value).toMatchObject({ message: expect.stringContaining("has 2 arguments and the batched handler") });
  });

  it("is told by a syntax error where that is", async () => {
    const { agent } = harness.launch(bundle("def work(:\n    pass", harness.server));
    const { error } = await agent.frame("startFailed");
    expect(error.message).toContain("SyntaxError");
    expect(error.stack).toMatch(/File "code\.py", line 1\n.*def work\(:/);
  });

  it("on a host without python3 does not start, and says what to do", async () => {
    const path = mkdtempSync(join(harness.folder, "path-"));
    const { agent } = harness.launch(bundle("def work(): pass", harness.server), { PATH: path });
    expect((await agent.frame("startFailed")).error).toMatchObject({
      code: "STARTUP",
      message: expect.stringMatching(/no python3 on the PATH.*install Python 3\.9 or newer.*Image\.fromRegistry/),
    });
  });

  it("has the variables of its `env` before its first line, those of Python itself, too", async () => {
    const { agent } = await ready("import sys\ndef work(): return sys.flags.optimize", {
      env: { PYTHONOPTIMIZE: "2", PYTHONSAFEPATH: "1" },
    });
    expect((await agent.ended(agent.runOne())).value).toBe(2);
  });

  it("that asks to end the process fails its input alone", async () => {
    const { agent } = await ready("import sys\ndef work(ends): return sys.exit('no') if ends else 'lives'");
    const [ends, lives] = agent.run([true], [false]);
    if (!ends || !lives) throw new Error("two inputs were sent");
    expect((await agent.ended(ends)).value).toMatchObject({ code: "REMOTE", name: "SystemExit", message: "no" });
    expect((await agent.ended(lives)).value).toBe("lives");
  });

  it.each(["fork", "spawn"])("may start processes of its own (%s), which print as they like", async (method) => {
    const { agent } = await ready(`import multiprocessing, sys
def square(n):
    print("square", n, flush=True)
    return n * n
def work():
    sys.stdout.buffer.write("bytes é\\n".encode())
    with multiprocessing.get_context("${method}").Pool(2) as pool: return pool.map(square, [1, 2, 3])`);
    expect((await agent.ended(agent.runOne())).value).toEqual([1, 4, 9]);
    await agent.until(() => agent.logs().filter(([, , , , text]) => text.startsWith("square ")).length === 3);
    expect(agent.logs().map(([, stream, , , text]) => [stream, text])).toContainEqual(["stdout", "bytes é"]);
  });

  it("has its hooks of exit run when the container ends", async () => {
    const started = await ready(`import atexit, sys
atexit.register(lambda: print('bye'))
def work(): sys.__stdout__.write("kept back")`);
    await started.agent.ended(started.agent.runOne());
    started.agent.send({ type: "drain" });
    await started.agent.frame("drained");
    expect(started.agent.logs().sort((a, b) => (a[4] < b[4] ? -1 : 1))).toMatchObject([
      [expect.any(Number), "stdout", null, null, "bye"],
      [expect.any(Number), "stdout", null, null, "kept back"],
    ]);
    expect(await started.exited).toBe(0);
  });

  it("has its traceback to itself, whatever of the worker it went through", async () => {
    const { agent } = await ready("import sys\ndef work(): sys.stdout.write(1)");
    const { stack } = (await agent.ended(agent.runOne())).value as { stack: string };
    expect(stack).toContain('File "code.py", line 2, in work');
    expect(stack).not.toContain("bellows_worker");
  });

  it("that forks and comes back twice answers once, and writes to no file that its child has opened", async () => {
    const { agent } = await ready(`import os
files = []
def work():
    path = "${harness.folder}/of-the-child"
    pid = os.fork()
    if pid == 0:
        files.extend(open(path, "w") for _ in range(4))
        return "from the child"
    os.waitpid(pid, 0)
    return os.path.getsize(path)`);
    expect((await agent.ended(agent.runOne())).value).toBe(0);
    expect((await agent.ended(agent.runOne())).value).toBe(0);
    expect(agent.outputs()).toHaveLength(2);
  });

  it("is told when what it is called with is nested too deeply", async () => {
    const { agent } = await ready("def work(value): return 1");
    let deep: unknown = [];
    for (let depth = 0; depth < 700; depth += 1) deep = [deep];
    const said = (await agent.ended(agent.runOne(deep))).value;
    expect(said).toMatchObject({ code: "INVALID", message: expect.stringContaining("nested too deeply for Python") });
    expect((await agent.ended(agent.runOne([[]]))).value).toBe(1);
  });

  it("runs on the threads that it has when there can be no more", async () => {
    const { agent } = await ready(
      `import threading
def refuse(_thread): raise RuntimeError("can't start new thread")
threading.Thread.start = refuse
def work(n): return n`,
      { maxInputs: 3 },
    );
    const refs = agent.run([1], [2], [3]);
    for (const [at, ref] of refs.entries()) expect((await agent.ended(ref)).value).toBe(at + 1);
  });
});

describe("a Python function on the event loop", () => {
  it("goes on when its code stops the loop", async () => {
    const { agent } = await ready(`import asyncio
async def work(): asyncio.get_running_loop().stop()`);
    expect((await agent.ended(agent.runOne())).status).toBe(OUTPUT_STATUS.succeeded);
    expect((await agent.ended(agent.runOne())).status).toBe(OUTPUT_STATUS.succeeded);
  });

  it("loses its worker to what nothing has caught, and it is said what that was", async () => {
    const { agent } = await ready(`import asyncio, sys, threading, time
async def leave(): sys.exit("enough")
async def work(leaves):
    if not leaves: return "alive"
    threading.Thread(target=time.sleep, args=[600]).start()
    leaving = asyncio.create_task(leave())
    await asyncio.sleep(600)`);
    const lives = agent.runOne(true);
    const lost = await agent.frame("lost");
    expect(lost).toMatchObject({
      attempts: [lives],
      error: { code: "CONTAINER_CRASHED", cause: { name: "SystemExit" } },
    });
    expect(lost.error.message).toContain("SystemExit: enough");
    await agent.until(() => agent.framesOf("ready").length === 2);
    expect((await agent.ended(agent.runOne(false))).value).toBe("alive");
  });
});

describe("what Python code prints", () => {
  const printed = async (code: string) => {
    const { agent } = await ready(`import sys\ndef work():\n    ${code}`);
    expect((await agent.ended(agent.runOne())).status).toBe(OUTPUT_STATUS.succeeded);
    return agent.logs().map(([, , , , text]) => text);
  };

  it("may be bytes, of which a character comes in pieces and others are no text", async () => {
    expect(
      await printed(
        String.raw`for piece in (b"caf\xc3", b"\xa9\n", b"\xff\x00\xfe\n", b"\xe2\x82"): sys.stdout.buffer.write(piece)`,
      ),
    ).toEqual(["café", "\ufffd\0\ufffd", "\ufffd"]);
  });

  it("may hold half a character, and goes where it would if the code had asked for another encoding", async () => {
    const lines = await printed(String.raw`sys.stdout.reconfigure(encoding="latin-1"); print("a\udcffb")`);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^a.+b$/);
  });

  it("comes in pieces of the limit where it has no end", async () => {
    const lines = await printed(`sys.stdout.write("x" * 4_000_000)`);
    expect(lines.map((line) => line.length)).toEqual([...Array<number>(244).fill(16_384), 4_000_000 - 244 * 16_384]);
  });

  it("is as long as it is in JavaScript, and no emoji is cut in two", async () => {
    const lines = await printed(
      String.raw`[sys.stdout.write(text) for text in ("\U0001f600" * 8192 + "\n", "x" + "\U0001f600" * 9000 + "\n", "x" + "\U0001f600" * 16384)]`,
    );
    expect(lines.map((line) => line.length)).toEqual([
      16_384,
      16_383 + " [1,618 characters cut]".length,
      16_383,
      16_384,
      2,
    ]);
    expect(lines[1]).toMatch(/^x(😀)+ \[1,618 characters cut\]$/u);
    expect(lines.slice(2).join("")).toBe(`x${"😀".repeat(16_384)}`);
  });

  it("holds no secret, wherever its line is cut", async () => {
    const secret = "hunter2-hunter2";
    const { agent } = await ready(
      String.raw`import sys
def work():
    start = "\U0001f600" * 300 + "x" * 15_774
    for at in range(16): sys.stdout.write(start[: len(start) - at] + "${secret} and more\n")
    for at in range(16): sys.stdout.write(start[: len(start) - at] + "${secret} and more"); sys.stdout.write("\n")`,
      { secrets: { KEY: secret } },
    );
    expect((await agent.ended(agent.runOne())).status).toBe(OUTPUT_STATUS.succeeded);
    const ends = agent.logs().map(([, , , , text]) => text.replace(/^(😀)+x+/u, ""));
    expect(ends.filter((end) => end.startsWith("***")).length).toBeGreaterThanOrEqual(32);
    expect(ends.join("\n").replaceAll(/\*\*\*| \[\d+ characters cut\]/g, "")).toMatch(/^[ andmore\n]+$/);
  });
});
