/** Postgres refuses to run as root: under root it runs as the user "postgres", who is made when there is none. */
import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { InvalidError } from "@bellows/protocol/errors";

const run = promisify(execFile);
const USER = "postgres";

/** Options for a child process; empty when it runs as whoever runs this. */
export type ProcessOwner = { uid?: number; gid?: number };

/**
 * How a child process names a path below its working folder. Root may work in folders that another user cannot even
 * pass through (`/root`, a private temporary folder); the working folder is entered before the user changes, and this
 * link leads there without walking the path again.
 */
export function pathInWorkingFolder(owner: ProcessOwner, workingFolder: string, path: string): string {
  const asAnother = owner.uid !== undefined && process.platform === "linux";
  return asAnother ? `/proc/self/cwd/${path}` : resolve(workingFolder, path);
}

export async function processOwner(): Promise<ProcessOwner> {
  if (process.getuid?.() !== 0) return {};
  return (await lookUp()) ?? (await create());
}

async function lookUp(): Promise<ProcessOwner | undefined> {
  try {
    const [uid, gid] = await Promise.all([run("id", ["-u", USER]), run("id", ["-g", USER])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

async function create(): Promise<ProcessOwner> {
  try {
    await run("useradd", ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", USER]);
  } catch (cause) {
    throw new InvalidError(
      `Postgres does not run as root, and the user "${USER}" could not be made; run Bellows as an ordinary user, or set BELLOWS_DATABASE_URL to a Postgres of your own`,
      { cause },
    );
  }
  const owner = await lookUp();
  if (!owner)
    throw new InvalidError(`the user "${USER}" was made but cannot be found; run Bellows as an ordinary user`);
  return owner;
}
