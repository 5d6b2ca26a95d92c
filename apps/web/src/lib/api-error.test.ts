import { TRPCClientError } from "@trpc/client";
import { expect, test } from "vitest";
import { apiErrorData, isAway, isSignedOut } from "./api-error.ts";

test("an error of the API keeps its code and message", () => {
  const thrown = answered({ httpStatus: 401, bellows: { code: "AUTH", message: "the token is not valid any more" } });
  expect(apiErrorData(thrown)).toEqual({ code: "AUTH", message: "the token is not valid any more" });
  expect(isSignedOut(thrown)).toBe(true);
});

test("no answer at all means that something is away, not that something is broken", () => {
  expect(isAway(TRPCClientError.from(new TypeError("Failed to fetch")))).toBe(true);
});

test("what nobody expected is still shown", () => {
  expect(apiErrorData(new Error("odd"))).toEqual({ code: "INTERNAL", message: "odd" });
  expect(apiErrorData(answered({ bellows: { code: "NEW_CODE" } })).code).toBe("INTERNAL");
});

function answered(data: object): unknown {
  return TRPCClientError.from({ error: { code: -32_603, message: "", data } });
}
