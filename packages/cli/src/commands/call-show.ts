/**
 * `bellows call show`: one call, with how its inputs ended and the calls they made. With `--follow` it stays with a call
 * that runs, whoever made it and from wherever, and ends as the call does.
 */
import type { CallView, InputView } from "@bellows/protocol/call-views";
import { LIMITS } from "@bellows/protocol/limits";
import { INPUT_STATES, type InputState } from "@bellows/protocol/states";
import { type Command, Option } from "commander";
import { followCall } from "../call-follow.ts";
import { callIdOf } from "../call-id.ts";
import { CALL_COLUMNS, detailText, INPUT_COLUMNS, treeText } from "../call-tables.ts";
import { limitOption, withCommonOptions } from "../common-options.ts";
import { printJson, printList } from "../output.ts";
import { firstItems } from "../pages.ts";
import { type CommonOptions, openSession, type Session } from "../session.ts";
import { WorkFailed } from "../work-failed.ts";

interface ShowOptions extends CommonOptions {
  follow?: boolean;
  state?: InputState;
  limit: number;
}

export function addCallShow(call: Command): void {
  withCommonOptions(call.command("show"))
    .description("one call, with how its inputs ended and the calls they made")
    .argument("<id>", "of the call, or its begin or end as far as only one has it")
    .option("--follow", "show its progress until it has ended; fails if the call did")
    .addOption(new Option("--state <state>", "only inputs in this state").choices(INPUT_STATES))
    .addOption(limitOption())
    .action(showCall);
}

async function showCall(text: string, options: ShowOptions): Promise<void> {
  const session = await openSession(options);
  const id = await callIdOf(session, text);
  const call = options.follow
    ? await followCall(session, id, { now: Date.now, showProgress: !options.json })
    : await session.request((api) => api.calls.get.query({ id }));
  await print(session, call, options);
  if (options.follow && call.state !== "succeeded") throw new WorkFailed(`the call has ${call.state}`);
}

async function print(session: Session, call: CallView, { json, state, limit }: ShowOptions): Promise<void> {
  const { id } = call;
  const [inputs, { root }] = await Promise.all([
    state ? inputsIn(session, id, state, limit) : notableInputs(session, id, limit),
    session.request((api) => api.calls.tree.query({ id })),
  ]);
  const [only] = inputs;
  const detail =
    call.inputCount === 1 && only
      ? await session.request((api) => api.calls.input.query({ callId: id, index: only.index }))
      : undefined;
  if (json) return printJson({ ...call, inputs, tree: root, ...(detail ? { detail } : {}) });
  printList([call], CALL_COLUMNS, { json: false, empty: "" });
  if (call.waitReason !== null) console.log(`waiting: ${call.waitReason}`);
  if (root.children.length > 0 || root.call.parent !== null) console.log(`\n${treeText(root, id)}`);
  console.log();
  printList(inputs, INPUT_COLUMNS, { json: false, empty: state ? `no inputs are ${state}` : "no inputs" });
  const total = call.inputCount ?? call.receivedCount;
  if (!state && total > inputs.length)
    console.log(`and ${total - inputs.length} more; --limit and --state show others`);
  if (detail) console.log(`\n${detailText(detail)}`);
}

function inputsIn(session: Session, callId: string, state: InputState, limit: number): Promise<InputView[]> {
  return firstItems(limit, LIMITS.pageRows, (page) =>
    session.request((api) => api.calls.inputs.query({ callId, state, ...page })),
  );
}

/** What somebody who looks at a call looks for comes first. */
const SHOWN_FIRST: Record<InputState, number> = { failed: 0, cancelled: 1, running: 2, queued: 3, succeeded: 4 };

/** The inputs of a call by what has become of them, those of one state in order. */
async function notableInputs(session: Session, callId: string, limit: number): Promise<InputView[]> {
  // By index: an input may change its state between two questions.
  const found = new Map<number, InputView>();
  for (const state of INPUT_STATES.toSorted((a, b) => SHOWN_FIRST[a] - SHOWN_FIRST[b])) {
    if (found.size >= limit) break;
    for (const input of await inputsIn(session, callId, state, limit - found.size)) found.set(input.index, input);
  }
  return [...found.values()];
}
