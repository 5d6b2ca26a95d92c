/** Waits for what is on its way: asks again until the answer is yes, and fails when it is not in time. */
import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 50;

export async function until(what: string, isSo: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > deadlineMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await delay(POLL_MS);
  }
}
