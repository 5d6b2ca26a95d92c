/**
 * How an engine comes back: from the calls that Postgres says are not finished, and from the containers that the
 * driver says are running. Inputs found in Postgres are not sent before those containers have linked up and said
 * what they hold, or have had their time to; so an input that survived the crash in a container is not run twice.
 */
import type { ListedContainer } from "../containers/driver.ts";
import type { ContainerOwner, UnfinishedCall } from "../journal/facts.ts";
import type { FunctionEngine } from "./function-engine.ts";

/** How long the containers of an earlier orchestrator have to link up. */
const ADOPTION_MS = 10_000;
const CHECK_MS = 50;

/** A container whose function is known. */
export type OwnedContainer = ListedContainer & ContainerOwner;

/** What is left of a function's past: its containers that run, and its calls that are not finished. */
export interface Past {
  containers: readonly OwnedContainer[];
  calls: readonly UnfinishedCall[];
}

/** Without one, nothing that a start of its code tells has to be weighed against what may have been before. */
export function hasPast({ containers, calls }: Past): boolean {
  return containers.length > 0 || calls.length > 0;
}

/** Tells a new engine the facts and adopts its containers. Both are known to the core when this returns. */
export function recover(engine: FunctionEngine, { containers, calls }: Past, now: () => number): void {
  for (const container of containers) engine.fleet.adopt(container);
  engine.intake.recover(calls);
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
