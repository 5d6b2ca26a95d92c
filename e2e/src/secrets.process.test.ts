/** Secrets from the command line to the code of a function, and out of its logs. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { REPOSITORY, resultOf, type Stack, startStack, until } from "./stack.ts";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
}, 240_000);

afterAll(async () => {
  expect(await stack?.stop()).toBe(0);
}, 60_000);

it("a deploy that names a secret that is not there says how it is made, and changes nothing", async () => {
  const { code, stderr } = await stack.bellows(["deploy", "e2e/fixtures/secrets.ts"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/there is no secret "shared", "service".*`bellows secret set shared NAME=VALUE`/);
});

it("a function finds the variables of its secrets, a later one winning and `env` over all", async () => {
  await expectOk(["secret", "set", "shared", "REGION=everywhere", "TOKEN=shared-token"]);
  await expectOk(["secret", "set", "service", "TOKEN=hunter2-of-the-service", "MODE=secret"]);
  await expectOk(["deploy", "e2e/fixtures/secrets.ts"]);
  const { stdout } = await stack.bellows(["call", "secrets", "look", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({
    result: { region: "everywhere", token: "hunter2-of-the-service".length, mode: "env" },
  });
});

it("what it prints of them is masked, also in parts of lines and on stderr", async () => {
  let logged = "";
  await until(async () => {
    logged = (await stack.bellows(["logs", "secrets"])).stdout;
    return logged.includes("stderr:");
  });
  expect(logged).toContain("the token is *** and more");
  expect(logged).toContain("stderr: ***");
  expect(logged).not.toContain("hunter2");
});

it("its values are nowhere to be had again", async () => {
  const { stdout } = await stack.bellows(["secret", "list", "--json"]);
  expect(stdout).toContain('"TOKEN"');
  expect(stdout).toContain("secrets/look");
  expect(stdout).not.toContain("hunter2");
  expect((await stack.bellows(["secret", "delete", "service"])).stderr).toMatch(/is used by secrets\/look/);
});

it("a new container has the new value after a change and a rotation of the key", async () => {
  await expectOk(["secret", "set", "service", "TOKEN=short"]);
  await expectOk(["secret", "rotate-key"]);
  await expectOk(["deploy", "e2e/fixtures/secrets.ts"]);
  const { stdout } = await stack.bellows(["call", "secrets", "look", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ result: { token: "short".length } });
});

it("values come from a file or from stdin, so that no shell keeps them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "bellows-dotenv-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, ".env"), "# of the team\nURL='postgres://a b'\nMODE=file\n");
  await expectOk(["secret", "set", "from-file", "--from-file", join(folder, ".env"), "MODE=word"]);
  const reading = spawn(
    process.execPath,
    [join(REPOSITORY, "packages/cli/bin/bellows.js"), "secret", "set", "piped", "--stdin"],
    {
      env: { ...process.env, BELLOWS_URL: stack.url, BELLOWS_TOKEN: stack.token },
    },
  );
  const read = resultOf(reading);
  reading.stdin.end("TOKEN=from-stdin\n");
  expect(await read).toMatchObject({ code: 0, stdout: expect.not.stringContaining("from-stdin") });
  const listed = JSON.parse((await stack.bellows(["secret", "list", "--json"])).stdout);
  expect(listed).toMatchObject([
    { name: "from-file", variables: ["MODE", "URL"] },
    { name: "piped", variables: ["TOKEN"] },
    {},
    {},
  ]);
  for (const args of [
    ["set", "none"],
    ["set", "none", "NOVALUE"],
    ["set", "none", "--from-file", join(folder, "missing")],
  ]) {
    expect(await stack.bellows(["secret", ...args])).toMatchObject({ code: 2 });
  }
  for (const name of ["from-file", "piped"]) await expectOk(["secret", "delete", name]);
});

it("goes over from the key file to a master key with a restart, and is lost to another one only when that is said", async () => {
  const stateDir = await mkdtemp(join(tmpdir(), "bellows-keys-"));
  onTestFinished(() => rm(stateDir, { recursive: true }));
  async function withStack<T>(env: Record<string, string>, work: (stack: Stack) => Promise<T>): Promise<T> {
    const started = await startStack({ stateDir, env });
    try {
      return await work(started);
    } finally {
      expect(await started.stop()).toBe(0);
    }
  }
  const first = { BELLOWS_MASTER_KEY: "first".repeat(8) };
  const second = { BELLOWS_MASTER_KEY: "second".repeat(8) };
  await withStack({}, (it) => it.bellows(["secret", "set", "service", "TOKEN=hunter2"]));
  await withStack(first, (it) => it.bellows(["secret", "set", "shared", "REGION=here"]));
  await withStack({ ...second, BELLOWS_MASTER_KEY_PREVIOUS: first.BELLOWS_MASTER_KEY }, async (it) => {
    expect((await it.bellows(["deploy", "e2e/fixtures/secrets.ts"])).code).toBe(0);
    const { stdout } = await it.bellows(["call", "secrets", "look", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ result: { region: "here", token: "hunter2".length } });
  });
  await expect(startStack({ stateDir, env: first })).rejects.toThrow(/another master key.*BELLOWS_FORGET_SECRETS=1/);
  await withStack({ ...first, BELLOWS_FORGET_SECRETS: "1" }, async (it) => {
    expect(JSON.parse((await it.bellows(["secret", "list", "--json"])).stdout)).toEqual([]);
    const { stderr } = await it.bellows(["call", "secrets", "look"]);
    expect(stderr).toMatch(/there is no secret "shared", "service".*bellows secret set shared/);
  });
}, 240_000);

async function expectOk(args: string[]): Promise<void> {
  const { code, stderr } = await stack.bellows(args);
  expect({ args, code, stderr: code === 0 ? "" : stderr }).toEqual({ args, code: 0, stderr: "" });
}
