/**
 * Makes one ES module of a user's file and everything it imports, for Node 20 and later, with the SDK and the packages
 * that must be installed beside it. The same files give the same bytes, so an unchanged deploy is recognised by its hash.
 */
import { isBuiltin } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import type { Bundle } from "@bellows/protocol/bundles";
import { BellowsError, InvalidError } from "@bellows/protocol/errors";
import { type BuildResult, build, type Message, type Plugin } from "esbuild";
import { compileError } from "./compile-errors.ts";
import { type ExternalPackage, ExternalPackages } from "./external-packages.ts";
import { BUNDLE_BANNER, modulePlaces, PLACE_DEFINES } from "./module-places.ts";
import { isInPackage, OPTIONAL_ACCELERATORS } from "./package-contents.ts";
import { RESOLVING, type SdkPlace, sdkBeside, sdkModules } from "./sdk-modules.ts";
import { storedSourceMap } from "./source-map.ts";

export interface BuiltBundle {
  bundle: Bundle;
  externalPackages: readonly ExternalPackage[];
}

export interface BundleOptions {
  /** What shown paths are relative to. */
  cwd: string;
  /** Conditions for `exports` of packages, beyond the usual ones of Node. */
  conditions: readonly string[];
}

/** @throws InvalidError with the place of every compile error. */
export async function buildBundle(file: string, options: BundleOptions): Promise<BuiltBundle> {
  const packages = new ExternalPackages();
  const sdk: SdkPlace = {};
  const workingDir = dirname(resolve(file));
  let result = await compile(file, { packages, sdk }, options);
  while (await packages.learnFrom(result.metafile, workingDir)) {
    result = await compile(file, { packages, sdk }, options);
  }
  const text = (ending: string) => result.outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
  return {
    bundle: {
      code: text(".mjs"),
      sourceMap: await storedSourceMap(text(".map"), workingDir),
      packages: Object.fromEntries(packages.found.map(({ name, version }) => [name, version])),
      modules: sdk.path === undefined ? {} : await sdkModules(sdk.path, options.conditions),
      files: {},
    },
    externalPackages: packages.found,
  };
}

type Compiled = BuildResult<{ metafile: true; write: false }>;

/** What is not part of the module, found while it is made. */
interface Beside {
  packages: ExternalPackages;
  sdk: SdkPlace;
}

async function compile(file: string, { packages, sdk }: Beside, options: BundleOptions): Promise<Compiled> {
  const workingDir = dirname(resolve(file));
  // A plugin's error reaches us as a message; the error itself is kept here.
  const refused: BellowsError[] = [];
  try {
    return await build({
      absWorkingDir: workingDir,
      entryPoints: [basename(file)],
      outfile: join(workingDir, "bundle.mjs"),
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "node",
      target: "node20",
      // Error classes are known by their names, which joining files into one may change.
      keepNames: true,
      sourcemap: "external",
      sourcesContent: true,
      conditions: [...options.conditions],
      define: PLACE_DEFINES,
      banner: { js: BUNDLE_BANNER },
      logLevel: "silent",
      plugins: [sdkBeside(sdk), externals(packages, refused), modulePlaces],
    });
  } catch (error) {
    if (refused[0]) throw refused[0];
    const messages = messagesOf(error);
    if (messages) throw compileError(messages, { cwd: options.cwd, workingDir });
    throw new InvalidError(`the bundle could not be made: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

function messagesOf(error: unknown): Message[] | undefined {
  if (!(error instanceof Error) || !("errors" in error) || !Array.isArray(error.errors)) return undefined;
  return error.errors.length > 0 ? error.errors : undefined;
}

function externals(packages: ExternalPackages, refused: BellowsError[]): Plugin {
  return {
    name: "external-packages",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, async (args) => {
        if (args.kind === "entry-point" || args.pluginData === RESOLVING || isBuiltin(args.path)) return undefined;
        if (OPTIONAL_ACCELERATORS.has(args.path)) return { path: args.path, external: true };
        if (isInPackage(args.importer)) return undefined;
        const { kind, importer, resolveDir } = args;
        const found = await build.resolve(args.path, { kind, importer, resolveDir, pluginData: RESOLVING });
        if (found.errors.length > 0 || found.external || found.namespace !== "file") return undefined;
        try {
          if (await packages.isExternal(found.path)) return { path: args.path, external: true };
        } catch (error) {
          if (error instanceof BellowsError) refused.push(error);
          throw error;
        }
        return undefined;
      });
    },
  };
}
