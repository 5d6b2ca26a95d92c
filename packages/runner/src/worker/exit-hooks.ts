/**
 * The exit hooks of a class, one after the other. One that throws, or does not end, stops neither the next one nor the
 * end: whoever waits for all of them waits for the grace at most.
 */
import { formatDuration } from "@bellows/protocol/duration";
import type { Hook } from "./invocation.ts";

/** Resolves when all have ended or the grace is over. `told` gets a sentence for each that did not end well. */
export async function runExitHooks(
  hooks: readonly Hook[],
  { graceMs, told }: { graceMs: number; told: (sentence: string, thrown?: unknown) => void },
): Promise<void> {
  const endsAtMs = performance.now() + graceMs;
  const running = new Map<string, Promise<void>>();
  for (const [position, hook] of hooks.entries()) {
    const ended = Promise.resolve()
      .then(hook.run)
      .then(
        () => {},
        (thrown: unknown) => told(`the exit hook \`${hook.name}\` failed`, thrown),
      )
      .finally(() => running.delete(hook.name));
    running.set(hook.name, ended);
    // What is left of the grace is shared with those that have not begun; one that takes longer goes on beside them.
    const shareMs = (endsAtMs - performance.now()) / (hooks.length - position);
    await within(shareMs, ended);
  }
  await within(endsAtMs - performance.now(), Promise.all(running.values()));
  for (const name of running.keys()) {
    told(`the exit hook \`${name}\` did not end within ${formatDuration(graceMs)}; it was left behind`);
  }
}

async function within(waitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise((resolve) => {
    timer = setTimeout(resolve, Math.max(0, waitMs));
  });
  await Promise.race([work, over]);
  clearTimeout(timer);
}
