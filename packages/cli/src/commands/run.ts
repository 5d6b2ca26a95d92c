/** `bellows run FILE[::FUNCTION]`: an app for the time of one run. */
import { listNames } from "@bellows/protocol/known-names";
import { setRuntimeContext } from "@bellows/protocol/runtime-context";
import { Bellows } from "@bellows/sdk";
import type { Command } from "commander";
import pc from "picocolors";
import { argumentsFromWords } from "../arguments.ts";
import { type Callee, calleeOf, refuseSpawn, runCall, spawnCall, splitMethod } from "../callee.ts";
import { withCommonOptions } from "../common-options.ts";
import { deployApp, type LoadedApp, loadApp } from "../deployment.ts";
import { withEphemeralApp } from "../ephemeral.ts";
import { type FileTarget, fileTarget } from "../file-target.ts";
import { jsonText, printJson, printValue } from "../output.ts";
import { type CommonOptions, openSession, type Session } from "../session.ts";
import { UsageError } from "../usage-error.ts";

interface RunOptions extends CommonOptions {
  detach?: boolean;
}

export function addRun(program: Command): void {
  withCommonOptions(program.command("run"))
    .description("deploy a file for the time of one run, and run its entrypoint or one of its functions")
    .argument(
      "<file[::function]>",
      "the file that exports the app; a function, or CLASS.METHOD, to call instead of the entrypoint",
    )
    .argument("[args...]", "arguments, after `--`; for a function each is read as JSON if it is JSON")
    .option("--detach", "leave the app running until its calls are finished; a function is spawned")
    .action(run);
}

async function run(text: string, words: string[], options: RunOptions): Promise<void> {
  const target = fileTarget(text, process.cwd());
  const app = await loadApp(target, process.cwd());
  const work = workOf(app, target, words, options);
  const session = await openSession(options);
  const deployment = await deployApp(app, session, { ephemeral: true });
  setRuntimeContext({
    connection: session.credentials,
    environment: session.environment,
    appName: deployment.appName,
    currentInput: () => undefined,
  });
  const settings = { detach: options.detach ?? false, showProgress: !options.json, now: Date.now };
  const result = await withEphemeralApp(deployment, session, settings, (signal) =>
    work({ session, appName: deployment.appName, signal, json: options.json ?? false }),
  );
  if (options.json) return printJson({ app: deployment.appName, appId: deployment.appId, ...result });
  if ("callId" in result) console.log(result.callId);
  else if ("result" in result && target.functionName !== undefined) printValue(result.result);
  if (options.detach) console.error(pc.dim(howToFollow(deployment.appName, result)));
}

function howToFollow(appName: string, result: Outcome): string {
  const calls = "callId" in result ? `call show ${result.callId} --follow` : `call list --app ${appName}`;
  return `it goes when its calls have ended; \`bellows ${calls}\` and \`bellows logs ${appName} -f\` show them, \`bellows app stop ${appName}\` ends them`;
}

interface Running {
  session: Session;
  appName: string;
  signal: AbortSignal;
  json: boolean;
}
/** Nothing of a generator: its values were printed as they came. */
type Outcome = { result: unknown } | { callId: string } | Record<string, never>;

/** What to run once the app is deployed. @throws UsageError when there is nothing of that name, or no entrypoint. */
function workOf(
  app: LoadedApp,
  target: FileTarget,
  words: string[],
  { detach = false }: RunOptions,
): (running: Running) => Promise<Outcome> {
  const { functionName } = target;
  if (functionName !== undefined) {
    const callee = calleeIn(app, functionName);
    if (detach) refuseSpawn(callee, "--detach");
    return (running) => callFunction(running, callee, argumentsFromWords(words), detach);
  }
  const { entrypoint } = app;
  if (!entrypoint) {
    const [first] = app.functions;
    throw new UsageError(
      `app "${app.name}" has no entrypoint; add \`app.entrypoint(async () => { ... })\`` +
        (first ? `, or name a function: ${target.shown}::${first.name}` : ""),
    );
  }
  return async () => ({ result: await entrypoint(...words) });
}

/** @throws UsageError */
function calleeIn({ name: appName, functions }: LoadedApp, text: string): Callee {
  const split = splitMethod(text);
  const exact = functions.find(({ name }) => name === text);
  if (exact) return calleeOf(exact, undefined);
  const owner = functions.find(({ name, settings }) => name === split?.name && settings.kind === "class");
  if (owner) return calleeOf(owner, split?.method);
  throw new UsageError(
    `app "${appName}" has no function "${text}"; it has ${listNames(functions.map(({ name }) => name))}`,
  );
}

async function callFunction(
  { session, appName, signal, json }: Running,
  callee: Callee,
  args: unknown[],
  detach: boolean,
): Promise<Outcome> {
  const bellows = new Bellows({ ...session.credentials, environment: session.environment });
  try {
    const call = { app: appName, callee, args, instance: [], signal };
    if (detach) return { callId: await spawnCall(bellows, call) };
    const yielded = (value: unknown) => (json ? console.log(jsonText({ value })) : printValue(value));
    const result = await runCall(bellows, call, yielded);
    return callee.kind === "generator" ? {} : { result };
  } finally {
    await bellows.close();
  }
}
