import { idTimeMs, newId } from "@bellows/protocol/ids";
import { expect, test } from "vitest";
import { missingCall } from "./missing-call.ts";

const DAY_MS = 86_400_000;

test("a call is expired once its time is past, and unknown before, or when it has no time", () => {
  const callId = newId();
  const madeAtMs = idTimeMs(callId);
  for (const days of [1, 7, 30]) {
    const retentionMs = days * DAY_MS;
    expect(missingCall(callId, { nowMs: madeAtMs + retentionMs, retentionMs })).toMatchObject({ code: "NOT_FOUND" });
    const expired = missingCall(callId, { nowMs: madeAtMs + retentionMs + 1, retentionMs });
    expect(expired).toMatchObject({ code: "OUTPUT_EXPIRED" });
    expect(expired.message).toContain(days === 1 ? "kept for a day" : `kept for ${days} days`);
  }
  expect(missingCall("no id", { nowMs: madeAtMs, retentionMs: DAY_MS })).toMatchObject({ code: "NOT_FOUND" });
});
