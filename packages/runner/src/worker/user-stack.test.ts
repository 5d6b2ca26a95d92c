import { describe, expect, it } from "vitest";
import { withUserStack } from "./user-stack.ts";

const RUNNER = "/opt/bellows/worker.mjs";
const stack = [
  "RangeError: no milk",
  "    at pour (/home/me/app.ts:3:9)",
  "    at <anonymous> (/home/me/app.ts:9:2)",
  `    at #call (file://${RUNNER}:8:4665)`,
  "    at AsyncLocalStorage.run (node:async_hooks:346:14)",
].join("\n");

describe("a user's stack", () => {
  it("ends where the runner begins, in causes too", () => {
    const cut = withUserStack(
      { code: "REMOTE", message: "a", stack, cause: { code: "REMOTE", message: "b", stack } },
      RUNNER,
    );
    expect(cut.stack?.split("\n")).toHaveLength(3);
    expect(cut.cause?.stack).not.toContain("worker.mjs");
  });

  it("is kept when there is nothing else in it, or nothing of the runner", () => {
    const own = `Error: x\n    at #call (file://${RUNNER}:8:1)`;
    expect(withUserStack({ code: "INTERNAL", message: "x", stack: own }, RUNNER).stack).toBe(own);
    expect(withUserStack({ code: "REMOTE", message: "x", stack }, "/elsewhere.mjs").stack).toBe(stack);
    expect(withUserStack({ code: "REMOTE", message: "x" }, RUNNER)).toEqual({ code: "REMOTE", message: "x" });
  });
});
