/** The command line as people and programs use it: real processes against a real stack. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { type CommandResult, REPOSITORY, resultOf, type Stack, startStack, until } from "./stack.ts";

const DESK = "e2e/fixtures/desk.ts";
const KINDS = "packages/cli/fixtures/every-kind.ts";
const FAILED = 1;
const WRONG_USAGE = 2;

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  const deployed = await Promise.all(
    [DESK, "e2e/fixtures/faults.ts"].map((file) => stack.bellows(["deploy", file, "--json"])),
  );
  for (const { code, stdout } of deployed) {
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1 });
  }
}, 240_000);

afterAll(async () => {
  expect(await stack?.stop()).toBe(0);
}, 60_000);

/** The one JSON document on stdout. @throws when there is none, or anything beside it. */
function documentOf({ stdout, stderr }: CommandResult): unknown {
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

const NOUNS = ["app", "function", "call", "container"] as const;
const rowsSchema = z.array(z.looseObject({ id: z.string(), state: z.string().optional() }));

async function list(noun: (typeof NOUNS)[number], ...flags: string[]) {
  return rowsSchema.parse(documentOf(await stack.bellows([noun, "list", "--json", ...flags])));
}

/** Everything the process has said so far, whichever stream it came by. */
function transcriptOf(child: ChildProcess): () => string {
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
  }
  return () => text;
}

/** For a call of `waitFor`, which ends when this one says so. */
async function gate(): Promise<{ path: string; open: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), "bellows-e2e-gate-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const path = join(dir, "open");
  return { path, open: () => writeFile(path, "") };
}

async function appNames(...flags: string[]): Promise<unknown[]> {
  return (await list("app", ...flags)).map(({ name }) => name);
}

describe("deploy", () => {
  it.each([
    ["packages/cli/fixtures/missing-import.ts", 'missing-import.ts:2:25: Could not resolve "a-package-that-is-not-'],
    ["packages/cli/fixtures/import-throws.ts", "import-throws.ts threw while it was loaded"],
    ["packages/cli/fixtures/wrong-option.ts", 'scaledownWindow: 300 ms is below 2 s; did you mean "300s"?'],
    ["packages/cli/fixtures/two-apps.ts", "the file exports 2 apps (first, second); export one"],
    [
      "e2e/fixtures/unserved.ts",
      'function "draw", option gpu: this host has no GPU; ask for what it has, or leave it out',
    ],
  ])("of %s fails with the reason", async (file, reason) => {
    const { code, stdout, stderr } = await stack.bellows(["deploy", file]);
    expect({ code, stdout }).toEqual({ code: FAILED, stdout: "" });
    expect(stderr).toMatch(/^error: /);
    expect(stderr).toContain(reason);
  });

  it("that has failed leaves nothing behind", async () => {
    expect((await appNames("--all")).toSorted()).toEqual(["desk", "faults"]);
  });
});

describe("call", () => {
  it("prints the result, or with --json a document of it", async () => {
    const [text, json] = await Promise.all([
      stack.bellows(["call", "desk", "add", "--args", "[2, 3]"]),
      stack.bellows(["call", "desk", "add", "--args", "[2, 3]", "--json"]),
    ]);
    expect(text).toEqual({ code: 0, stdout: "5\n", stderr: "" });
    expect(documentOf(json)).toEqual({ result: 5 });
  });

  it("with --spawn prints an id, under which the call and how it ended are found", async () => {
    const spawned = await stack.bellows(["call", "desk", "add", "--args", "[20, 30]", "--spawn"]);
    const id = spawned.stdout.trim();
    const shown = async () => documentOf(await stack.bellows(["call", "show", id, "--json"]));
    await until(async () => z.looseObject({ state: z.string() }).parse(await shown()).state === "succeeded");
    expect(await shown()).toMatchObject({
      id,
      kind: "spawn",
      inputs: [{ index: 0, state: "succeeded", attempts: 1 }],
      detail: { arguments: { text: "20, 30" }, result: { text: "50" }, error: null },
    });
    expect((await list("call", "--app", "desk")).map((call) => call.id)).toContain(id);
    const { stdout } = await stack.bellows(["call", "show", id]);
    expect(stdout).toMatch(/^CALL +FUNCTION.*\n.*desk\/add .*succeeded[\s\S]*arguments +20, 30\nresult +50\n$/);
  });

  it("calls methods of a class, each set of constructor arguments in a pool of its own, and streams a generator", async () => {
    const { stdout } = await stack.bellows(["deploy", KINDS]);
    expect(stdout).toBe(
      "deployed kinds version 1, 3 functions\n  kinds plain\n  kinds count\n  kinds Model.predict\n  kinds Model.scale\n",
    );
    const call = (...words: string[]) => stack.bellows(["call", "kinds", ...words]);
    expect(await call("Model.predict", "--args", "[3]")).toEqual({ code: 0, stdout: "3\n", stderr: "" });
    expect(await call("Model.predict", "--args", "[3]", "--instance", "[7]")).toMatchObject({ stdout: "21\n" });
    expect(await call("count", "--args", "[3]")).toEqual({ code: 0, stdout: "0\n1\n2\n", stderr: "" });
    expect(await call("count", "--args", "[2]", "--json")).toMatchObject({ stdout: '{"value":0}\n{"value":1}\n' });
    expect(await call("Model")).toMatchObject({ code: WRONG_USAGE, stderr: expect.stringContaining("Model.predict") });
    expect(await call("Model.load")).toMatchObject({ code: WRONG_USAGE });
    const ofClass = await list("call", "--app", "kinds", "--function", "Model");
    expect(new Set(ofClass.map(({ functionId }) => functionId)).size).toBe(2);
    const shown = await stack.bellows(["call", "show", ofClass[0]?.id ?? ""]);
    expect(shown.stdout).toContain("arguments  predict(3)");
    expect(shown.stdout).toContain("  kinds/Model.predict  ");
    expect(await call("plain", "--instance", "[7]")).toMatchObject({ code: WRONG_USAGE });
    expect(await stack.bellows(["run", `${KINDS}::Model.predict`, "--", "5"])).toMatchObject({
      code: 0,
      stdout: "5\n",
    });
    expect(await stack.bellows(["app", "stop", "kinds"])).toMatchObject({ code: 0 });
  });

  it("is not disturbed by the death of the orchestrator, and says at once that it waits", async () => {
    const { path, open } = await gate();
    const call = stack.spawnBellows(["call", "desk", "waitFor", "--args", JSON.stringify([path])]);
    const said = transcriptOf(call);
    const ended = resultOf(call);
    await until(
      async () => (await list("call", "--app", "desk", "--function", "waitFor", "--state", "running")).length > 0,
    );
    process.kill(await stack.pidOf("orchestrator"), "SIGKILL");
    await until(() => said().includes("lost the orchestrator"));
    await open();
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: "came\n" });
    expect(stderr).toMatch(
      /^lost the orchestrator at http:\S+; waiting up to 5 min for it\nthe orchestrator is back\n$/,
    );
    await stack.ready();
  });

  it.each([
    [["call", "desc", "add"], 'there is no app "desc" running in environment "main"; running: "desk", "faults"'],
    [["call", "desk", "ad"], 'app "desk" has no function "ad"; it has "add", "wait", "waitFor"'],
    [["call", "desk", "add", "--env", "mian"], 'there is no environment "mian"; there is "main"'],
    [["call", "show", "01a209ff-0000-7000-8000-000000000000"], "there is no call 01a209ff"],
    [["app", "stop", "dest"], 'there is no app "dest" in environment "main"; there is "desk", "faults"'],
    [["function", "decisions", "dest/add"], 'there is no app "dest" in environment "main"; there is "desk", "faults"'],
    [["function", "decisions", "desk/ad"], 'app "desk" has no function "ad"; it has "add", "wait", "waitFor"'],
    [["logs", "desk/wat"], 'app "desk" has no function "wat"; it has "add", "wait", "waitFor"'],
  ])("of what does not exist names what does: %j", async (words, reason) => {
    const { code, stdout, stderr } = await stack.bellows(words);
    expect({ code, stdout }).toEqual({ code: FAILED, stdout: "" });
    expect(stderr).toContain(`error: ${reason}`);
  });

  it.each([
    ["{a: 1}", "--args is not JSON"],
    ['{"a": 1}', `--args is {"a": 1}, which is not an array; write one entry per argument: --args '[{"a": 1}]'`],
  ])("with the arguments %s is wrong usage", async (args, reason) => {
    const { code, stdout, stderr } = await stack.bellows(["call", "desk", "add", "--args", args]);
    expect({ code, stdout }).toEqual({ code: WRONG_USAGE, stdout: "" });
    expect(stderr).toContain(reason);
  });

  it.each([
    ["oversized", { code: "PAYLOAD_TOO_LARGE", message: expect.stringContaining("16") }],
    ["unserialisable", { code: "SERIALIZATION", message: expect.stringContaining(".result is a function") }],
  ])("of a function whose result is %s fails with the code of it", async (name, error) => {
    const ended = await stack.bellows(["call", "faults", name, "--json"]);
    expect(ended.code).toBe(FAILED);
    expect(documentOf(ended)).toMatchObject({ error });
  });

  it("of code that cannot be loaded in a container says so at once, with its place", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "bellows-e2e-cli-"));
    onTestFinished(() => rm(cwd, { recursive: true, force: true }));
    await writeFile(join(cwd, "rates.json"), '{ "EUR": 1.1 }');
    const file = join(REPOSITORY, "e2e/fixtures/reads-at-import.ts");
    expect(await stack.bellows(["deploy", file], { cwd })).toMatchObject({ code: 0, stderr: "" });
    const startedAtMs = Date.now();
    const { code, stderr } = await stack.bellows(["call", "reads-at-import", "rate", "--args", '["EUR"]']);
    expect(Date.now() - startedAtMs).toBeLessThan(20_000);
    expect(code).toBe(FAILED);
    expect(stderr).toContain(
      "the code could not be loaded: Error: ENOENT: no such file or directory, open 'rates.json'",
    );
    expect(stderr).toMatch(/\n +at e2e\/fixtures\/reads-at-import\.ts:\d+:\d+\n/);
    expect(stderr.match(/ENOENT/g)).toHaveLength(1);
    expect(await stack.bellows(["app", "stop", "reads-at-import"])).toMatchObject({ code: 0 });
  });
});

describe("calls that were spawned", () => {
  const ids: string[] = [];
  const ofDesk = ["--app", "desk", "--function", "wait", "--kind", "spawn"];

  beforeAll(async () => {
    for (let i = 0; i < 3; i++) {
      const { stdout } = await stack.bellows(["call", "desk", "wait", "--args", "[250000]", "--spawn"]);
      ids.push(stdout.trim());
    }
  });

  it("are found by filters", async () => {
    const [first = ""] = ids;
    const found = async (...flags: string[]) => (await list("call", ...flags)).map(({ id }) => id);
    expect(await found(...ofDesk, "--state", "running")).toEqual(ids.toReversed());
    expect(await found("--search", first)).toEqual([first]);
    expect(await found("--search", first.slice(-8))).toEqual([first]);
    expect(await found("--search", "desk/wait", "--state", "running", "--since", "1h")).toEqual(ids.toReversed());
    expect(await found(...ofDesk, "--state", "failed")).toEqual([]);
    expect(await found("--parent", first)).toEqual([]);
  });

  it("are named by any part of an id that only one has; of several they are listed, and nothing is done", async () => {
    const [first = "", second = ""] = ids;
    const shown = documentOf(await stack.bellows(["call", "show", second.slice(-8), "--json"]));
    expect(shown).toMatchObject({ id: second, state: "running" });
    const shared = first.slice(0, 6);
    const { code, stdout, stderr } = await stack.bellows(["call", "cancel", second.slice(-8), shared]);
    expect({ code, stdout }).toEqual({ code: WRONG_USAGE, stdout: "" });
    expect(stderr).toContain(`error: "${shared}" is part of the ids of several calls`);
    expect(stderr).toMatch(new RegExp(`\n  ${second}  desk/wait  spawn  running  .* ago\n`));
    expect(await list("call", ...ofDesk, "--state", "running")).toHaveLength(3);
    const none = await stack.bellows(["logs", "--call", "0123456789ab"]);
    expect(none).toMatchObject({ code: FAILED, stderr: expect.stringContaining("there is no call whose id begins") });
  });

  it("are cancelled and retried by their ids", async () => {
    const [first = ""] = ids;
    const isIn = (state: string) => async () => (await list("call", "--search", first, "--state", state)).length === 1;
    const cancelled = await stack.bellows(["call", "cancel", first.slice(-8)]);
    expect(cancelled).toEqual({ code: 0, stdout: `${first} is being cancelled\n`, stderr: "" });
    await until(isIn("cancelled"));
    expect(await stack.bellows(["call", "cancel", first])).toMatchObject({
      stdout: `${first} has ended already: cancelled\n`,
    });
    const retried = await stack.bellows(["call", "retry", first]);
    expect(retried).toEqual({ code: 0, stdout: `${first} runs again: 1 input runs\n`, stderr: "" });
    expect(await isIn("running")()).toBe(true);
    expect(await stack.bellows(["call", "retry", first])).toMatchObject({ code: FAILED, stdout: "" });
  });

  it("are followed from anywhere, until they have ended, and fail as they do", async () => {
    const [, second = ""] = ids;
    const follower = stack.spawnBellows(["call", "show", second, "--follow"]);
    const said = transcriptOf(follower);
    const ended = resultOf(follower);
    // No terminal: progress is lines. The first shows that it waits, before there is anything to wait for.
    await until(() => /^0\/1 .*\n/.test(said()));
    expect(follower.exitCode).toBe(null);
    await stack.bellows(["call", "cancel", second]);
    const { code, stdout } = await ended;
    expect(code).toBe(FAILED);
    expect(stdout).toMatch(/cancelled[\s\S]*arguments +250000\nerror +CancelledError: /);
    const { stdout: quick } = await stack.bellows(["call", "desk", "add", "--args", "[300, 400]", "--spawn"]);
    const followed = await stack.bellows(["call", "show", quick.trim(), "--follow", "--json"]);
    expect(followed.code).toBe(0);
    expect(documentOf(followed)).toMatchObject({ state: "succeeded", detail: { result: { text: "700" } } });
  });

  it("are cancelled and retried by filter, after a question", async () => {
    const asked = await stack.bellows(["call", "cancel", ...ofDesk]);
    expect(asked).toMatchObject({ code: WRONG_USAGE, stdout: "" });
    expect(asked.stderr).toContain("cancel 2 calls? nobody can be asked here; say --yes");
    const change = async (verb: string) =>
      documentOf(await stack.bellows(["call", verb, ...ofDesk, "--yes", "--json"]));
    const isOver = async () => (await list("call", ...ofDesk, "--state", "running")).length === 0;
    expect(await change("cancel")).toEqual({ matched: 2, changed: 2 });
    await until(isOver);
    expect(await change("retry")).toEqual({ matched: 3, changed: 3 });
    expect(await change("cancel")).toEqual({ matched: 3, changed: 3 });
    await until(isOver);
    expect(await change("cancel")).toEqual({ matched: 0, changed: 0 });
  });
});

describe("run", () => {
  it("of a file gives stdout to the entrypoint, stderr to the logs, and leaves no app", async () => {
    const { code, stdout, stderr } = await stack.bellows(["run", DESK, "--", "11", "12"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "waited 11 and 12\n" });
    for (const line of ["wait[0] | waiting 11", "wait[0] | waiting 12"]) expect(stderr).toContain(line);
    expect(stderr).toMatch(/desk-run-\w+: 2 inputs, 2 succeeded, \d+\.\d s\n$/);
    expect((await appNames()).toSorted()).toEqual(["desk", "faults"]);
  });

  it("of one function prints its result", async () => {
    const [text, json] = await Promise.all([
      stack.bellows(["run", `${DESK}::add`, "--", "4", "5"]),
      stack.bellows(["run", `${DESK}::add`, "--json", "--", "4", "5"]),
    ]);
    expect(text).toMatchObject({ code: 0, stdout: "9\n" });
    expect(JSON.parse(json.stdout)).toEqual({
      app: expect.stringMatching(/^desk-run-\w{6}$/),
      appId: expect.any(String),
      result: 9,
    });
  });

  it("detached prints the call's id and leaves; the app goes when the call has ended", async () => {
    const { path, open } = await gate();
    const run = await stack.bellows(["run", "--detach", `${DESK}::waitFor`, "--", path]);
    expect(run).toMatchObject({ code: 0 });
    const id = run.stdout.trim();
    expect(run.stderr).toContain(`\`bellows call show ${id} --follow\``);
    expect((await list("call", "--state", "running")).map((call) => call.id)).toContain(id);
    const logs = stack.spawnBellows(["logs", "--follow", "--call", id]);
    const said = transcriptOf(logs);
    const ended = resultOf(logs);
    await until(() => said().includes(`waitFor[0] | waiting for ${path}`));
    await open();
    expect(await ended).toMatchObject({ code: 0 });
    expect(documentOf(await stack.bellows(["call", "show", id, "--json"]))).toMatchObject({
      state: "succeeded",
      detail: { result: { text: expect.stringContaining("came") } },
    });
    await until(async () => (await list("app")).length === 2);
  });

  it("interrupted by Ctrl-C cancels its calls and leaves no app and no container", async () => {
    const run = stack.spawnBellows(["run", DESK, "--", "60000", "60001"]);
    const said = transcriptOf(run);
    const ended = resultOf(run);
    await until(() => ["waiting 60000", "waiting 60001"].every((line) => said().includes(line)));
    run.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: FAILED, stdout: "" });
    expect(stderr).toMatch(/stopping desk-run-\w+; again to quit at once[\s\S]*error: interrupted by SIGINT\n$/);
    expect(stderr).toMatch(/\ndesk-run-\w+: 2 inputs, 0 succeeded, 2 cancelled, /);
    const name = /stopping (desk-run-\w+)/.exec(stderr)?.[1] ?? "";
    expect(await appNames()).not.toContain(name);
    await until(async () => (await list("container", "--app", name)).length === 0);
    const calls = await list("call", "--app", name);
    expect(calls.map(({ state }) => state)).toEqual(["cancelled", "cancelled"]);
  });
});

describe("logs", () => {
  it("with -f go on with new lines until Ctrl-C, though the orchestrator is killed meanwhile", async () => {
    const logs = stack.spawnBellows(["logs", "desk/wait", "-f"]);
    const said = transcriptOf(logs);
    const ended = resultOf(logs);
    await stack.bellows(["call", "desk", "wait", "--args", "[51]"]);
    await until(() => said().includes("waiting 51"));
    const killed = await stack.pidOf("orchestrator");
    process.kill(killed, "SIGKILL");
    await until(async () => (await stack.pidOf("orchestrator").catch(() => killed)) !== killed);
    await stack.ready();
    await stack.bellows(["call", "desk", "wait", "--args", "[52]"]);
    await until(() => said().includes("waiting 52"));
    logs.kill("SIGINT");
    const { stdout } = await ended;
    expect(stdout).toMatch(/(^|\n)\d{4}-\d\d-\d\dT[\d:.]+Z wait\[0\] \| waiting 51\n.* waiting 52\n$/);
  });
});

describe("a reader that has seen enough", () => {
  it("ends `logs -f`, quietly and well", async () => {
    const logs = stack.spawnBellows(["logs", "desk/add", "-f"]);
    const ended = resultOf(logs);
    await once(logs.stdout ?? logs, "data");
    logs.stdout?.destroy();
    await stack.bellows(["call", "desk", "add", "--args", "[5, 5]"]);
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("ends work as Ctrl-C does, without a word", async () => {
    const call = stack.spawnBellows(["run", `${KINDS}::count`, "--", "100000000"]);
    const ended = resultOf(call);
    await once(call.stdout ?? call, "data");
    call.stdout?.destroy();
    const { code, stderr } = await ended;
    expect(code).toBe(FAILED);
    expect(stderr).toMatch(/^kinds-run-\w+: 1 input, 0 succeeded(, 1 cancelled)?, [^\n]*\n$/);
    expect((await appNames()).toSorted()).toEqual(["desk", "faults"]);
  });
});

describe("limits", () => {
  it("are listed and set by the names that errors give them", async () => {
    const limit = async (...words: string[]) => (await stack.bellows(["limit", ...words])).stdout;
    expect(await limit("list")).toMatch(/\npendingSyncInputs +2,000 +2,000 +1 +100,000\n/);
    expect(await limit("set", "pendingSyncInputs", "10")).toBe("pendingSyncInputs is 10 now\n");
    expect(await limit("list")).toMatch(/\npendingSyncInputs +10 +2,000 +1 +100,000 +yes\n/);
    expect(await limit("set", "pendingSyncInputs", "default")).toBe("pendingSyncInputs is 2,000 now, its default\n");
    const refused = await stack.bellows(["limit", "set", "containers", "0"]);
    expect(refused).toMatchObject({ code: FAILED, stderr: expect.stringContaining("containers: 0 is not a whole") });
  });
});

describe("a container", () => {
  it("is gone a few seconds after its last input: the function is at zero", async () => {
    const { path, open } = await gate();
    const ended = resultOf(stack.spawnBellows(["call", "desk", "waitFor", "--args", JSON.stringify([path])]));
    await until(async () => (await list("container", "--app", "desk")).length > 0);
    await open();
    expect(await ended).toMatchObject({ code: 0 });
    await until(async () => (await list("container", "--app", "desk")).length === 0, 15_000);
    const [latest] = await list("container", "--app", "desk", "--all");
    expect(latest).toMatchObject({ state: "stopped" });
    const { stdout } = await stack.bellows(["container", "list", "--app", "desk"]);
    expect(stdout).toBe("no containers; they start when inputs wait\n");
  });
});

describe("for programs", () => {
  it("every list is one array, as long as it may be", async () => {
    await Promise.all(
      NOUNS.map(async (noun) => {
        const flags = noun === "container" ? ["--all"] : [];
        expect((await list(noun, ...flags)).length).toBeGreaterThan(1);
        expect(await list(noun, ...flags, "--limit", "1")).toHaveLength(1);
      }),
    );
  });

  it("`logs --json` is one document a line", async () => {
    const { stdout } = await stack.bellows(["logs", "desk", "--json"]);
    const lines = stdout.trimEnd().split("\n");
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ functionName: expect.stringMatching(/add|wait/) });
  });

  it("a list of an environment that does not exist is an error, not an empty list", async () => {
    const ended = await Promise.all(NOUNS.map((noun) => stack.bellows([noun, "list", "--env", "mian", "--json"])));
    for (const end of ended) {
      expect(end.code).toBe(FAILED);
      expect(documentOf(end)).toMatchObject({ error: { code: "NOT_FOUND" } });
    }
  });
});

describe("sign-in", () => {
  it("prints a link that is good once", async () => {
    const { code, stdout, stderr } = await stack.bellows(["sign-in"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "good once, for 15 min\n" });
    const link = new URL(stdout.trim());
    expect(link.origin).toBe(stack.consoleUrl);
    const exchange = () =>
      fetch(`${stack.url}/trpc/auth.exchangeCode`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ code: link.searchParams.get("code") }),
      });
    expect(await (await exchange()).json()).toMatchObject({ result: { data: { token: expect.any(String) } } });
    expect(await (await exchange()).text()).toContain("`npx bellows sign-in` prints a new one");
  });
});

describe("app stop", () => {
  it("ends the app; its calls are refused and its logs can still be read", async () => {
    const { code, stdout } = await stack.bellows(["app", "stop", "desk", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: "desk", state: "stopped" });
    const [call, logs, names, all] = await Promise.all([
      stack.bellows(["call", "desk", "add"]),
      stack.bellows(["logs", "desk/add"]),
      appNames(),
      appNames("--all"),
    ]);
    expect(call).toMatchObject({
      code: FAILED,
      stderr: expect.stringContaining("Deploy it with `bellows deploy FILE`"),
    });
    expect(logs).toMatchObject({ code: 0, stdout: expect.stringContaining("adding 2 and 3") });
    expect(names).not.toContain("desk");
    expect(all).toContain("desk");
  });
});

describe("the orchestrator", () => {
  it("does not take a wrong token", async () => {
    const env = { BELLOWS_TOKEN: "bellows_owner_wrong" };
    const commands = [["app", "list"], ["deploy", DESK], ["call", "faults", "echo"], ["sign-in"]];
    for (const { code, stderr } of await Promise.all(commands.map((words) => stack.bellows(words, { env })))) {
      expect(code).toBe(FAILED);
      expect(stderr).toMatch(/^error: .*token.*\.bellows\/credentials\.json/);
    }
  });

  it("when it is down is missed by every command, with what to do", async () => {
    expect(await stack.stop()).toBe(0);
    const commands = [
      ["app", "list"],
      ["run", DESK],
      ["deploy", DESK],
      ["call", "faults", "echo"],
      ["logs", "-f"],
    ];
    for (const { code, stdout, stderr } of await Promise.all(commands.map((words) => stack.bellows(words)))) {
      expect({ code, stdout }).toEqual({ code: FAILED, stdout: "" });
      expect(stderr).toMatch(
        /^error: the orchestrator at http:\/\/127\.0\.0\.1:\d+ .*; start it with `npm start`, or set/,
      );
    }
  });
});
