/**
 * Builds what changed. A start that follows a start has nothing to build and must notice that in milliseconds, and it
 * must not rewrite files under another copy that runs from the same clone; so the sources are fingerprinted (path,
 * size, time) and turbo, which knows what depends on what, is asked only when the fingerprint is new.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "./command.mjs";
import { Refusal } from "./refusal.mjs";

const ROOT_FILES = ["package.json", "package-lock.json", "turbo.json", "tsconfig.base.json"];
const NO_SOURCES = new Set(["node_modules", "dist", ".next", ".turbo", "coverage", "next-env.d.ts"]);
const NO_SOURCE = /\.(test|test-d)\.tsx?$|\.tsbuildinfo$|\.snap$/;
const STAMP = ".turbo/built.json";

/**
 * The packages and the orchestrator, and what is asked for beside them.
 * @param {string} root
 * @param {{ also: ("apps/web" | "bench" | "e2e")[], signal: AbortSignal, onBuild: () => void }} options `onBuild`:
 * called when there is something to build
 * @throws {Refusal} with the compiler's output
 */
export async function buildWhatChanged(root, { also, signal, onBuild }) {
  const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}`);
  const platform = [...packages, "apps/orchestrator"].filter((folder) => hasBuild(root, folder));
  const extras = also.filter((folder) => hasBuild(root, folder));
  const fingerprint = fingerprintOf(root, platform, extras);
  const stamp = readStamp(root);
  const wanted = [...platform, ...extras];
  if (wanted.every((folder) => stamp[folder] === fingerprint[folder] && isBuilt(root, folder))) return;
  onBuild();
  const turbo = join(root, "node_modules/turbo/bin/turbo");
  const filters = wanted.map((folder) => `--filter=./${folder}`);
  const args = [turbo, "run", "build", "--output-logs=errors-only", ...filters];
  const { ok, output } = await runCommand(process.execPath, args, { cwd: root, signal });
  if (signal.aborted) return;
  if (!ok) throw new Refusal(`the build failed\n\n${output.trim()}`);
  mkdirSync(join(root, ".turbo"), { recursive: true });
  writeFileSync(join(root, STAMP), `${JSON.stringify({ ...stamp, ...fingerprint }, null, 2)}\n`);
}

/** @param {string} root @param {string} folder */
function hasBuild(root, folder) {
  const manifest = join(root, folder, "package.json");
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).scripts?.build !== undefined;
}

/** @param {string} root @param {string} folder */
function isBuilt(root, folder) {
  return existsSync(join(root, folder, "dist")) || existsSync(join(root, folder, ".next/BUILD_ID"));
}

/**
 * A change in one package may change what another is built to, so they share one mark, and each extra's covers them.
 * @param {string} root @param {string[]} platform @param {string[]} extras @returns {Record<string, string>}
 */
function fingerprintOf(root, platform, extras) {
  const hash = createHash("sha256");
  for (const file of ROOT_FILES) addFile(hash, root, file);
  for (const folder of platform) addFolder(hash, root, folder);
  const shared = hash.copy().digest("hex");
  const marks = platform.map((folder) => [folder, shared]);
  for (const folder of extras) {
    const own = hash.copy();
    addFolder(own, root, folder);
    marks.push([folder, own.digest("hex")]);
  }
  return Object.fromEntries(marks);
}

/** @param {import("node:crypto").Hash} hash @param {string} root @param {string} folder */
function addFolder(hash, root, folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (NO_SOURCES.has(entry.name) || NO_SOURCE.test(entry.name)) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) addFolder(hash, root, path);
    else addFile(hash, root, path);
  }
}

/** @param {import("node:crypto").Hash} hash @param {string} root @param {string} file */
function addFile(hash, root, file) {
  const stat = statSync(join(root, file), { throwIfNoEntry: false });
  hash.update(`${file}\0${stat?.size}\0${stat?.mtimeMs}\n`);
}

/** @param {string} root @returns {Record<string, string>} */
function readStamp(root) {
  try {
    return JSON.parse(readFileSync(join(root, STAMP), "utf8"));
  } catch {
    return {};
  }
}
