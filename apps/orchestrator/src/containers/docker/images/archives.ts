/** Tar archives, as the engine takes and gives files. */
import { type Pack, pack } from "tar-stream";
import { type ImageFile, NODE_PATH } from "./runner-layer.ts";

/** Where a shell finds a program. */
export const PROGRAM = "/usr/local/bin/node";

export interface ArchiveOptions {
  /** That anybody may write to. */
  folders?: readonly string[];
  /** Where a shell finds `node`, if it is to find this one. */
  program?: string | null;
}

/** These files, and what the options name. */
export function fileArchive(
  files: readonly ImageFile[],
  { folders = [], program = PROGRAM }: ArchiveOptions = {},
): Pack {
  const archive = pack();
  for (const name of folders) archive.entry({ name: `${name}/`, type: "directory", mode: 0o1777 });
  for (const { path, mode, content } of files) archive.entry({ name: path.slice(1), mode }, content);
  if (program !== null) archive.entry({ name: program.slice(1), type: "symlink", linkname: NODE_PATH });
  archive.finalize();
  return archive;
}
