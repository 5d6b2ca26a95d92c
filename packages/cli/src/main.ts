/**
 * The `bellows` command: parses the words, runs one command, turns what it threw into a message and an exit code
 * (1: the work failed, 2: wrong usage). stdout is for results; everything about the work goes to stderr.
 */
import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import * as z from "zod/mini";
import { addApp } from "./commands/app.ts";
import { addCall } from "./commands/call.ts";
import { addContainer } from "./commands/container.ts";
import { addDeploy } from "./commands/deploy.ts";
import { addFunction } from "./commands/function.ts";
import { addGpu } from "./commands/gpu.ts";
import { addImage } from "./commands/image.ts";
import { addLimit } from "./commands/limit.ts";
import { addLogs } from "./commands/logs.ts";
import { addRun } from "./commands/run.ts";
import { addSecret } from "./commands/secret.ts";
import { addSignIn } from "./commands/sign-in.ts";
import { addVolume } from "./commands/volume.ts";
import { EXIT_FAILED, EXIT_USAGE, exitCodeOf, failureJson, failureText } from "./failure.ts";
import { InterruptedUnheard } from "./interrupts.ts";
import { noticeLostLinks } from "./link-notice.ts";
import { endWithReader } from "./reader-gone.ts";
import { WorkFailed } from "./work-failed.ts";

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")));

const program = new Command("bellows")
  .description("Run TypeScript functions in containers that breathe with demand.")
  .version(version)
  .showHelpAfterError("(add --help for what can be written)")
  .exitOverride();
for (const add of [
  addRun,
  addDeploy,
  addCall,
  addLogs,
  addApp,
  addFunction,
  addContainer,
  addGpu,
  addImage,
  addLimit,
  addSecret,
  addVolume,
  addSignIn,
])
  add(program);

async function main(argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
    if (error instanceof WorkFailed || error instanceof InterruptedUnheard) return EXIT_FAILED;
    const ownWords = argv.slice(0, argv.includes("--") ? argv.indexOf("--") : undefined);
    const style = { cwd: process.cwd(), verbose: ownWords.includes("--verbose") };
    // A program reads one JSON document from stdout, whatever became of the work.
    if (ownWords.includes("--json")) process.stdout.write(`${failureJson(error, style)}\n`);
    else process.stderr.write(`${failureText(error, style)}\n`);
    return exitCodeOf(error);
  }
}

/** What was written must be out before the process ends: a pipe takes its time. */
function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}

endWithReader();
noticeLostLinks((text) => process.stderr.write(`${text}\n`));
const exitCode = await main(process.argv);
await Promise.all([drained(process.stdout), drained(process.stderr)]);
// Not by an empty event loop: user code may have left timers and servers behind, and the run is over.
process.exit(exitCode);
