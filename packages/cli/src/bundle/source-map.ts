/**
 * The source map of a bundle as it is stored: sources are file URLs of the machine where the code was written, so that
 * a stack names the user's own file and line wherever it was thrown; the texts of packages are left out, because
 * nobody reads them there and they are most of the bytes.
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import * as z from "zod/mini";
import { isInPackage } from "./package-contents.ts";

const sourceMapSchema = z.looseObject({
  sources: z.array(z.string()),
  sourcesContent: z.optional(z.array(z.nullable(z.string()))),
});

export async function storedSourceMap(json: string, outputDir: string): Promise<string> {
  const map = sourceMapSchema.parse(JSON.parse(json));
  const paths = map.sources.map((source) => resolve(outputDir, source));
  return JSON.stringify({
    ...map,
    sources: paths.map((path) => pathToFileURL(path).href),
    // From the disk, not from the compiler: `module-places` may have put names in front of the first line.
    sourcesContent: await Promise.all(
      paths.map((path, index) =>
        isInPackage(path) ? null : readFile(path, "utf8").catch(() => map.sourcesContent?.[index] ?? null),
      ),
    ),
  });
}
