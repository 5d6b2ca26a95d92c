/**
 * Files of this machine as a gzipped tar archive: sorted, without times and owners, so that equal files give equal bytes
 * and the hash says whether anything has changed.
 */
import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink, stat } from "node:fs/promises";
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
  /** What is ignored may hold something that is not: every folder is looked into. */
  looksInto?: boolean;
  /** Links stay links, as an engine that builds a Dockerfile expects; otherwise they stand for what they lead to. */
  keepsLinks?: boolean;
}

/** Of the files together, before they are packed: far more than what may be stored. */
const MOST_BYTES = 1024 * 1024 * 1024;

/** @throws InvalidError when there is nothing at the path, or far too much. */
export async function archiveOf(from: string, options: ArchiveOptions): Promise<Archive> {
  const { to, keepsLinks = false } = options;
  const found = await stat(from).catch(() => undefined);
  if (!found) throw new InvalidError(`image: there is no file or folder ${from} to copy`);
  const target = to.replace(/^\/+/, "").replace(/\/+$/, "");
  const files = found.isDirectory() ? await filesIn(from, "", options) : [""];
  const single = to.endsWith("/") ? [target, basename(from)].filter(Boolean).join("/") : target;
  const tar = pack();
  let bytesRead = 0;
  for (const file of files) {
    const path = join(from, file);
    const { mode, size } = await statOf(path, keepsLinks);
    bytesRead += size;
    if (bytesRead > MOST_BYTES) {
      throw new InvalidError(
        `image: ${from} holds more than 1 GiB; name the files it needs, or list the rest in .dockerignore`,
      );
    }
    const name = file === "" ? single : [target, file].filter(Boolean).join("/");
    const common = { name, mtime: new Date(0) };
    const link = keepsLinks ? await readlink(path).catch(() => undefined) : undefined;
    if (link !== undefined) tar.entry({ ...common, type: "symlink", linkname: link });
    else tar.entry({ ...common, mode: mode & 0o111 ? 0o755 : 0o644 }, await readFile(path));
  }
  tar.finalize();
  const bytes = gzipSync(await buffer(tar), { level: 6 });
  return { bytes, hash: createHash("sha256").update(bytes).digest("hex") };
}

function statOf(path: string, keepsLinks: boolean) {
  return keepsLinks ? lstat(path) : stat(path);
}

/** Every file below, in the order of their names. A link that leads nowhere is one only where links are kept. */
async function filesIn(root: string, folder: string, options: ArchiveOptions): Promise<string[]> {
  const { ignored = () => false, looksInto = false, keepsLinks = false } = options;
  const names = (await readdir(join(root, folder))).sort();
  const found: string[] = [];
  for (const name of names) {
    const path = folder === "" ? name : `${folder}/${name}`;
    const isIgnored = ignored(path);
    if (isIgnored && !looksInto) continue;
    const kind = await statOf(join(root, path), keepsLinks).catch(() => undefined);
    if (kind?.isDirectory()) found.push(...(await filesIn(root, path, options)));
    else if (!isIgnored && (kind?.isFile() || kind?.isSymbolicLink())) found.push(path);
  }
  return found;
}
