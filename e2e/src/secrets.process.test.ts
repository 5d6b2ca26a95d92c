/** Secrets from the command line to the code of a function, and out of its logs. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stack, startStack, until } from "./stack.ts";

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

async function expectOk(args: string[]): Promise<void> {
  const { code, stderr } = await stack.bellows(args);
  expect({ args, code, stderr: code === 0 ? "" : stderr }).toEqual({ args, code: 0, stderr: "" });
}
