import type { ErrorCode } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";
import { encodeValue } from "@bellows/protocol/values";
import { expect, test } from "vitest";
import { mayBeGivenBack, retryDelayMs } from "./retry.ts";

const POLICY = { maxRetries: 5, backoffCoefficient: 2, initialDelayMs: 1_000, maxDelayMs: 6_000 };
const error = (code: ErrorCode) => encodeValue({ code, message: "no" });

test("the wait grows by the coefficient up to the longest, and the retries end", () => {
  const waits = [1, 2, 3, 4, 5, 6].map((failed) => retryDelayMs(POLICY, failed, error("REMOTE")));
  expect(waits).toEqual([1_000, 2_000, 4_000, 6_000, 6_000, null]);
});

test("a timeout is tried again, what the value itself is to blame for is not", () => {
  expect(retryDelayMs(POLICY, 1, error("FUNCTION_TIMEOUT"))).toBe(1_000);
  for (const code of ["SERIALIZATION", "PAYLOAD_TOO_LARGE", "INVALID"] as const) {
    expect(retryDelayMs(POLICY, 1, error(code)), code).toBeNull();
  }
});

test("an error that cannot be read is tried again like any other", () => {
  expect(retryDelayMs(POLICY, 1, new Uint8Array([0xc1]))).toBe(1_000);
});

test("a lost input is given back as often as the limit says", () => {
  expect(mayBeGivenBack(LIMITS.lostAttempts)).toBe(true);
  expect(mayBeGivenBack(LIMITS.lostAttempts + 1)).toBe(false);
});
