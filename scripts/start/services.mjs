/** What is started and how: the one place that knows the programs and the variables they are given. */
import { createRequire } from "node:module";
import { join } from "node:path";

/** @typedef {import("./options.mjs").StartOptions} StartOptions */
/** @typedef {import("./service.mjs").ServiceSpec} ServiceSpec */

/** Where a browser and the programs on this machine reach a server that listens on `host`. @param {string} host @param {number} port */
export function urlOf(host, port) {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${reachable.includes(":") ? `[${reachable}]` : reachable}:${port}`;
}

/** @param {string} root @param {StartOptions} options @param {string} databaseUrl @returns {ServiceSpec} */
export function orchestratorSpec(root, options, databaseUrl) {
  return {
    name: "orchestrator",
    command: ["--enable-source-maps", join(root, "apps/orchestrator/dist/main.js")],
    cwd: root,
    env: {
      ...process.env,
      NODE_ENV: "production",
      BELLOWS_DATABASE_URL: databaseUrl,
      BELLOWS_STATE_DIR: options.stateDir,
      BELLOWS_HOST: options.host,
      BELLOWS_PORT: String(options.port),
      BELLOWS_CONSOLE_PORT: String(options.consolePort),
    },
    logFile: join(options.stateDir, "logs/orchestrator.log"),
  };
}

/** @param {string} root @param {StartOptions} options @returns {ServiceSpec} */
export function consoleSpec(root, options) {
  const folder = join(root, "apps/web");
  const next = createRequire(join(folder, "package.json")).resolve("next/dist/bin/next");
  const verb = options.dev ? "dev" : "start";
  return {
    name: "console",
    command: [next, verb, "--port", String(options.consolePort), "--hostname", options.host],
    cwd: folder,
    env: {
      ...process.env,
      NODE_ENV: options.dev ? "development" : "production",
      NEXT_TELEMETRY_DISABLED: "1",
      BELLOWS_URL: urlOf(options.host, options.port),
    },
    logFile: join(options.stateDir, "logs/console.log"),
  };
}
