/** Which calls a command means, by flags: the same for listing, cancelling and retrying. */
import type { CallFilter } from "@bellows/protocol/call-views";
import { parseDuration } from "@bellows/protocol/duration";
import { CALL_KIND_NAMES, CALL_STATES, type CallKind, type CallState } from "@bellows/protocol/states";
import { type Command, InvalidArgumentError, Option } from "commander";
import { callIdOf } from "./call-id.ts";
import { functionIdNamed } from "./named-function.ts";
import { appIdNamed, type Session } from "./session.ts";
import { UsageError } from "./usage-error.ts";

export interface CallFilterOptions {
  app?: string;
  function?: string;
  state?: CallState;
  kind?: CallKind;
  search?: string;
  parent?: string;
  /** In milliseconds. */
  since?: number;
}

export function withCallFilter(command: Command): Command {
  return command
    .option("--app <name>", "of this app only")
    .option("--function <name>", "of this function of the app only")
    .addOption(new Option("--state <state>", "in this state only").choices(CALL_STATES))
    .addOption(new Option("--kind <kind>", "made by this verb only").choices(CALL_KIND_NAMES))
    .option("--search <text>", "whose id begins or ends so, or whose function or app has this in its name")
    .option("--parent <id>", "made by inputs of this call only")
    .addOption(new Option("--since <duration>", 'made within, for example "30m" or "2d"').argParser(pastDuration));
}

function pastDuration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new InvalidArgumentError('Write a duration such as "30m", "12h" or "2d".');
}

/** Whether any flag says which calls. */
export function isFiltered(options: CallFilterOptions): boolean {
  const { app, function: name, state, kind, search, parent, since } = options;
  return [app, name, state, kind, search, parent, since].some((value) => value !== undefined);
}

/** @throws UsageError; NotFoundError for names of nothing. */
export async function callFilter(session: Session, options: CallFilterOptions, nowMs: number): Promise<CallFilter> {
  const { app, function: name, state, kind, search, parent, since } = options;
  if (name !== undefined && app === undefined) {
    throw new UsageError(`functions are named within an app; write --app APP --function ${name}`);
  }
  const parentId = parent === undefined ? undefined : await callIdOf(session, parent);
  const appId = app === undefined ? undefined : await appIdNamed(session, app);
  const functionId =
    app === undefined || appId === undefined || name === undefined
      ? undefined
      : await functionIdNamed(session, { appId, app, name });
  return {
    environment: session.environment,
    appId,
    functionId,
    state,
    kind,
    search,
    parentId,
    // Longer than there are times of calls is all of them.
    fromMs: since === undefined ? undefined : Math.max(0, nowMs - since),
  };
}
