/**
 * Bundles on this host, one folder per hash, shared by all containers. A folder appears by one rename, complete with
 * the packages the module needs, so whatever is found under its hash can be imported; an agent killed half-way leaves
 * a temporary folder and nothing else. Its SDK may be a link to that of this host (`own-sdk.ts`).
 *
 * Files are written and compared without giving up the turn: a trip to Node's pool of threads takes longer than such a
 * file, and that is 2 ms of a start in a container that was kept ready. Pings, the timer of the start and a SIGTERM wait
 * meanwhile; no input does, for none can run before the code is here.
 */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { bundleHashOf, decodeBundle, MODULES_FOLDER, SDK_MODULE } from "@bellows/protocol/bundles";
import { ConnectionError, StartupError } from "@bellows/protocol/errors";
import { LIMITS } from "@bellows/protocol/limits";
import { markUsed, packagesOf } from "./cache-use.ts";
import { fetchBytes } from "./fetch-bytes.ts";
import { hostKind } from "./host-kind.ts";
import { hasModules } from "./own-sdk.ts";
import { putFolder } from "./whole-folder.ts";

const MODULE_FILE = "bundle.mjs";
const MAP_FILE = "bundle.mjs.map";
const FILES_FOLDER = "files";
const FETCH_PAUSE_MS = 200;
const LONGEST_FETCH_PAUSE_MS = 2_000;

export interface BundleSource {
  /** `http://host:port/bundles/`, to which the hash is added. */
  baseUrl: string;
  token: string;
  /** Where the host is reached, if not at that address. */
  socketPath: string | null;
  cacheDir: string;
  /** Where the packages are already, in a `node_modules`; null: they are installed in the cache. */
  packagesDir: string | null;
  /** Of the image, where no folder holds them: name to version. The bundle's own win. */
  imagePackages: Record<string, string>;
  /** The SDK that workers may have imported already: a bundle that came with the same one uses it. Null: there is none. */
  ownSdkDir: string | null;
  /** Called whenever the host could not be had and is tried again. */
  delayed: (reason: ConnectionError) => void;
}

/**
 * The path of the module of a bundle, fetched and its packages installed if this host has not got it yet.
 * An orchestrator that is away, or has no database, says nothing about the code: it is asked until it answers.
 * @throws StartupError.
 */
export async function bundleModule(hash: string, source: BundleSource): Promise<string> {
  const cacheDir = join(source.cacheDir, hostKind());
  const folder = join(cacheDir, "bundles", [hash, ...keyOf(source)].join("-"));
  const modulePath = join(folder, MODULE_FILE);
  if (await isReady(folder, source.cacheDir)) return modulePath;
  const bundle = decodeBundle(await fetchVerified(hash, source));
  const building = join(cacheDir, "bundles", `.${hash}-${randomUUID()}`);
  try {
    mkdirSync(building, { recursive: true });
    const mapped = bundle.sourceMap === "" ? bundle.code : `${bundle.code}\n//# sourceMappingURL=${MAP_FILE}\n`;
    writeFileSync(join(building, MODULE_FILE), mapped);
    if (bundle.sourceMap !== "") writeFileSync(join(building, MAP_FILE), bundle.sourceMap);
    putModules(join(building, MODULES_FOLDER), bundle.modules, source.ownSdkDir);
    writeAll(join(building, FILES_FOLDER), bundle.files);
    const packages = { ...source.imagePackages, ...bundle.packages };
    if (source.packagesDir !== null) {
      symlinkSync(join(source.packagesDir, "node_modules"), join(building, "node_modules"), "dir");
    } else if (Object.keys(packages).length > 0) {
      // Loaded only now: most bundles need no packages.
      const { installedPackages } = await import("./npm-packages.ts");
      const modules = await installedPackages(packages, join(cacheDir, "packages"), source.cacheDir);
      symlinkSync(modules, join(building, "node_modules"), "dir");
    } else {
      mkdirSync(join(building, "node_modules"));
    }
    // Another agent may have been quicker, or have left a folder whose packages are gone.
    await putFolder(building, { path: folder, isComplete, cacheDir: source.cacheDir });
  } catch (error) {
    if (error instanceof StartupError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new StartupError(
      `the bundle could not be put into ${cacheDir}: ${text}; check that the folder is writable and the disk not full`,
      { cause: error },
    );
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return modulePath;
}

/** Where a file lies that was bundled beside this module. */
export function fileOfBundle(modulePath: string, file: string): string {
  return join(dirname(modulePath), FILES_FOLDER, file);
}

/** A link to those that are on this host already; Node takes a module at its real path for the one that it has loaded. */
function putModules(folder: string, modules: Record<string, string>, ownSdkDir: string | null): void {
  if (ownSdkDir !== null && SDK_MODULE in modules && hasModules(ownSdkDir, modules)) {
    return symlinkSync(ownSdkDir, folder, "dir");
  }
  mkdirSync(folder);
  writeAll(folder, modules);
}

/** Files below a folder, path to text. */
function writeAll(folder: string, files: Record<string, string>): void {
  const paths = Object.keys(files).map((path) => join(folder, path));
  for (const parent of new Set(paths.map(dirname))) mkdirSync(parent, { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text);
}

/** The same code is put beside other packages, or another SDK, under another name. */
function keyOf({ imagePackages, ownSdkDir }: BundleSource): string[] {
  const packages = Object.entries(imagePackages).sort(([a], [b]) => (a < b ? -1 : 1));
  const around = [...packages, ...(ownSdkDir === null ? [] : [ownSdkDir])];
  if (around.length === 0) return [];
  return [createHash("sha256").update(JSON.stringify(around)).digest("hex").slice(0, 16)];
}

/** It is there, and nobody removes it or its packages from now on. */
async function isReady(folder: string, cacheDir: string): Promise<boolean> {
  if (!(await markUsed(folder, cacheDir))) return false;
  const packages = await packagesOf(folder);
  if (packages !== undefined && !(await markUsed(packages, cacheDir))) return false;
  return isComplete(folder);
}

/** The module is there, and neither its packages nor the SDK have been removed from under it. */
function isComplete(folder: string): boolean {
  return [MODULE_FILE, "node_modules", MODULES_FOLDER].every((part) => existsSync(join(folder, part)));
}

async function fetchVerified(hash: string, source: BundleSource): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const bytes = await fetchBytes(source.baseUrl + hash, { ...source, maxBytes: LIMITS.bundleBytes });
      if (bundleHashOf(bytes) === hash) return bytes;
      throw new ConnectionError(`the bundle ${hash} arrived damaged; deploy again if this repeats`);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      source.delayed(error);
    }
    await delay(Math.min(LONGEST_FETCH_PAUSE_MS, FETCH_PAUSE_MS * attempt));
  }
}
