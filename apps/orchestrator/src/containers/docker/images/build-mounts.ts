/**
 * What is there while a step runs, and is no part of the image: how registries and proxies are reached, and for packages
 * this host's npm with its settings. It lies in a folder of the build; one that a killed process has left is removed by
 * the next.
 */
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StartupError } from "@bellows/protocol/errors";
import type { ImageStep } from "@bellows/protocol/image";
import { hidingValuesOf } from "./hidden-values.ts";
import { BUILD_ENVIRONMENT, buildEnvironment, NPM_FOLDER, NPM_SETTINGS } from "./step-scripts.ts";

const PREFIX = "build-";

export interface BuildMounts {
  /** The binds of a step: npm's settings hold tokens, so only steps of npm see them. */
  of: (step: ImageStep) => Promise<string[]>;
  /** A line of a build's log without the secrets that these mounts hold. */
  hide: (line: string) => string;
}

/** Makes them for the time of `work`. */
export async function withBuildMounts<T>(
  { stateDir, environment }: { stateDir: string; environment: Record<string, string | undefined> },
  work: (mounts: BuildMounts) => Promise<T>,
): Promise<T> {
  const folder = await buildFolder(stateDir);
  try {
    const variables = join(folder, "environment");
    const settings = buildEnvironment(environment);
    await writeFile(variables, settings, { mode: 0o600 });
    const npmrc = await realpath(
      environment.npm_config_userconfig ?? join(environment.HOME ?? "/nowhere", ".npmrc"),
    ).catch(() => undefined);
    const npmSettings = npmrc === undefined ? "" : await readFile(npmrc, "utf8").catch(() => "");
    const always = [`${variables}:${BUILD_ENVIRONMENT}:ro`];
    return await work({
      of: async ({ type }) =>
        type === "npm"
          ? [
              ...always,
              `${await npmFolder()}:${NPM_FOLDER}:ro`,
              ...(npmrc === undefined ? [] : [`${npmrc}:${NPM_SETTINGS}:ro`]),
            ]
          : always,
      hide: hidingValuesOf([settings, npmSettings]),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A folder of one build, below the state folder. */
export async function buildFolder(stateDir: string): Promise<string> {
  await mkdir(join(stateDir, "run"), { recursive: true });
  return await mkdtemp(join(stateDir, "run", PREFIX));
}

/** Those that a killed process has left; no other process builds for this state folder. */
export async function removeLeftFolders(stateDir: string): Promise<void> {
  const names = await readdir(join(stateDir, "run")).catch(() => []);
  const left = names.filter((name) => name.startsWith(PREFIX));
  await Promise.all(left.map((name) => rm(join(stateDir, "run", name), { recursive: true, force: true })));
}

/** Where the npm that came with this Node lies. */
async function npmFolder(): Promise<string> {
  const bin = dirname(await realpath(process.execPath));
  const candidates = [join(bin, "..", "lib", "node_modules", "npm"), join(bin, "node_modules", "npm")];
  for (const path of candidates) {
    const found = await realpath(path).catch(() => undefined);
    if (found) return found;
  }
  throw new StartupError(`there is no npm beside ${process.execPath}; install npm to use packages in containers`);
}
