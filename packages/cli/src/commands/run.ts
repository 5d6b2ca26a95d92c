/** `bellows run FILE[::FUNCTION]`: an app for the time of one run. */
import { setRuntimeContext } from "@bellows/protocol/runtime-context";
import { Bellows } from "@bellows/sdk";
import type { Command } from "commander";
import { argumentsFromWords } from "../arguments.ts";
import { withCommonOptions } from "../common-options.ts";
import { deployApp, type LoadedApp, loadApp } from "../deployment.ts";
import { withEphemeralApp } from "../ephemeral.ts";
import { type FileTarget, fileTarget } from "../file-target.ts";
import { printJson, printValue } from "../output.ts";
import { type CommonOptions, openSession, type Session } from "../session.ts";
import { UsageError } from "../usage-error.ts";

interface RunOptions extends CommonOptions {
  detach?: boolean;
}

export function addRun(program: Command): void {
  withCommonOptions(program.command("run"))
    .description("deploy a file for the time of one run, and run its entrypoint or one of its functions")
    .argument("<file[::function]>", "the file that exports the app; a function to call instead of the entrypoint")
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
    work({ session, appName: deployment.appName, signal }),
  );
  if (options.json) printJson({ app: deployment.appName, ...result });
  else if ("callId" in result) console.log(result.callId);
  else if (target.functionName !== undefined) printValue(result.result);
}

interface Running {
  session: Session;
  appName: string;
  signal: AbortSignal;
}
type Outcome = { result: unknown } | { callId: string };

/** What to run once the app is deployed. @throws UsageError when there is nothing of that name, or no entrypoint. */
function workOf(
  app: LoadedApp,
  target: FileTarget,
  words: string[],
  { detach }: RunOptions,
): (running: Running) => Promise<Outcome> {
  const names = app.functions.map(({ name }) => name);
  const { functionName } = target;
  if (functionName !== undefined) {
    if (!names.includes(functionName)) {
      throw new UsageError(`app "${app.name}" has no function "${functionName}"; it has ${names.join(", ") || "none"}`);
    }
    return (running) => callFunction(running, functionName, argumentsFromWords(words), detach ?? false);
  }
  const { entrypoint } = app;
  if (!entrypoint) {
    throw new UsageError(
      `app "${app.name}" has no entrypoint; add \`app.entrypoint(async () => { ... })\`` +
        (names[0] ? `, or name a function: ${target.shown}::${names[0]}` : ""),
    );
  }
  return async () => ({ result: await entrypoint(...words) });
}

async function callFunction(
  { session, appName, signal }: Running,
  name: string,
  args: unknown[],
  detach: boolean,
): Promise<Outcome> {
  const bellows = new Bellows({ ...session.credentials, environment: session.environment });
  try {
    const handle = bellows.functions.fromName(appName, name).with({ signal });
    return detach ? { callId: (await handle.spawn(...args)).id } : { result: await handle.remote(...args) };
  } finally {
    await bellows.close();
  }
}
