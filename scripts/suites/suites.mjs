/** Every suite there is: what runs it and what it needs of the host. `npm run check` runs the first five, `npm test` all. */
import { join } from "node:path";

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {string[]} command arguments of this Node
 * @property {string} [cwd] relative to the root
 * @property {"vitest" | "playwright"} [report] who writes the report that is counted; without one the command itself is the test
 * @property {boolean} [needsBrowser]
 */

const bin = {
  biome: "node_modules/@biomejs/biome/bin/biome",
  turbo: "node_modules/turbo/bin/turbo",
  knip: "node_modules/knip/bin/knip.js",
  vitest: "node_modules/vitest/vitest.mjs",
  playwright: "node_modules/@playwright/test/cli.js",
};

/** Without building and without starting anything. @type {Suite[]} */
export const CHECK_SUITES = [
  { name: "format, lint, walls", command: [bin.biome, "ci", "--error-on-warnings", "."] },
  { name: "types", command: [bin.turbo, "run", "typecheck", "typecheck:root", "--output-logs=errors-only"] },
  { name: "unused", command: [bin.knip, "--no-progress"] },
  vitest("unit"),
];

/** @type {Suite[]} */
export const TEST_SUITES = [
  ...CHECK_SUITES,
  vitest("db"),
  vitest("process"),
  { name: "e2e", command: [join("..", bin.playwright), "test"], cwd: "e2e", report: "playwright", needsBrowser: true },
];

/** @param {string} project @returns {Suite} */
function vitest(project) {
  return { name: project, command: [bin.vitest, "run", "--project", project], report: "vitest" };
}
