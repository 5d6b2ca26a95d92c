/** Every example runs as its reader would run it, and checks its own result. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAIN_FILES } from "./example-files.ts";
import { REPOSITORY, resultOf, type Stack, startStack } from "./stack.ts";

/** The one below, the other in a file of its own. */
const TESTED_ELSEWHERE = new Set(["examples/hello/hello.ts", "examples/ocr/ocr.ts"]);
const EXAMPLES = MAIN_FILES.filter((file) => !TESTED_ELSEWHERE.has(file));

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  // What `nested` and the one from outside call by name.
  for (const name of ["calling", "classes"]) {
    expect(await stack.bellows(["deploy", `examples/${name}/${name}.ts`])).toMatchObject({ code: 0 });
  }
}, 240_000);

afterAll(async () => {
  expect(await stack?.stop()).toBe(0);
}, 60_000);

describe("examples", () => {
  it("hello greets everyone in order", async () => {
    const { code, stdout } = await stack.bellows(["run", "examples/hello/hello.ts"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "Hello, Ada!\nHello, Grace!\nHello, Barbara!\n" });
  });

  it.each(EXAMPLES)("%s succeeds", async (file) => {
    const { code, stderr } = await stack.bellows(["run", file]);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("calling works from outside, without the code", async () => {
    const env = { ...process.env, BELLOWS_URL: stack.url, BELLOWS_TOKEN: stack.token };
    const outside = spawn(process.execPath, ["examples/calling/from-outside.mjs"], { cwd: REPOSITORY, env });
    const { code, stdout, stderr } = await resultOf(outside);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^6 \/ 3 = 2\n8 \/ 4 = 2, by call [0-9a-f-]{36}\nHaus is German\n$/);
  });

  it("is shown as deployed", async () => {
    expect(await stack.bellows(["deploy", "examples/hello/hello.ts"])).toMatchObject({ code: 0 });
    const { stdout } = await stack.bellows(["call", "hello", "greet", "--args", '["Ada"]']);
    expect(stdout).toContain("Hello, Ada!");
  });

  it("scaling: cron raises the minimum in the morning and takes it back in the evening", async () => {
    expect(await stack.bellows(["deploy", "examples/scaling/scaling.ts"])).toMatchObject({ code: 0 });
    const home = await mkdtemp(join(tmpdir(), "bellows-cron-"));
    try {
      await symlink(REPOSITORY, join(home, "bellows"));
      const said: string[] = [];
      for (const command of await commandsOf("examples/scaling/crontab")) {
        // As cron does it, but for the token, which the console's `.bellows/credentials.json` holds.
        const env = { PATH: process.env.PATH, HOME: home, BELLOWS_URL: stack.url, BELLOWS_TOKEN: stack.token };
        const { code, stdout, stderr } = await resultOf(spawn("/bin/sh", ["-c", command], { cwd: home, env }));
        expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
        said.push(stdout);
      }
      expect(said).toEqual([expect.stringMatching(/"?value"?: 2\b/), expect.stringMatching(/"?value"?: 0\b/)]);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});

/** What the lines of a crontab run, in their order; each begins with five fields of when. */
async function commandsOf(crontab: string): Promise<string[]> {
  const lines = (await readFile(join(REPOSITORY, crontab), "utf8")).split("\n");
  const commands = lines.map((line) => /^(?:[\d*,/-]+\s+){5}(.+)$/.exec(line)?.[1]);
  return commands.filter((command) => command !== undefined);
}
