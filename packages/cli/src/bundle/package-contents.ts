/**
 * What an installed npm package holds that cannot live inside one JavaScript file: native code, WebAssembly, or code
 * that finds files by its own place on the disk. Reads only the package's folder; the answer is a reason in words,
 * so that a person can be told why a package was treated as it was.
 */
import { readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { transform } from "esbuild";
import * as z from "zod/mini";

const names = z.record(z.string(), z.string());
const manifestSchema = z.object({
  name: z.optional(z.string()),
  version: z.optional(z.string()),
  gypfile: z.optional(z.boolean()),
  os: z.optional(z.array(z.string())),
  cpu: z.optional(z.array(z.string())),
  dependencies: z.optional(names),
  optionalDependencies: z.optional(names),
});
export type PackageManifest = z.infer<typeof manifestSchema>;

/** A package as it lies on this machine. `name` is the one it is imported by (npm may install a package under an alias). */
export interface InstalledPackage {
  name: string;
  dir: string;
  manifest: PackageManifest;
}

/**
 * Native packages that only speed up their owner, which loads them in a `try` and runs on without them. They make
 * nobody native, and are not installed.
 */
export const OPTIONAL_ACCELERATORS: ReadonlySet<string> = new Set([
  "msgpackr-extract",
  "cbor-extract",
  "bufferutil",
  "utf-8-validate",
]);

const PLATFORM_NAME = /(^|[-/])(linux|darwin|win32|windows|freebsd|android|macos)([-/]|$)/;
const NODE_MODULES = `${sep}node_modules${sep}`;

/** Whether the path lies in an installed package rather than in the user's own code (workspaces are the user's own). */
export function isInPackage(path: string): boolean {
  return path.includes(NODE_MODULES);
}

/** The installed package that a file belongs to; undefined for the user's own files. */
export async function packageOfFile(path: string): Promise<InstalledPackage | undefined> {
  const at = path.lastIndexOf(NODE_MODULES);
  if (at < 0) return undefined;
  const modulesDir = path.slice(0, at + NODE_MODULES.length - 1);
  const [first = "", second = ""] = path.slice(at + NODE_MODULES.length).split(sep);
  const name = first.startsWith("@") ? `${first}/${second}` : first;
  const dir = join(modulesDir, name);
  const manifest = await manifestIn(dir);
  return manifest && { name, dir, manifest };
}

/** Looks for a dependency as Node does: in `node_modules` of the folder and of every folder above it. */
export async function installedDependency(name: string, fromDir: string): Promise<InstalledPackage | undefined> {
  for (let dir = fromDir; ; dir = dirname(dir)) {
    const candidate = join(dir, "node_modules", name);
    const manifest = await manifestIn(candidate);
    if (manifest) return { name, dir: await realpath(candidate), manifest };
    if (dirname(dir) === dir) return undefined;
  }
}

async function manifestIn(dir: string): Promise<PackageManifest | undefined> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(join(dir, "package.json"), "utf8")));
  } catch {
    return undefined;
  }
}

/** Why this package, without its dependencies, needs more than its JavaScript: native code or WebAssembly. */
export async function nativeContent(installed: InstalledPackage): Promise<string | undefined> {
  const { manifest, dir, name } = installed;
  if (manifest.gypfile) return `${name} is compiled when it is installed`;
  for (const dependency of Object.keys(manifest.optionalDependencies ?? {})) {
    if (OPTIONAL_ACCELERATORS.has(dependency)) continue;
    const found = await installedDependency(dependency, dir);
    if (PLATFORM_NAME.test(dependency) || found?.manifest.os || found?.manifest.cpu)
      return `${name} has a part for each platform (${dependency})`;
  }
  const file = await findFile(dir, "");
  return file && `${name} holds ${file}`;
}

async function findFile(dir: string, prefix: string): Promise<string | undefined> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = prefix + entry.name;
    if (entry.isDirectory()) {
      if (entry.name === "node_modules") continue;
      if (entry.name === "prebuilds") return path;
      const inner = await findFile(join(dir, entry.name), `${path}/`);
      if (inner) return inner;
    } else if (entry.name === "binding.gyp" || entry.name.endsWith(".node") || entry.name.endsWith(".wasm")) {
      return path;
    }
  }
  return undefined;
}

const PLACE_WORDS =
  /\b__dirname\b|\b__filename\b|\bimport\.meta\.(url|dirname|filename|resolve)\b|\brequire\.resolve\b/;
/** The usual way to `require` a package from an ES module; needs no file beside it. */
const REQUIRE_PACKAGE = /\b\w*createRequire\(import\.meta\.url\)\(["'][^./"'][^"']*["']\)/gi;

/** The word by which a source file finds files beside itself; undefined when it does not. */
export async function placeWord(source: string): Promise<string | undefined> {
  if (!PLACE_WORDS.test(source)) return undefined;
  // Seen in a comment, most likely: ask the compiler for the code alone.
  const { code } = await transform(source, { loader: "js", minifyWhitespace: true, legalComments: "none" });
  return PLACE_WORDS.exec(code.replace(REQUIRE_PACKAGE, ""))?.[0];
}
