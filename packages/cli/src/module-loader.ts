/**
 * Loads a bundle into this process, to read its definitions and run its entrypoint. The module lies in a temporary
 * folder where the packages that are not part of it are links to the user's own. The folder goes when the process ends,
 * also by a signal; one that a killed process has left goes with the next load.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { MODULES_FOLDER } from "@bellows/protocol/bundles";
import { StartupError } from "@bellows/protocol/errors";
import type { BuiltBundle } from "./bundle/bundler.ts";
import { bellowsErrorIn } from "./thrown.ts";

const FOLDER = "bellows-run-";
const LEFTOVER = new RegExp(`^${FOLDER}(\\d+)-`);
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @throws the Bellows error of a wrong definition; StartupError with the cause when the code threw anything else. */
export async function loadModule(built: BuiltBundle, shownFile: string): Promise<Record<string, unknown>> {
  const dir = ownFolder();
  for (const { name, dir: installedDir } of built.externalPackages) {
    const link = join(dir, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(installedDir, link, "junction");
  }
  for (const [name, text] of Object.entries(built.bundle.modules)) {
    const path = join(dir, MODULES_FOLDER, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const path = join(dir, "bundle.mjs");
  writeFileSync(`${path}.map`, built.bundle.sourceMap);
  writeFileSync(path, `${built.bundle.code}\n//# sourceMappingURL=bundle.mjs.map\n`);
  process.setSourceMapsEnabled(true);
  try {
    const module: Record<string, unknown> = await import(pathToFileURL(path).href);
    return module;
  } catch (error) {
    const known = bellowsErrorIn(error);
    if (known) throw known;
    throw new StartupError(`${shownFile} threw while it was loaded; code outside of functions runs at every load`, {
      cause: error,
    });
  }
}

const folders = new Set<string>();

/** A new folder for the time of this process. */
function ownFolder(): string {
  if (folders.size === 0) {
    removeLeftovers();
    removeAtEnd();
  }
  const dir = mkdtempSync(join(tmpdir(), `${FOLDER}${process.pid}-`));
  folders.add(dir);
  return dir;
}

function removeAtEnd(): void {
  process.once("exit", () => {
    for (const dir of folders) rmSync(dir, { recursive: true, force: true });
  });
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      // A signal that nobody else answers would end the process without an "exit".
      if (process.listenerCount(signal) === 1) process.exit(128 + constants.signals[signal]);
    });
  }
}

/** The folders of processes that were killed. Those of other users stay: they cannot be removed. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(LEFTOVER.exec(name)?.[1]);
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another process was faster, or it is not ours.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code !== "ESRCH";
  }
}
