import { expect, test } from "vitest";
import { IdempotencyKeys } from "./idempotency-keys.ts";

test("a key used twice at once opens one call", async () => {
  const opened: string[] = [];
  const keys = new IdempotencyKeys(async () => undefined);
  const found = await Promise.all(["a", "b"].map((id) => keys.callOf("k", id, () => void opened.push(id))));
  expect(found).toEqual(["a", "a"]);
  expect(opened).toEqual(["a"]);
});

test("a stored call of the key is found, and nothing is opened", async () => {
  const keys = new IdempotencyKeys(async () => "stored");
  expect(await keys.callOf("k", "a", () => expect.unreachable())).toBe("stored");
});

test("until the call is stored its key is known without asking", async () => {
  let asked = 0;
  const keys = new IdempotencyKeys(async () => {
    asked += 1;
    return undefined;
  });
  await keys.callOf("k", "a", () => {});
  expect(await keys.callOf("k", "b", () => expect.unreachable())).toBe("a");
  expect(asked).toBe(1);
  keys.stored("k");
  await keys.callOf("k", "c", () => {});
  expect(asked).toBe(2);
});

test("a use that fails leaves the key to those who wait", async () => {
  const keys = new IdempotencyKeys(async () => undefined);
  const first = keys.callOf("k", "a", () => {
    throw new Error("its link is gone");
  });
  const second = keys.callOf("k", "b", () => {});
  await expect(first).rejects.toThrow("its link is gone");
  expect(await second).toBe("b");
});
