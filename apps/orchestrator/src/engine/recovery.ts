/**
 * How an engine comes back: from the calls that Postgres says are not finished, and from the containers that the
 * driver says are running. Inputs found in Postgres are not sent before those containers have linked up and said
 * what they hold, or have had their time to; so an input that survived the crash in a container is not run twice.
 */

import type { ListedContainer } from "../containers/driver.ts";
import type { FactReader } from "../journal/facts.ts";
import type { FunctionEngine } from "./function-engine.ts";

/** How long the containers of an earlier orchestrator have to link up. */
const ADOPTION_MS = 10_000;
const CHECK_MS = 50;

/** Loads the facts into a new engine and adopts its containers. Resolves when both are known to the core. */
export async function recover(
  engine: FunctionEngine,
  containers: readonly ListedContainer[],
  reader: FactReader,
  now: () => number,
): Promise<void> {
  for (const container of containers) engine.fleet.adopt(container);
  // An engine that was let go a moment ago may have facts on their way.
  await engine.committed();
  engine.intake.recover(await reader.unfinishedCalls(engine.functionId));
  endWhenLinked(engine, now);
}

/** Feeds `recovered` as soon as every adopted container has said what it holds or is gone, or the time for it is over. */
function endWhenLinked(engine: FunctionEngine, now: () => number): void {
  const deadlineMs = now() + ADOPTION_MS;
  const check = (): void => {
    const waiting = [...engine.fleet.containers.values()].some(({ adopted, greeted }) => adopted && !greeted);
    if (waiting && now() < deadlineMs && !engine.isReleased) setTimeout(check, CHECK_MS).unref();
    else engine.feed([{ type: "recovered" }]);
  };
  check();
}
