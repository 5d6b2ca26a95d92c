/**
 * `bellows call APP FUNCTION` calls; `call list|show|cancel|retry` is about calls. Calling is the default subcommand, so
 * an app that is itself named "list" is called with `bellows call function list FUNCTION`.
 */
import { NotFoundError } from "@bellows/protocol/errors";
import { Bellows } from "@bellows/sdk";
import type { Command } from "commander";
import { argumentsFromJson, argumentsFromWords } from "../arguments.ts";
import { type Callee, calleeOf, refuseSpawn, runCall, spawnCall, splitMethod } from "../callee.ts";
import { withCommonOptions } from "../common-options.ts";
import { untilInterrupted } from "../interrupts.ts";
import { jsonText, printJson, printValue } from "../output.ts";
import { type CommonOptions, openSession, type Session } from "../session.ts";
import { UsageError } from "../usage-error.ts";
import { addCallCancel, addCallRetry } from "./call-change.ts";
import { addCallList } from "./call-list.ts";
import { addCallShow } from "./call-show.ts";

export function addCall(program: Command): void {
  const call = program
    .command("call")
    .description("call a function of a deployed app, or look at calls")
    .usage("<app> <function> [--args JSON] [--spawn]\n       bellows call list|show|cancel|retry ...");
  withCommonOptions(call.command("function", { isDefault: true }))
    .description("call a function: `bellows call APP FUNCTION`, of a class `bellows call APP CLASS.METHOD`")
    .argument("<app>")
    .argument("<function>")
    .argument("[words...]")
    .usage("[options] <app> <function>")
    .option("--args <json>", "the arguments, as a JSON array", "[]")
    .option("--instance <json>", "of a class: the arguments of its constructor, as a JSON array", "[]")
    .option("--spawn", "store the call, print its id, and do not wait")
    .action(callFunction);
  for (const add of [addCallList, addCallShow, addCallCancel, addCallRetry]) add(call);
}

interface FunctionOptions extends CommonOptions {
  args: string;
  instance: string;
  spawn?: boolean;
}

async function callFunction(app: string, name: string, words: string[], options: FunctionOptions): Promise<void> {
  if (words.length > 0) {
    throw new UsageError(
      `arguments go with --args, as a JSON array: --args '${jsonText(argumentsFromWords(words).flat())}'`,
    );
  }
  if (app === "" || name === "") throw new UsageError("write the names of an app and a function: one of them is empty");
  const args = argumentsFromJson(options.args);
  const instance = argumentsFromJson(options.instance, "--instance");
  const session = await openSession(options);
  const callee = await deployedCallee(session, app, name);
  if (options.spawn) refuseSpawn(callee, "--spawn");
  if (instance.length > 0 && callee.kind !== "class") {
    throw new UsageError(`"${name}" is a ${callee.kind}; --instance is for classes, leave it out`);
  }
  const bellows = new Bellows({ ...session.credentials, environment: session.environment });
  await untilInterrupted(
    async (signal) => {
      const call = { app, callee, args, instance, signal };
      if (options.spawn) {
        const id = await spawnCall(bellows, call);
        return options.json ? printJson({ callId: id }) : console.log(id);
      }
      const yielded = (value: unknown) => (options.json ? console.log(jsonText({ value })) : printValue(value));
      const result = await runCall(bellows, call, yielded);
      // A generator has given all it has, one document a value.
      if (callee.kind === "generator") return;
      return options.json ? printJson({ result }) : printValue(result);
    },
    () => undefined,
  ).finally(() => bellows.close());
}

/** @throws NotFoundError naming what there is; UsageError for a class without a method of it. */
async function deployedCallee({ request, environment }: Session, app: string, text: string): Promise<Callee> {
  const lookUp = (name: string) => request((api) => api.functions.get.query({ app, name, environment }));
  const split = splitMethod(text);
  try {
    return calleeOf(await lookUp(text), undefined);
  } catch (error) {
    if (!(error instanceof NotFoundError) || !split) throw error;
    const owner = await lookUp(split.name).catch(() => undefined);
    if (owner?.settings.kind !== "class") throw error;
    return calleeOf(owner, split.method);
  }
}
