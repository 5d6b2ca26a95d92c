/**
 * Runs one command to its end. Its output is kept and shown only when it fails, so that a start that works stays
 * quiet; `show` lets long work be watched.
 */
import { spawn } from "node:child_process";

/**
 * @typedef {object} CommandOptions
 * @property {string} cwd
 * @property {Record<string, string | undefined>} [env] added to ours
 * @property {boolean} [show] pass the output through as it comes
 * @property {AbortSignal} [signal] kills it
 */

/** Variables that keep the tools from phoning home and from drawing over our lines. */
const QUIET_ENV = {
  TURBO_TELEMETRY_DISABLED: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  npm_config_update_notifier: "false",
};

/**
 * @param {string} program
 * @param {string[]} args
 * @param {CommandOptions} options
 * @returns {Promise<{ ok: boolean, output: string, ms: number }>} `output`: what it wrote, unless it was shown
 */
export function runCommand(program, args, { cwd, env = {}, show = false, signal }) {
  const startedAt = performance.now();
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...QUIET_ENV, ...env },
    stdio: show ? "inherit" : ["ignore", "pipe", "pipe"],
    ...(signal ? { signal } : {}),
  });
  let output = "";
  const collect = (/** @type {Buffer} */ bytes) => {
    output += bytes.toString("utf8");
  };
  child.stdout?.on("data", collect);
  child.stderr?.on("data", collect);
  return new Promise((resolve) => {
    /** @param {boolean} ok */
    const end = (ok) => resolve({ ok, output, ms: performance.now() - startedAt });
    child.once("error", (error) => {
      output += `${program}: ${error.message}\n`;
      end(false);
    });
    child.once("close", (code) => end(code === 0));
  });
}
