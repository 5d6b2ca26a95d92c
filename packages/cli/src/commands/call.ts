/**
 * `bellows call APP FUNCTION` calls; `call list` and `call show` look at calls. Calling is the default subcommand, so
 * an app that is itself named "list" or "show" is called with `bellows call function list FUNCTION`.
 */

import { LIMITS } from "@bellows/protocol/limits";
import { CALL_STATES, type CallState } from "@bellows/protocol/states";
import type { CallView, InputDetailView, InputView } from "@bellows/protocol/views";
import { Bellows } from "@bellows/sdk";
import { type Command, Option } from "commander";
import { argumentsFromJson } from "../arguments.ts";
import { callId } from "../call-id.ts";
import { limitOption, withCommonOptions } from "../common-options.ts";
import { untilInterrupted } from "../interrupts.ts";
import { ago, type Column, printJson, printList, printValue } from "../output.ts";
import { firstItems } from "../pages.ts";
import { appIdNamed, type CommonOptions, openSession } from "../session.ts";

export function addCall(program: Command): void {
  const call = program
    .command("call")
    .description("call a function of a deployed app, or look at calls")
    .usage("<app> <function> [--args JSON] [--spawn]\n       bellows call list|show ...");
  withCommonOptions(call.command("function", { isDefault: true }))
    .description("call a function: `bellows call APP FUNCTION`")
    .argument("<app>")
    .argument("<function>")
    .option("--args <json>", "the arguments, as a JSON array", "[]")
    .option("--spawn", "store the call, print its id, and do not wait")
    .action(callFunction);
  withCommonOptions(call.command("list"))
    .description("the newest calls")
    .option("--app <name>", "of this app only")
    .addOption(new Option("--state <state>", "in this state only").choices(CALL_STATES))
    .addOption(limitOption())
    .action(listCalls);
  withCommonOptions(call.command("show"))
    .description("one call, with how its inputs ended")
    .argument("<id>")
    .addOption(limitOption())
    .action(showCall);
}

interface FunctionOptions extends CommonOptions {
  args: string;
  spawn?: boolean;
}

async function callFunction(app: string, name: string, options: FunctionOptions): Promise<void> {
  const args = argumentsFromJson(options.args);
  const { credentials, environment } = await openSession(options);
  const bellows = new Bellows({ ...credentials, environment });
  await untilInterrupted(
    async (signal) => {
      const handle = bellows.functions.fromName(app, name).with({ signal });
      if (options.spawn) {
        const { id } = await handle.spawn(...args);
        return options.json ? printJson({ callId: id }) : console.log(id);
      }
      const result = await handle.remote(...args);
      return options.json ? printJson({ result }) : printValue(result);
    },
    () => undefined,
  ).finally(() => bellows.close());
}

interface ListOptions extends CommonOptions {
  app?: string;
  state?: CallState;
  limit: number;
}

const CALL_COLUMNS: Column<CallView>[] = [
  { title: "call", text: ({ id }) => id },
  { title: "function", text: ({ appName, functionName }) => `${appName}/${functionName}` },
  { title: "kind", text: ({ kind }) => kind },
  { title: "state", text: ({ state }) => state },
  { title: "inputs", text: ({ inputCount, receivedCount }) => inputCount ?? `${receivedCount}+`, align: "right" },
  { title: "succeeded", text: ({ counts }) => counts.succeeded, align: "right" },
  { title: "failed", text: ({ counts }) => counts.failed + counts.cancelled, align: "right" },
  { title: "made", text: ({ createdAtMs }) => ago(createdAtMs, Date.now()) },
];

async function listCalls(options: ListOptions): Promise<void> {
  const session = await openSession(options);
  const filter = {
    environment: session.environment,
    ...(options.app === undefined ? {} : { appId: await appIdNamed(session, options.app) }),
    ...(options.state === undefined ? {} : { state: options.state }),
  };
  const calls = await firstItems(options.limit, LIMITS.pageRows, (page) =>
    session.request((api) => api.calls.list.query({ ...filter, ...page })),
  );
  printList(calls, CALL_COLUMNS, { json: options.json, empty: "no calls; make one with `bellows call APP FUNCTION`" });
}

const INPUT_COLUMNS: Column<InputView>[] = [
  { title: "input", text: ({ index }) => index, align: "right" },
  { title: "state", text: ({ state }) => state },
  { title: "attempts", text: ({ attempts }) => attempts, align: "right" },
  { title: "ran", text: ({ startedAtMs, finishedAtMs }) => duration(startedAtMs, finishedAtMs), align: "right" },
  { title: "container", text: ({ containerId }) => containerId ?? "" },
];

async function showCall(text: string, options: CommonOptions & { limit: number }): Promise<void> {
  const id = callId(text);
  const session = await openSession(options);
  const call = await session.request((api) => api.calls.get.query({ id }));
  const inputs = await firstItems(options.limit, LIMITS.pageRows, (page) =>
    session.request((api) => api.calls.inputs.query({ callId: id, ...page })),
  );
  const [only] = inputs;
  const detail =
    call.inputCount === 1 && only
      ? await session.request((api) => api.calls.input.query({ callId: id, index: only.index }))
      : undefined;
  if (options.json) return printJson({ ...call, inputs, ...(detail ? { detail } : {}) });
  printList([call], CALL_COLUMNS, { json: false, empty: "" });
  console.log();
  printList(inputs, INPUT_COLUMNS, { json: false, empty: "no inputs" });
  if (detail) console.log(`\n${detailText(detail)}`);
}

function detailText({ arguments: given, result, error }: InputDetailView): string {
  const end = error
    ? `error      ${error.name ?? error.code}: ${error.message}`
    : `result     ${result?.text ?? "none yet"}`;
  return `arguments  ${given.text}\n${end}`;
}

function duration(startedAtMs: number | null, finishedAtMs: number | null): string {
  return startedAtMs === null || finishedAtMs === null ? "" : `${finishedAtMs - startedAtMs} ms`;
}
