/**
 * npm packages beside a bundle: installed once per list of packages and host, by whichever agent comes first. The folder
 * appears by one rename, so its existence means that the install succeeded; the lock only saves the others the work.
 */
import { spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { access, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { StartupError } from "@bellows/protocol/errors";
import { markUsed } from "./cache-use.ts";
import { withFileLock } from "./file-lock.ts";
import { visibleEnvironment } from "./visible-environment.ts";

const TOLD_LINES = 12;

/** The `node_modules` that holds exactly these packages. @throws StartupError with what npm said last. */
export async function installedPackages(
  packages: Record<string, string>,
  packagesDir: string,
  cacheDir: string,
): Promise<string> {
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  const key = createHash("sha256").update(JSON.stringify(sorted)).digest("hex").slice(0, 32);
  const folder = join(packagesDir, key);
  const modules = join(folder, "node_modules");
  await mkdir(packagesDir, { recursive: true });
  await withFileLock(join(packagesDir, `${key}.lock`), async () => {
    if ((await markUsed(folder, cacheDir)) && (await isThere(modules))) return;
    const building = join(packagesDir, `.${key}-${randomUUID()}`);
    try {
      await mkdir(building);
      await writeFile(join(building, "package.json"), JSON.stringify(manifest(sorted), null, 2));
      await npmInstall(building, sorted);
      await mkdir(join(building, "node_modules"), { recursive: true });
      await rename(building, folder);
    } catch (error) {
      if (!(await isThere(modules))) throw error;
    } finally {
      await rm(building, { recursive: true, force: true });
    }
  });
  return modules;
}

function manifest(packages: Record<string, string>) {
  // Install scripts of packages that are not listed will be skipped by a later npm: native addons are built by theirs.
  const allowScripts = Object.fromEntries(Object.keys(packages).map((name) => [name, true]));
  return { name: "bundle-packages", private: true, dependencies: packages, allowScripts };
}

async function npmInstall(folder: string, packages: Record<string, string>): Promise<void> {
  const list = Object.entries(packages).map(([name, version]) => `${name}@${version}`);
  const { status, said } = await run("npm", [
    "install",
    "--omit=dev",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--no-progress",
    "--prefer-offline",
    "--loglevel=error",
    `--prefix=${folder}`,
    ...globalSettings(),
  ]);
  if (status !== 0) {
    throw new StartupError(`npm could not install ${list.join(", ")} (${status}):\n${said.join("\n")}`);
  }
}

/**
 * With a prefix npm looks for the settings of the whole machine below it: the registry, the proxy and the certificates that
 * are set there would be missed.
 */
function globalSettings(): string[] {
  if (process.env.npm_config_globalconfig) return [];
  return [`--globalconfig=${join(dirname(dirname(process.execPath)), "etc", "npmrc")}`];
}

function run(command: string, args: string[]): Promise<{ status: number | string; said: string[] }> {
  return new Promise((resolve) => {
    let text = "";
    // npm lies beside node; PATH may hold another one, or none.
    const path = [dirname(process.execPath), process.env.PATH].filter(Boolean).join(delimiter);
    const env = { ...visibleEnvironment(process.env), PATH: path };
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env });
    const listen = (piece: Buffer) => {
      text = (text + piece.toString("utf8")).slice(-64 * 1_024);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.once("error", (error) => resolve({ status: error.message, said: ["is npm installed on this host?"] }));
    child.once("close", (code, signal) => {
      const lines = text
        .split("\n")
        .filter((line) => line.trim() !== "" && !line.includes("A complete log of this run"));
      resolve({ status: code ?? signal ?? "ended", said: lines.slice(-TOLD_LINES) });
    });
  });
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
