/**
 * Runs one command to its end. Its output is kept and shown only when it fails, so that a start that works stays
 * quiet; `show` lets long work be watched. It has a process group of its own: whatever it has started ends with it.
 */
import { spawn } from "node:child_process";
import { signalGroup } from "./processes.mjs";

/**
 * @typedef {object} CommandOptions
 * @property {string} cwd
 * @property {Record<string, string | undefined>} [env] added to ours
 * @property {boolean} [show] pass the output through as it comes
 * @property {AbortSignal} [signal] ends it
 * @property {number} [timeoutMs] ends it too, and says so
 */

const GRACE_MS = 5_000;

/** Variables that keep the tools from phoning home and from drawing over our lines. */
const QUIET_ENV = {
  TURBO_TELEMETRY_DISABLED: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  npm_config_update_notifier: "false",
};

/** For output that no terminal shows. Some tools colour it all the same where CI is set. */
const PLAIN_ENV = { NO_COLOR: "1", FORCE_COLOR: undefined };

/**
 * @param {string} program
 * @param {string[]} args
 * @param {CommandOptions} options
 * @returns {Promise<{ ok: boolean, output: string, ms: number }>} `output`: what it wrote, unless it was shown
 */
export function runCommand(program, args, { cwd, env = {}, show = false, signal, timeoutMs }) {
  const startedAt = performance.now();
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...QUIET_ENV, ...(show && process.stdout.isTTY ? {} : PLAIN_ENV), ...env },
    stdio: show ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  const collect = (/** @type {Buffer} */ bytes) => {
    output += bytes.toString("utf8");
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  return new Promise((resolve) => {
    const end = () => {
      signalGroup(child.pid ?? 0, "SIGTERM");
      killTimer = setTimeout(() => signalGroup(child.pid ?? 0, "SIGKILL"), GRACE_MS);
    };
    /** @type {NodeJS.Timeout | undefined} */
    let killTimer;
    const timeout = timeoutMs === undefined ? undefined : setTimeout(tooLong, timeoutMs);
    if (signal?.aborted) end();
    signal?.addEventListener("abort", end, { once: true });
    child.once("error", (error) => {
      output += `${program}: ${error.message}\n`;
      finish(false);
    });
    child.once("close", (code) => finish(code === 0));

    function tooLong() {
      const sentence = `ended after ${(timeoutMs ?? 0) / 1000} s: it takes longer than it may`;
      output += `\n${sentence}\n`;
      if (show) console.log(sentence);
      end();
    }
    /** @param {boolean} ok */
    function finish(ok) {
      clearTimeout(timeout);
      clearTimeout(killTimer);
      signal?.removeEventListener("abort", end);
      resolve({ ok, output, ms: performance.now() - startedAt });
    }
  });
}
