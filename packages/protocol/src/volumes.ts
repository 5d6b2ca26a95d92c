/** Volumes as a function names them: where each is to be found, and which one it is. */
import * as z from "zod/mini";
import { show, text } from "./option-fields.ts";

/** It is also the name of a folder, so it cannot be one of those that mean something to a file system. */
export const VOLUME_NAME = /^[A-Za-z_][\w.-]{0,63}$/;

/** A folder of a container. Engines give `:` and `,` a meaning of their own in what they mount. */
const MOUNT_PATH = /^(\/(?!\.{1,2}(\/|$))[^/:,\p{Cc}]+)+$/u;

export const volumesSchema = z.record(
  z
    .string()
    .check(
      z.startsWith("/", "is not an absolute path"),
      z.regex(MOUNT_PATH, "is not the path of a folder; write one such as /data, without . or .. or : or , in it"),
    ),
  text("the name of a volume").check(
    z.regex(VOLUME_NAME, {
      error: (issue) =>
        `${show(issue.input)} cannot name a volume; start with a letter and use letters, digits, _ . or -`,
    }),
  ),
  'write { "/path": "volume" }',
);
