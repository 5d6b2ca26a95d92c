/** What the command line and the environment ask of `npm start`, as one value. A flag beats its variable. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { Refusal } from "../setup/refusal.mjs";

/**
 * @typedef {object} StartOptions
 * @property {boolean} help
 * @property {boolean} dev rebuild and restart on change
 * @property {boolean} console
 * @property {boolean} examples deploy them when the database is empty
 * @property {string} host
 * @property {number} port
 * @property {number} consolePort
 * @property {string} stateDir absolute
 * @property {string | null} databaseUrl null: the embedded Postgres
 */

export const HELP = `Starts Bellows on this machine: Postgres, the orchestrator and the console.

  npm start [-- FLAGS]

  --no-console          leave the console out               BELLOWS_NO_CONSOLE=1
  --no-examples         do not deploy examples/             BELLOWS_NO_EXAMPLES=1
  --port N              port of the API (4000)              BELLOWS_PORT
  --console-port N      port of the console (3000)          BELLOWS_CONSOLE_PORT
  --state-dir DIR       where all data is kept (.bellows)   BELLOWS_STATE_DIR
  --dev                 rebuild and restart on change
  --help                this text

Your own Postgres (15 or newer) instead of the embedded one: BELLOWS_DATABASE_URL.
The address to listen on: BELLOWS_HOST (127.0.0.1).
`;

const FLAGS = /** @type {const} */ ({
  "no-console": { type: "boolean" },
  "no-examples": { type: "boolean" },
  port: { type: "string" },
  "console-port": { type: "string" },
  "state-dir": { type: "string" },
  dev: { type: "boolean" },
  help: { type: "boolean", short: "h" },
});

/**
 * @param {string[]} args without `node` and the script
 * @param {Record<string, string | undefined>} env
 * @param {string} root the repository
 * @returns {StartOptions}
 * @throws {Refusal} naming the flag or variable that is wrong
 */
export function parseStartOptions(args, env, root) {
  const flags = parseFlags(args);
  const port = portOf(flags.port, env, "--port", "BELLOWS_PORT", 4000);
  const consolePort = portOf(flags["console-port"], env, "--console-port", "BELLOWS_CONSOLE_PORT", 3000);
  const withConsole = !flags["no-console"] && !isOn(env.BELLOWS_NO_CONSOLE);
  if (withConsole && port === consolePort)
    throw usage(`the API and the console cannot both have port ${port}; give one of them another`);
  return {
    help: flags.help === true,
    dev: flags.dev === true,
    console: withConsole,
    examples: !flags["no-examples"] && !isOn(env.BELLOWS_NO_EXAMPLES),
    host: env.BELLOWS_HOST || "127.0.0.1",
    port,
    consolePort,
    stateDir: resolve(root, flags["state-dir"] || env.BELLOWS_STATE_DIR || ".bellows"),
    databaseUrl: env.BELLOWS_DATABASE_URL || null,
  };
}

/** @param {string[]} args */
function parseFlags(args) {
  try {
    return parseArgs({ args, options: FLAGS }).values;
  } catch (error) {
    const what = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw usage(`${what}; \`npm start -- --help\` lists the flags`);
  }
}

/**
 * @param {string | undefined} flag
 * @param {Record<string, string | undefined>} env
 * @param {string} flagName
 * @param {string} variable
 * @param {number} otherwise
 */
function portOf(flag, env, flagName, variable, otherwise) {
  const text = flag ?? (env[variable] || String(otherwise));
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw usage(`${flag === undefined ? variable : flagName} is "${text}", but it must be a port number from 1 to 65535`);
}

/** @param {string | undefined} value */
function isOn(value) {
  return value !== undefined && !["", "0", "false", "no"].includes(value);
}

/** @param {string} sentence */
function usage(sentence) {
  return new Refusal(sentence, { exitCode: 2 });
}
