/** The person's side of a start: signals in, lines and an exit code out. */
import { fileURLToPath } from "node:url";
import { Refusal } from "../setup/refusal.mjs";
import { HELP, parseStartOptions } from "./options.mjs";
import { supervise } from "./supervisor.mjs";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
/** One Ctrl-C under `npm start` arrives twice: from the terminal, and passed on by npm. */
const SAME_KEYPRESS_MS = 500;

/** @param {string[]} args @returns {Promise<number>} the exit code */
export async function runStart(args) {
  // Whoever read our lines may be gone (a closed terminal, a pipe); that must not keep the rest from being stopped.
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  try {
    const options = parseStartOptions(args, process.env, ROOT);
    if (options.help) {
      process.stdout.write(HELP);
      return 0;
    }
    const { stop, hurry } = listenForStop();
    await supervise(ROOT, options, { stop, hurry, say: (line) => console.log(`bellows: ${line}`) });
    return 0;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(`bellows: ${error.message}`);
    return error.exitCode;
  }
}

function listenForStop() {
  const stop = new AbortController();
  const hurry = new AbortController();
  let askedAt = 0;
  const ask = () => {
    if (!stop.signal.aborted) {
      askedAt = Date.now();
      stop.abort();
    } else if (Date.now() - askedAt > SAME_KEYPRESS_MS) hurry.abort();
  };
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) process.on(signal, ask);
  return { stop: stop.signal, hurry: hurry.signal };
}
