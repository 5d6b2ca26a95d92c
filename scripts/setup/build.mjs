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

const WORKSPACE_FOLDERS = ["packages", "apps"];
const ROOT_FILES = ["package.json", "package-lock.json", "turbo.json", "tsconfig.base.json"];
const NO_SOURCES = new Set(["node_modules", "dist", ".next", ".turbo", "coverage", "next-env.d.ts"]);
const NO_SOURCE = /\.(test|test-d)\.tsx?$|\.tsbuildinfo$|\.snap$/;
const STAMP = ".turbo/built.json";

/**
 * @param {string} root
 * @param {{ console: boolean, signal: AbortSignal, onBuild: () => void }} options `onBuild`: called when there is something to build
 * @throws {Refusal} with the compiler's output
 */
export async function buildWhatChanged(root, { console: withConsole, signal, onBuild }) {
  const workspaces = workspacesToBuild(root).filter((folder) => withConsole || folder !== "apps/web");
  const fingerprint = fingerprintOf(root, workspaces);
  const stamp = readStamp(root);
  if (workspaces.every((folder) => stamp[folder] === fingerprint[folder] && isBuilt(root, folder))) return;
  onBuild();
  const filters = ["--filter=./packages/*", "--filter=./apps/*", ...(withConsole ? [] : ["--filter=!./apps/web"])];
  const turbo = join(root, "node_modules/turbo/bin/turbo");
  const args = [turbo, "run", "build", "--output-logs=errors-only", ...filters];
  const { ok, output } = await runCommand(process.execPath, args, { cwd: root, signal });
  if (signal.aborted) return;
  if (!ok) throw new Refusal(`the build failed\n\n${output.trim()}`);
  mkdirSync(join(root, ".turbo"), { recursive: true });
  writeFileSync(join(root, STAMP), `${JSON.stringify({ ...stamp, ...fingerprint }, null, 2)}\n`);
}

/** @param {string} root */
function workspacesToBuild(root) {
  return WORKSPACE_FOLDERS.flatMap((parent) =>
    readdirSync(join(root, parent))
      .map((name) => `${parent}/${name}`)
      .filter((folder) => {
        const manifest = join(root, folder, "package.json");
        return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).scripts?.build !== undefined;
      }),
  );
}

/** @param {string} root @param {string} folder */
function isBuilt(root, folder) {
  return existsSync(join(root, folder, "dist")) || existsSync(join(root, folder, ".next/BUILD_ID"));
}

/**
 * A change in one package may change what another is built to, so each workspace's mark covers all that turbo would
 * rebuild with it: the packages, and for an app the apps too.
 * @param {string} root @param {string[]} workspaces @returns {Record<string, string>}
 */
function fingerprintOf(root, workspaces) {
  const hash = createHash("sha256");
  for (const file of ROOT_FILES) addFile(hash, root, file);
  for (const folder of workspaces.filter((name) => name !== "apps/web")) addFolder(hash, root, folder);
  const platform = hash.copy().digest("hex");
  return Object.fromEntries(
    workspaces.map((folder) => {
      if (folder !== "apps/web") return [folder, platform];
      addFolder(hash, root, folder);
      return [folder, hash.digest("hex")];
    }),
  );
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
