/**
 * The SDK of a bundle, as modules beside it and not as a part of it. What only calls need (the link, its codec, the API
 * client) is split off, since most containers never load it; the user's own code stays one file, because code that is
 * split may be evaluated in another order than it was written in. The modules have no source map: they lie in a
 * `node_modules`, whose frames a stack's reader leaves out. Measured, a hello world is imported in half the time.
 */
import { dirname, posix, relative, sep } from "node:path";
import { MODULES_FOLDER, SDK_MODULE } from "@bellows/protocol/bundles";
import { build, type Plugin } from "esbuild";
import { BUNDLE_BANNER } from "./module-places.ts";
import { OPTIONAL_ACCELERATORS } from "./package-contents.ts";

const FOLDER = posix.dirname(SDK_MODULE);
const ENTRY = posix.basename(SDK_MODULE, ".mjs");
/** The `pluginData` of whoever asks the compiler where an import leads: no plugin answers that with a question. */
export const RESOLVING = Symbol("resolving");

/** Where the SDK of one bundle was found; undefined until something imports it. */
export interface SdkPlace {
  path?: string;
}

/**
 * Leaves imports of the SDK that the deployed file has to the modules beside the bundle. Another version of it, that a
 * package brings, and a `require` of it become part of the bundle like any other code.
 */
export function sdkBeside(place: SdkPlace): Plugin {
  return {
    name: "sdk-beside",
    setup(build) {
      const { absWorkingDir = "" } = build.initialOptions;
      build.onResolve({ filter: /^@bellows\/sdk$/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (pluginData === RESOLVING || kind === "require-call") return undefined;
        const find = (from: { importer?: string; resolveDir: string }) =>
          build.resolve(path, { kind: "import-statement", pluginData: RESOLVING, ...from });
        const [found, own] = await Promise.all([find({ importer, resolveDir }), find({ resolveDir: absWorkingDir })]);
        if (found.errors.length > 0 || found.path !== own.path) return undefined;
        place.path = found.path;
        return { path: `./${MODULES_FOLDER}/${SDK_MODULE}`, external: true };
      });
    },
  };
}

/** Path below the folder of modules to text. The same SDK gives the same names and bytes, wherever it lies. */
export async function sdkModules(path: string, conditions: readonly string[]): Promise<Record<string, string>> {
  const outdir = dirname(path);
  const { outputFiles } = await build({
    absWorkingDir: outdir,
    entryPoints: { [ENTRY]: path },
    outdir,
    outExtension: { ".js": ".mjs" },
    chunkNames: "[hash]",
    bundle: true,
    splitting: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    keepNames: true,
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    conditions: [...conditions],
    external: [...OPTIONAL_ACCELERATORS],
    banner: { js: BUNDLE_BANNER },
    logLevel: "silent",
  });
  const named = outputFiles.map((file) => [relative(outdir, file.path).split(sep).join("/"), file.text] as const);
  return Object.fromEntries(named.sort().map(([name, text]) => [`${FOLDER}/${name}`, text]));
}
