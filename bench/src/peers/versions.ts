/** The versions of what is measured, as installed. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";

const require = createRequire(import.meta.url);
const manifestSchema = z.object({ name: z.string(), version: z.string() });

/** Walks up from its entry point: not every package exports its package.json. */
export async function versionOf(name: string): Promise<string> {
  for (let folder = dirname(require.resolve(name)); folder !== dirname(folder); folder = dirname(folder)) {
    const text = await readFile(join(folder, "package.json"), "utf8").catch(() => "{}");
    const manifest = manifestSchema.safeParse(JSON.parse(text));
    if (manifest.success && manifest.data.name === name) return manifest.data.version;
  }
  throw new Error(`${name} is installed without a package.json`);
}
