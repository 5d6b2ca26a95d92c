/**
 * Files of this machine as a gzipped tar archive: sorted, without times and owners, so that equal files give equal bytes
 * and the hash says whether anything has changed.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { InvalidError } from "@bellows/protocol/errors";
import { pack } from "tar-stream";

export interface Archive {
  bytes: Uint8Array;
  /** The SHA-256 of the bytes, in hex. */
  hash: string;
}

export interface ArchiveOptions {
  /** Where the files are to be found: of a folder its files, a single file itself, unless this ends with a slash. */
  to: string;
  /** Paths relative to the folder, with slashes. */
  ignored?: (path: string) => boolean;
}

/** @throws InvalidError when there is nothing at the path. */
export async function archiveOf(from: string, { to, ignored = () => false }: ArchiveOptions): Promise<Archive> {
  const found = await stat(from).catch(() => undefined);
  if (!found) throw new InvalidError(`image: there is no file or folder ${from} to copy`);
  const target = to.replace(/^\/+/, "").replace(/\/+$/, "");
  const files = found.isDirectory() ? await filesIn(from, "", ignored) : [""];
  const single = to.endsWith("/") ? [target, basename(from)].filter(Boolean).join("/") : target;
  const tar = pack();
  for (const file of files) {
    const path = join(from, file);
    const { mode } = await stat(path);
    const name = file === "" ? single : [target, file].filter(Boolean).join("/");
    tar.entry({ name, mode: mode & 0o111 ? 0o755 : 0o644, mtime: new Date(0) }, await readFile(path));
  }
  tar.finalize();
  const bytes = gzipSync(await buffer(tar), { level: 6 });
  return { bytes, hash: createHash("sha256").update(bytes).digest("hex") };
}

/** Every file below, links followed, in the order of their names. */
async function filesIn(root: string, folder: string, ignored: (path: string) => boolean): Promise<string[]> {
  const names = (await readdir(join(root, folder))).sort();
  const found: string[] = [];
  for (const name of names) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (ignored(path)) continue;
    const kind = await stat(join(root, path)).catch(() => undefined);
    if (kind?.isDirectory()) found.push(...(await filesIn(root, path, ignored)));
    else if (kind?.isFile()) found.push(path);
  }
  return found;
}
