import { DrizzleQueryError } from "drizzle-orm";
import { expect, test } from "vitest";
import { createLogger } from "./logger.ts";

function logged(err: unknown): string {
  const lines: string[] = [];
  createLogger("info", { write: (line) => void lines.push(line) }).error({ err }, "a request failed");
  return lines.join("");
}

test("a failed query is logged without its parameters, also as the cause of another error", () => {
  const cause = Object.assign(new Error("duplicate key"), { code: "23505", detail: "Key (email)=(secret) exists" });
  const failed = new DrizzleQueryError("insert into users values ($1)", ["secret"], cause);
  for (const err of [failed, new Error(`it failed: ${failed.message}`, { cause: failed })]) {
    const line = logged(err);
    expect(line).not.toContain("secret");
    expect(JSON.parse(line).err).toEqual({
      type: "Error",
      query: "insert into users values ($1)",
      cause: { message: "duplicate key", code: "23505" },
    });
  }
});

test("any other error is logged in full", () => {
  expect(JSON.parse(logged(new TypeError("a defect"))).err).toMatchObject({
    type: "TypeError",
    message: "a defect",
    stack: expect.stringContaining("logger.test.ts"),
  });
});
