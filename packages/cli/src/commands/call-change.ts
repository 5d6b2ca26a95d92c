/**
 * `bellows call cancel` and `bellows call retry`: calls by their ids, or all that fit a filter after a question. The
 * orchestrator walks through those that fit, so their number is no matter here.
 */
import type { BulkResult, CallFilter, CallView } from "@bellows/protocol/call-views";
import { errorFromData } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";
import {
  CALL_KIND_NAMES,
  CALL_KINDS,
  CALL_MOVES,
  CALL_STATES,
  type CallKind,
  type CallState,
  mayMove,
} from "@bellows/protocol/states";
import type { Command } from "commander";
import pc from "picocolors";
import { type CallFilterOptions, callFilter, isFiltered, withCallFilter } from "../call-filter.ts";
import { callIdOf } from "../call-id.ts";
import { withCommonOptions } from "../common-options.ts";
import { confirmed } from "../confirm.ts";
import { printJson } from "../output.ts";
import { firstItems } from "../pages.ts";
import { type CommonOptions, openSession, type Session } from "../session.ts";
import { bellowsErrorIn } from "../thrown.ts";
import { UsageError } from "../usage-error.ts";
import { WorkFailed } from "../work-failed.ts";

interface Change {
  verb: "cancel" | "retry";
  /** A call in another state or of another kind cannot be changed so. */
  states: readonly CallState[];
  kinds: readonly CallKind[];
  fits: (call: CallView) => boolean;
  one: (session: Session, id: string) => Promise<{ changed: boolean; said: string }>;
  many: (session: Session, filter: CallFilter) => Promise<BulkResult>;
  /** What has become of those that were changed. */
  done: string;
}

const CANCEL: Change = {
  verb: "cancel",
  states: CALL_STATES.filter((state) => mayMove<CallState>(CALL_MOVES, state, "cancelled")),
  kinds: CALL_KIND_NAMES,
  fits: ({ cancelAsked }) => !cancelAsked,
  async one({ request }, id) {
    const { state } = await request((api) => api.calls.get.query({ id }));
    if (!CANCEL.states.includes(state)) return { changed: false, said: `has ended already: ${state}` };
    await request((api) => api.calls.cancel.mutate({ id }));
    return { changed: true, said: "is being cancelled" };
  },
  many: ({ request }, filter) => request((api) => api.calls.cancelMany.mutate(filter)),
  done: "being cancelled",
};

const RETRY: Change = {
  verb: "retry",
  states: CALL_STATES.filter((state) => mayMove<CallState>(CALL_MOVES, state, "running")),
  kinds: CALL_KIND_NAMES.filter((kind) => CALL_KINDS[kind].queueClass === "async"),
  fits: ({ deployed }) => deployed,
  async one({ request }, id) {
    const { retried } = await request((api) => api.calls.retry.mutate({ id }));
    const inputs = retried === 1 ? "1 input runs" : `${retried} inputs run`;
    return {
      changed: retried > 0,
      said: retried > 0 ? `runs again: ${inputs}` : "has nothing that failed or was cancelled",
    };
  },
  many: ({ request }, filter) => request((api) => api.calls.retryMany.mutate(filter)),
  done: "running again",
};

interface ChangeOptions extends CommonOptions, CallFilterOptions {
  all?: boolean;
  yes?: boolean;
}

export function addCallCancel(call: Command): void {
  withChangeOptions(call.command("cancel"))
    .description("cancel calls: what is queued ends at once, what runs gets an aborted signal")
    .action((ids: string[], options: ChangeOptions) => change(CANCEL, ids, options));
}

export function addCallRetry(call: Command): void {
  withChangeOptions(call.command("retry"))
    .description("run the inputs of finished `spawn` and `spawnMap` calls again that failed or were cancelled")
    .action((ids: string[], options: ChangeOptions) => change(RETRY, ids, options));
}

function withChangeOptions(command: Command): Command {
  return withCallFilter(withCommonOptions(command))
    .argument("[ids...]", "calls, each by its id or a part of it; or say with options which")
    .option("--all", "every call of the environment")
    .option("--yes", "do not ask");
}

async function change(how: Change, ids: readonly string[], options: ChangeOptions): Promise<void> {
  const hasFilter = isFiltered(options) || options.all === true;
  if (ids.length > 0 && hasFilter) throw new UsageError("name calls by id or by options, not both");
  if (ids.length === 0 && !hasFilter) {
    throw new UsageError(`say which: \`bellows call ${how.verb} ID...\`, options such as --app or --state, or --all`);
  }
  const { state, kind } = options;
  if (state !== undefined && !how.states.includes(state)) {
    throw new UsageError(
      `calls in the state ${state} cannot be changed so; \`call ${how.verb}\` is for ${how.states.join(" and ")} ones`,
    );
  }
  if (kind !== undefined && !how.kinds.includes(kind)) {
    throw new UsageError(
      `callers of \`${kind}\` have had their answers; \`call ${how.verb}\` is for ${how.kinds.join(" and ")}`,
    );
  }
  return ids.length > 0 ? changeOnes(how, ids, options) : changeMany(how, options);
}

/** One that cannot be changed does not spare the others. */
async function changeOnes(how: Change, ids: readonly string[], options: ChangeOptions): Promise<void> {
  const session = await openSession(options);
  const result: BulkResult = { matched: 0, changed: 0 };
  const errors: { id: string; code: string; message: string }[] = [];
  const wanted = await Promise.all(ids.map((text) => callIdOf(session, text)));
  for (const id of wanted) {
    try {
      const { changed, said } = await how.one(session, id);
      result.matched += 1;
      if (changed) result.changed += 1;
      if (!options.json) console.log(`${id} ${said}`);
    } catch (error) {
      const known = bellowsErrorIn(error);
      if (!known || known.code === "CONNECTION" || ids.length === 1) throw error;
      errors.push({ id, code: known.code, message: known.message });
      if (!options.json) console.error(pc.red(`${id}: ${known.message}`));
    }
  }
  if (options.json) printJson({ ...result, ...(errors.length > 0 ? { errors } : {}) });
  if (errors.length > 0) throw new WorkFailed(`${errors.length} calls could not be changed`);
}

/** Counted before the question up to here, of each state and kind. */
const MAX_COUNTED = 1_000;

async function changeMany(how: Change, options: ChangeOptions): Promise<void> {
  const session = await openSession(options);
  const filter = await callFilter(session, options, Date.now());
  if (!options.yes) {
    const { count, isCut } = await countFitting(session, how, filter);
    if (count === 0 && !isCut)
      return options.json ? printJson({ matched: 0, changed: 0 }) : console.log("no call fits");
    const calls = `${count}${isCut ? " or more" : ""} ${count === 1 && !isCut ? "call" : "calls"}`;
    if (!(await confirmed(`${how.verb} ${calls}?`))) return console.log("nothing was changed");
  }
  report(how, await how.many(session, filter), options);
}

/** @throws what ended it before its time, once it is said what was done. */
function report({ done }: Change, result: BulkResult, { json }: ChangeOptions): void {
  const { matched, changed, stoppedBy } = result;
  if (json) {
    printJson(result);
    if (stoppedBy) throw new WorkFailed(stoppedBy.message);
    return;
  }
  const calls = matched === 1 ? "call is" : "calls are";
  if (!stoppedBy) return console.log(matched === 0 ? "no call fits" : `${changed} of ${matched} ${calls} ${done}`);
  console.log(
    `${changed} of ${matched} ${calls} ${done}; the others were left as they are, and the same command asks them again`,
  );
  throw errorFromData(stoppedBy);
}

async function countFitting(
  session: Session,
  how: Change,
  filter: CallFilter,
): Promise<{ count: number; isCut: boolean }> {
  const states = filter.state === undefined ? how.states : [filter.state];
  const kinds = filter.kind === undefined ? how.kinds : [filter.kind];
  // Each by itself: very many of one kind, or those that cannot be changed, are not to hide the others.
  const found = await Promise.all(
    states.flatMap((state) =>
      kinds.map((kind) =>
        firstItems(MAX_COUNTED + 1, LIMITS.pageRows, (page) =>
          session.request((api) => api.calls.list.query({ ...filter, state, kind, ...page })),
        ),
      ),
    ),
  );
  return {
    count: found.flatMap((calls) => calls.slice(0, MAX_COUNTED).filter(how.fits)).length,
    isCut: found.some((calls) => calls.length > MAX_COUNTED),
  };
}
