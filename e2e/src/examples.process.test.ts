/** Every example runs as its reader would run it, and checks its own result. */
import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REPOSITORY, resultOf, type Stack, startStack } from "./stack.ts";

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

  it.each(
    [
      "batching",
      "calling",
      "classes",
      "concurrent",
      "images",
      "map",
      "nested",
      "python",
      "retries",
      "scaling",
      "spawn-map",
      "streaming",
      "volumes",
    ].map((name) => `examples/${name}/${name}.ts`),
  )("%s succeeds", async (file) => {
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
});
