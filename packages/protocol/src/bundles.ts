/**
 * A bundle: the code of one deployment as one content-addressed file. Its hash is the SHA-256 of these bytes, so
 * equal code is stored and fetched once.
 */
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import * as z from "zod/mini";
import { InvalidError } from "./errors.ts";
import { bundleFilePath } from "./python.ts";

/** Where the modules of a bundle lie, beside its own. */
export const MODULES_FOLDER = "modules";
/** The one of them that the code imports. */
export const SDK_MODULE = "node_modules/@bellows/sdk/sdk.mjs";

const bundleSchema = z.object({
  /** The ES module. */
  code: z.string(),
  /** Its source map, so that stacks show the user's lines. */
  sourceMap: z.string(),
  /** Packages installed beside the module instead of being part of it: name to exact version. */
  packages: z.record(z.string(), z.string()),
  /** Modules that it imports from `MODULES_FOLDER` beside it, path to text: the SDK. Older bundles hold it themselves. */
  modules: z._default(z.record(bundleFilePath, z.string()), {}),
  /** Files beside the module that it does not import, path to text: the code of Python functions. */
  files: z._default(z.record(bundleFilePath, z.string()), {}),
});
export type Bundle = z.infer<typeof bundleSchema>;

export function encodeBundle(bundle: Bundle): { bytes: Uint8Array; hash: string } {
  const bytes = gzipSync(JSON.stringify(bundle), { level: 6 });
  return { bytes, hash: bundleHashOf(bytes) };
}

/** @throws InvalidError when the bytes are no bundle. */
export function decodeBundle(bytes: Uint8Array): Bundle {
  try {
    return bundleSchema.parse(JSON.parse(gunzipSync(bytes).toString("utf8")));
  } catch (cause) {
    throw new InvalidError("the bytes are not a bundle; deploy again with this version of the CLI", { cause });
  }
}

export function bundleHashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
