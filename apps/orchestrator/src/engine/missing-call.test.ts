import { idTimeMs, newId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { expect, test } from "vitest";
import { missingCall } from "./missing-call.ts";

test("a call is expired once its time is past, and unknown before, or when it has no time", () => {
  const callId = newId();
  const madeAtMs = idTimeMs(callId);
  expect(missingCall(callId, madeAtMs + LIMITS.retentionMs)).toMatchObject({ code: "NOT_FOUND" });
  expect(missingCall(callId, madeAtMs + LIMITS.retentionMs + 1)).toMatchObject({ code: "OUTPUT_EXPIRED" });
  expect(missingCall("no id", madeAtMs)).toMatchObject({ code: "NOT_FOUND" });
});
