import { ConnectionError, NotFoundError } from "@bellows/protocol/errors";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readPatiently } from "./read-patiently.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
});

function failing(times: number, error: unknown): () => Promise<string> {
  let left = times;
  return async () => {
    if (left-- > 0) throw error;
    return "read";
  };
}

test.each([
  ["a system error", Object.assign(new Error("refused"), { code: "ECONNREFUSED" })],
  ["a shutdown", Object.assign(new Error("the database system is shutting down"), { code: "57P03" })],
  ["our own error for it", new ConnectionError("Postgres does not answer")],
])("while Postgres is away, which shows as %s, it is asked again", async (_what, error) => {
  const reading = readPatiently(failing(10, error));
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await reading).toBe("read");
});

test("an answer is an answer, also when it is an error", async () => {
  const notFound = new NotFoundError("there is no such call");
  await expect(readPatiently(failing(1, notFound))).rejects.toBe(notFound);
  const unreadable = Object.assign(new Error("invalid input syntax"), { code: "22P02" });
  await expect(readPatiently(failing(1, unreadable))).rejects.toBe(unreadable);
});

test("it ends after about a minute, and at once when nobody waits any more", async () => {
  const away = new ConnectionError("Postgres does not answer");
  const reading = expect(readPatiently(failing(Number.POSITIVE_INFINITY, away))).rejects.toBe(away);
  await vi.advanceTimersByTimeAsync(70_000);
  await reading;
  await expect(readPatiently(failing(1, away), () => true)).rejects.toBe(away);
});
