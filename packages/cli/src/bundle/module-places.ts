/**
 * Keeps `import.meta.url` (and `.dirname`, `.filename`) of the user's files what it is on the machine where they were
 * written, although all of them become one file: an entrypoint may read data that lies beside it. Files of packages
 * get the place of the bundle itself, where their dependencies can be found.
 */
import { readFile } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { pathToFileURL } from "node:url";
import type { Loader, Plugin } from "esbuild";
import { isInPackage } from "./package-contents.ts";

const NAMES = { url: "__bellowsUrl", dirname: "__bellowsDirname", filename: "__bellowsFilename" } as const;

/** What `import.meta.*` is replaced with; each file that uses one declares these names for itself. */
export const PLACE_DEFINES: Record<string, string> = {
  "import.meta.url": NAMES.url,
  "import.meta.dirname": NAMES.dirname,
  "import.meta.filename": NAMES.filename,
};

/** First line of a bundle: packages in CommonJS form need a `require` for Node's own modules. */
export const BUNDLE_BANNER = [
  'import { createRequire as __bellowsCreateRequire } from "node:module";',
  'import { fileURLToPath as __bellowsToPath } from "node:url";',
  "const __bellowsBundleUrl = import.meta.url, require = __bellowsCreateRequire(__bellowsBundleUrl);",
].join(" ");

/** Written so that the compiler may drop it: a file whose exports are not used must not stay for the sake of these. */
const BUNDLE_PLACE =
  `const ${NAMES.url} = /* @__PURE__ */ (() => __bellowsBundleUrl)(), ` +
  `${NAMES.filename} = /* @__PURE__ */ (() => __bellowsToPath(__bellowsBundleUrl))(), ` +
  `${NAMES.dirname} = /* @__PURE__ */ (() => __bellowsToPath(new URL(".", __bellowsBundleUrl)))(); `;

const LOADERS: Record<string, Loader> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".jsx": "jsx",
  ".js": "js",
  ".mjs": "js",
};

export const modulePlaces: Plugin = {
  name: "module-places",
  setup(build) {
    build.onLoad({ filter: /\.(ts|mts|cts|tsx|jsx|js|mjs)$/ }, async ({ path, namespace }) => {
      if (namespace !== "file") return undefined;
      const source = await readFile(path, "utf8");
      if (!/\bimport\.meta\.(url|dirname|filename)\b/.test(source)) return undefined;
      const place = isInPackage(path) ? BUNDLE_PLACE : placeOf(path);
      // On the first line, so that no line number changes; in place of a `#!` line, which may only be the first.
      return { contents: place + source.replace(/^#!.*/, ""), loader: LOADERS[extname(path)] ?? "js" };
    });
  },
};

function placeOf(path: string): string {
  const [url, filename, dir] = [pathToFileURL(path).href, path, dirname(path)].map((text) => JSON.stringify(text));
  return `const ${NAMES.url} = ${url}, ${NAMES.filename} = ${filename}, ${NAMES.dirname} = ${dir}; `;
}
