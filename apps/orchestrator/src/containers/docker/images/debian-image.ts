/**
 * A Debian to install packages on: the one of a registry, or, where none can be reached, one that `debootstrap` makes of
 * the packages of Debian's own mirrors. Made once and kept under its name; remove
 * that image, and the one that it was pulled as, to get a newer one.
 */
import { execFile, spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { StartupError } from "@bellows/protocol/errors";
import type Docker from "dockerode";
import { buildFolder } from "./build-mounts.ts";
import { hasImage, imported, lastOf, pull } from "./engine-images.ts";
import { terminalLines } from "./terminal-lines.ts";

const DEFAULT_SUITE = "bookworm";

export interface DebianDeps {
  /** For the time of its making. */
  stateDir: string;
  told: (line: string) => void;
  signal: AbortSignal;
}

export async function debianImage(docker: Docker, deps: DebianDeps): Promise<string> {
  const { told } = deps;
  const suite = await suiteOfHost();
  const name = `bellows/debian:${suite}`;
  if (await hasImage(docker, name)) return name;
  const published = `debian:${suite}-slim`;
  try {
    if (!(await hasImage(docker, published))) await pull(docker, published, told);
    await docker.getImage(published).tag({ repo: "bellows/debian", tag: suite });
    return name;
  } catch (error) {
    told(error instanceof Error ? error.message : String(error));
    await bootstrapped(docker, { name, suite }, deps);
    return name;
  }
}

/** @throws StartupError when this host cannot do it. */
async function bootstrapped(
  docker: Docker,
  { name, suite }: { name: string; suite: string },
  { stateDir, told, signal }: DebianDeps,
): Promise<void> {
  const hasTool = await promisify(execFile)("debootstrap", ["--version"]).then(
    () => true,
    () => false,
  );
  if (!hasTool || process.getuid?.() !== 0) {
    throw new StartupError(
      `no registry gave debian:${suite}-slim, and this host cannot make one itself, for which ${hasTool ? "Bellows has to run as root" : "`debootstrap` has to be installed"}; ` +
        "make a registry reachable for the engine, or load that image with `docker load`",
    );
  }
  const folder = await buildFolder(stateDir);
  try {
    told(`no registry has it; debootstrap makes a Debian ${suite} of its packages`);
    const said: string[] = [];
    const tool = spawn("debootstrap", ["--variant=minbase", suite, folder], {
      stdio: ["ignore", "pipe", "pipe"],
      signal,
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      tool.once("error", reject);
      tool.once("close", resolve);
    });
    // It may have been ended before its last line was read.
    ended.catch(() => undefined);
    for await (const line of terminalLines(tool.stdout)) {
      said.push(line);
      told(line);
    }
    const status = await ended;
    if (status !== 0)
      throw new StartupError(`debootstrap failed with status ${status}; it said last:\n${lastOf(said)}`);
    const tar = spawn("tar", ["-C", folder, "--numeric-owner", "--exclude=./dev/*", "-c", "."], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await imported(docker, name, tar.stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The release that this host runs, if it is a Debian: its mirrors are known to be reachable. */
async function suiteOfHost(): Promise<string> {
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  if (!/^ID=debian$/m.test(release)) return DEFAULT_SUITE;
  return /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] ?? DEFAULT_SUITE;
}
