"use client";
/** How fast the inputs of a call end, measured between the answers that this page has had. */
import type { CallView } from "@bellows/protocol/call-views";
import { useEffect, useState } from "react";
import type { Sample } from "./progress.ts";
import { progressOf, ratePerSecond, withSample } from "./progress.ts";

/** `answeredAtMs`: when this view of the call was given; an answer that says the same is a sample, too. */
export function useRate(call: CallView, answeredAtMs: number): number | null {
  const { done } = progressOf(call);
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => setSamples((before) => withSample(before, { atMs: answeredAtMs, done })), [answeredAtMs, done]);
  return ratePerSecond(samples);
}
