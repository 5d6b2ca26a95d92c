/** Every example runs as its reader would run it, and checks its own result. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Stack, startStack } from "./stack.ts";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
}, 240_000);

afterAll(async () => {
  expect(await stack?.stop()).toBe(0);
}, 60_000);

describe("examples", () => {
  it("hello greets everyone in order", async () => {
    const { code, stdout } = await stack.bellows(["run", "examples/hello/hello.ts"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "Hello, Ada!\nHello, Grace!\nHello, Barbara!\n" });
  });

  it.each(["examples/concurrent/concurrent.ts", "examples/retries/retries.ts"])("%s succeeds", async (file) => {
    const { code, stderr } = await stack.bellows(["run", file]);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("is shown as deployed", async () => {
    expect(await stack.bellows(["deploy", "examples/hello/hello.ts"])).toMatchObject({ code: 0 });
    const { stdout } = await stack.bellows(["call", "hello", "greet", "--args", '["Ada"]']);
    expect(stdout).toContain("Hello, Ada!");
  });
});
