/** Tar archives, as the engine takes and gives files. */
import { type Pack, pack } from "tar-stream";
import { type ImageFile, NODE_PATH } from "./runner-layer.ts";

/** Where a shell finds programs. */
const PROGRAMS = "usr/local/bin/node";

/** These files, with `node` among the programs; `folders` anybody may write to. */
export function fileArchive(files: readonly ImageFile[], { folders = [] }: { folders?: readonly string[] } = {}): Pack {
  const archive = pack();
  for (const name of folders) archive.entry({ name: `${name}/`, type: "directory", mode: 0o1777 });
  for (const { path, mode, content } of files) {
    archive.entry({ name: path.slice(1), mode }, content);
    if (path === NODE_PATH) archive.entry({ name: PROGRAMS, type: "symlink", linkname: NODE_PATH });
  }
  archive.finalize();
  return archive;
}
