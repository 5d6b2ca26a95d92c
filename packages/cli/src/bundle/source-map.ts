/**
 * The source map of a bundle as it is stored: sources are file URLs of the machine where the code was written, so that
 * a stack names the user's own file, line and column wherever it was thrown. Of packages only the lines are kept, and
 * not their texts: they are most of the bytes, and every start of a container reads the map (measured on a hello world:
 * 6.5 ms with all of it).
 */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { decode, encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";
import * as z from "zod/mini";
import { isOurs } from "../own-packages.ts";
import { isInPackage } from "./package-contents.ts";

const sourceMapSchema = z.object({
  mappings: z.string(),
  sources: z.array(z.string()),
  sourcesContent: z.optional(z.array(z.nullable(z.string()))),
});

export async function storedSourceMap(json: string, outputDir: string): Promise<string> {
  const { mappings, sources, sourcesContent } = sourceMapSchema.parse(JSON.parse(json));
  const paths = sources.map((source) => resolve(outputDir, source));
  const isUsers = paths.map((path) => !isInPackage(path) && !isOurs(path));
  const contents = paths.map((path, index) =>
    // From the disk, not from the compiler: `module-places` may have put names in front of the first line.
    isUsers[index] ? readFile(path, "utf8").catch(() => sourcesContent?.[index] ?? null) : null,
  );
  return JSON.stringify({
    version: 3,
    sources: paths.map((path) => pathToFileURL(path).href),
    sourcesContent: await Promise.all(contents),
    names: [],
    mappings: encode(decode(mappings).map((line) => thinned(line, isUsers))),
  });
}

/** Of a run of segments that lead to one line of a source that is not the user's, the first stands for all. */
function thinned(line: readonly SourceMapSegment[], isUsers: readonly boolean[]): SourceMapSegment[] {
  const kept: SourceMapSegment[] = [];
  for (const segment of line) {
    const [column, source, sourceLine, sourceColumn] = segment;
    const last = kept.at(-1);
    if (source === undefined || sourceLine === undefined || sourceColumn === undefined) kept.push(segment);
    else if (isUsers[source]) kept.push([column, source, sourceLine, sourceColumn]);
    else if (last?.[1] !== source || last[2] !== sourceLine) kept.push([column, source, sourceLine, 0]);
  }
  return kept;
}
