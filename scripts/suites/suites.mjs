/** Every suite there is: what runs it and what it needs of the host. `npm run check` runs CHECK_SUITES, `npm test` those and TEST_SUITES. */
import { join } from "node:path";

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {string[]} command arguments of this Node
 * @property {string} [cwd] relative to the root
 * @property {"vitest" | "playwright"} [report] who writes the report that is counted; without one the command itself is the test
 * @property {number} timeoutMs many times what it takes: a suite that hangs fails instead
 * @property {boolean} [needsBrowser]
 * @property {boolean} [needsDocker]
 * @property {boolean} [needsGpu]
 */

const MINUTE_MS = 60_000;

const bin = {
  biome: "node_modules/@biomejs/biome/bin/biome",
  turbo: "node_modules/turbo/bin/turbo",
  knip: "node_modules/knip/bin/knip.js",
  vitest: "node_modules/vitest/vitest.mjs",
  playwright: "node_modules/@playwright/test/cli.js",
};

/** Without building and without starting anything. The longest is the first: the others run beside it. @type {Suite[]} */
export const CHECK_SUITES = [
  vitest("unit", 5 * MINUTE_MS),
  {
    name: "format, lint, walls",
    // It colours what no terminal shows, whatever NO_COLOR says.
    command: [bin.biome, "ci", "--colors=off", "--error-on-warnings", "."],
    timeoutMs: 2 * MINUTE_MS,
  },
  {
    name: "types",
    command: [bin.turbo, "run", "typecheck", "typecheck:root", "--output-logs=errors-only"],
    timeoutMs: 5 * MINUTE_MS,
  },
  { name: "unused", command: [bin.knip, "--no-progress"], timeoutMs: 2 * MINUTE_MS },
];

/** What they start has the host to itself, one after the other. @type {Suite[]} */
export const TEST_SUITES = [
  vitest("db", 5 * MINUTE_MS),
  vitest("process", 20 * MINUTE_MS),
  vitest("timed", 5 * MINUTE_MS),
  { ...vitest("docker", 15 * MINUTE_MS), needsDocker: true },
  { ...vitest("gpu", 5 * MINUTE_MS), needsGpu: true },
  {
    name: "e2e",
    command: [join("..", bin.playwright), "test"],
    cwd: "e2e",
    report: "playwright",
    timeoutMs: 10 * MINUTE_MS,
    needsBrowser: true,
  },
];

/** @param {string} project @param {number} timeoutMs @returns {Suite} */
function vitest(project, timeoutMs) {
  return { name: project, command: [bin.vitest, "run", "--project", project], report: "vitest", timeoutMs };
}
