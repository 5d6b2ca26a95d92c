/**
 * The walls between the parts hold only while the linter sees them. Each row is an import that must be refused (or
 * must stay possible), written as a file at its place in a copy of the tree and linted with the real biome.json.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const WALL = "lint/style/noRestrictedImports";
const CORE = "apps/orchestrator/src/core";

const REFUSED: [what: string, folder: string, code: string, rule: string][] = [
  ["core importing the engine", CORE, 'import { a } from "../engine/a.ts"; export const b = a;', WALL],
  ["core importing node", CORE, 'import { a } from "node:fs"; export const b = a;', WALL],
  ["core importing a package", CORE, 'import { a } from "zod"; export const b = a;', WALL],
  ["core importing db types", CORE, 'import type { A } from "@bellows/db/a"; export type B = A;', WALL],
  ["core importing at run time", CORE, 'export const b = () => import("../engine/a.ts");', WALL],
  ["protocol importing us", "packages/protocol/src", 'import { a } from "@bellows/sdk"; export const b = a;', WALL],
  ["db importing the sdk", "packages/db/src", 'import { a } from "@bellows/sdk/a"; export const b = a;', WALL],
  ["runner importing the orchestrator", "packages/runner/src", orchestrator("core/a"), WALL],
  ["runner importing files of another", "packages/runner/src", 'export const b = import("../../db/src/a.ts");', WALL],
  ["sdk importing the orchestrator", "packages/sdk/src", orchestrator("core/a"), WALL],
  ["sdk importing the router itself", "packages/sdk/src", orchestrator("app-router"), WALL],
  [
    "sdk importing the type as a value",
    "packages/sdk/src",
    routerType("import {type AppRouter}"),
    "lint/style/useImportType",
  ],
  ["cli importing the orchestrator", "packages/cli/src", orchestrator("core/a"), WALL],
  ["cli importing the router's type", "packages/cli/src", routerType("import type {AppRouter}"), WALL],
  ["web importing the orchestrator", "apps/web/src/features/apps", orchestrator("core/a"), WALL],
  ["web importing the database", "apps/web/src", 'import { a } from "@bellows/db/a"; export const b = a;', WALL],
  [
    "an example importing internals",
    "examples/a",
    'import { a } from "@bellows/protocol/a"; export const b = a;',
    WALL,
  ],
  [
    "api importing a driver",
    "apps/orchestrator/src/api",
    'import { a } from "../containers/driver.ts"; export const b = a;',
    WALL,
  ],
  [
    "containers importing the API",
    "apps/orchestrator/src/containers",
    'import { a } from "../api/a.ts"; export const b = a;',
    WALL,
  ],
  [
    "containers importing the database",
    "apps/orchestrator/src/containers",
    'import { a } from "@bellows/db/client"; export const b = a;',
    WALL,
  ],
  [
    "engine importing the API",
    "apps/orchestrator/src/engine",
    'import { a } from "../api/a.ts"; export const b = a;',
    WALL,
  ],
  [
    "orchestrator importing the sdk",
    "apps/orchestrator/src/loops",
    'import { a } from "@bellows/sdk"; export const b = a;',
    WALL,
  ],
  [
    "environment read outside config.ts",
    "apps/orchestrator/src/engine",
    "export const a = process.env.A;",
    "lint/style/noProcessEnv",
  ],
  [
    "environment imported",
    "apps/orchestrator/src/engine",
    'import { env } from "node:process"; export const a = env.A;',
    "lint/style/noProcessEnv",
  ],
  ["any", "packages/sdk/src", "export const a = (b: any) => b;", "lint/suspicious/noExplicitAny"],
  [
    "non-null assertion",
    "packages/sdk/src",
    "export const a = (b?: string) => b!.length;",
    "lint/style/noNonNullAssertion",
  ],
  ["default export", "packages/sdk/src", "export default 1;", "lint/style/noDefaultExport"],
  ["barrel", "packages/sdk/src", 'export { a } from "./a.ts";', "lint/performance/noBarrelFile"],
];

const ALLOWED: [what: string, folder: string, code: string][] = [
  [
    "core importing protocol and its own",
    CORE,
    'import { a } from "@bellows/protocol/a"; import { b } from "./b.ts"; export const c = [a, b];',
  ],
  ["sdk importing the router's type", "packages/sdk/src", routerType("import type {AppRouter}")],
  [
    "web importing a feature of its own",
    "apps/web/src",
    'import { a } from "../features/apps/containers/a.tsx"; export const b = a;',
  ],
  ["example importing the sdk", "examples/a", 'import { a } from "@bellows/sdk"; export const b = a;'],
  ["cli importing the sdk", "packages/cli/src", 'import { a } from "@bellows/sdk"; export const b = a;'],
];

const CYCLE = "lint/suspicious/noImportCycles";
const copy = mkdtempSync(join(tmpdir(), "bellows-walls-"));
let found: { file: string; rule: string }[] = [];

beforeAll(() => {
  cpSync(join(ROOT, "biome.json"), join(copy, "biome.json"));
  writeFileSync(join(copy, ".gitignore"), "node_modules/\n");
  for (const [index, [, folder, code]] of REFUSED.entries()) plant(`${folder}/refused-${index}.ts`, code);
  for (const [index, [, folder, code]] of ALLOWED.entries()) plant(`${folder}/allowed-${index}.ts`, code);
  plant("apps/orchestrator/src/config.ts", "export const a = process.env.A;");
  plant(`${CORE}/a.test.ts`, 'import { test } from "vitest"; test.skip("a", () => {});');
  plant("packages/db/src/chicken.ts", 'import type { Egg } from "./egg.ts"; export type Chicken = Egg[];');
  plant("packages/db/src/egg.ts", 'import type { Chicken } from "./chicken.ts"; export type Egg = Chicken[];');
  found = lint();
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

test.each(REFUSED.map(([what, folder, , rule], index) => ({ what, rule, file: `${folder}/refused-${index}.ts` })))(
  "refused: $what",
  ({ file, rule }) => expect(rulesBrokenIn(file)).toContain(rule),
);

test.each(ALLOWED.map(([what, folder], index) => ({ what, file: `${folder}/allowed-${index}.ts` })))(
  "allowed: $what",
  ({ file }) => expect(rulesBrokenIn(file)).toEqual([]),
);

test("config.ts reads the environment", () => expect(rulesBrokenIn("apps/orchestrator/src/config.ts")).toEqual([]));

test("a test of the core imports vitest, but may not be skipped", () =>
  expect(rulesBrokenIn(`${CORE}/a.test.ts`)).toEqual(["lint/suspicious/noSkippedTests"]));

test("refused: a cycle of imports, even of types only", () => {
  expect(rulesBrokenIn("packages/db/src/chicken.ts")).toEqual([CYCLE]);
  expect(rulesBrokenIn("packages/db/src/egg.ts")).toEqual([CYCLE]);
});

function orchestrator(subpath: string): string {
  return `import { a } from "@bellows/orchestrator/${subpath}"; export const b = a;`;
}

function routerType(clause: string): string {
  return `${clause} from "@bellows/orchestrator/app-router"; export type B = AppRouter;`;
}

function plant(file: string, code: string): void {
  mkdirSync(join(copy, dirname(file)), { recursive: true });
  writeFileSync(join(copy, file), code);
}

function rulesBrokenIn(file: string): string[] {
  return found.filter((diagnostic) => diagnostic.file === file).map((diagnostic) => diagnostic.rule);
}

/** Biome's GitHub format is one line a diagnostic, and stable where its JSON says it is not. */
function lint(): { file: string; rule: string }[] {
  const biome = join(ROOT, "node_modules/@biomejs/biome/bin/biome");
  const args = [biome, "lint", "--reporter=github", "--max-diagnostics=none", "."];
  const { stdout } = spawnSync(process.execPath, args, { cwd: copy, encoding: "utf8" });
  return [...stdout.matchAll(/title=([^,]+),file=([^,]+)/g)].map(([, rule = "", file = ""]) => ({
    rule,
    file: file.slice(file.indexOf(copy) + copy.length + 1),
  }));
}
