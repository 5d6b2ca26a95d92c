/**
 * The code of Python functions: the file that each one names, and of the same folder what that file imports, directly or
 * not. They lie in the bundle as they lie here, below the folder that holds them all.
 */
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import type { NamedFunction } from "@bellows/protocol/definitions";
import { InvalidError } from "@bellows/protocol/errors";

export interface WithPythonFiles {
  /** By their path in the bundle. */
  files: Record<string, string>;
  /** The same functions; those in Python name their file by its path in the bundle. */
  functions: NamedFunction[];
}

/** `appFile` is the one that is deployed. @throws InvalidError for a file or a function that is not there. */
export async function withPythonFiles(functions: readonly NamedFunction[], appFile: string): Promise<WithPythonFiles> {
  const found = new Map<string, string>();
  const places = new Map<NamedFunction, string>();
  for (const definition of functions) {
    if (!definition.settings.python) continue;
    const place = placeOf(definition, appFile);
    places.set(definition, place);
    const text = await readFile(place, "utf8").catch(() => undefined);
    if (text === undefined) {
      throw new InvalidError(
        `function "${definition.name}": there is no file ${place}; the path is relative to the file that calls app.python`,
      );
    }
    if (!new RegExp(`\\b${definition.settings.python.function}\\b`).test(text)) {
      throw new InvalidError(
        `function "${definition.name}": ${basename(place)} does not define ${definition.settings.python.function}; check the name`,
      );
    }
    await addWithImports(place, dirname(place), found);
  }
  const root = commonFolder([...places.values()].map(dirname));
  const inBundle = (path: string): string => relative(root, path).split(sep).join("/");
  return {
    files: Object.fromEntries([...found].map(([path, text]) => [inBundle(path), text]).sort()),
    functions: functions.map((definition) => {
      const place = places.get(definition);
      const { settings } = definition;
      if (place === undefined || !settings.python) return definition;
      return { ...definition, settings: { ...settings, python: { ...settings.python, file: inBundle(place) } } };
    }),
  };
}

function placeOf({ settings, definedIn }: NamedFunction, appFile: string): string {
  return resolve(dirname(definedIn?.() ?? appFile), settings.python?.file ?? "");
}

async function addWithImports(path: string, folder: string, found: Map<string, string>): Promise<void> {
  if (found.has(path)) return;
  const text = await readFile(path, "utf8");
  found.set(path, text);
  for (const name of importedNames(text)) {
    for (const file of await filesOfModule(join(folder, name))) await addWithImports(file, folder, found);
  }
}

/** `import a.b, c as d` and `from a.b import c`, wherever a statement may begin. */
const IMPORTS = /(?:^|[;:])[ \t]*(?:from[ \t]+(\w+)[\w.]*[ \t]+import\b|import[ \t]+([^\n;#]+))/gm;

/** Python goes on with the statement in the next line. */
const CONTINUED = /\\\r?\n/g;

/**
 * The first names of what is imported absolutely; what a package imports from within itself comes with all of it. Names
 * that only a text holds do no harm: there is no such file, or one more travels.
 */
function importedNames(text: string): Set<string> {
  const lines = text.replaceAll(CONTINUED, " ");
  const names = [...lines.matchAll(IMPORTS)].flatMap(([, from, list]) => from ?? list?.split(",") ?? []);
  return new Set(names.flatMap((name) => /^\s*(\w+)/.exec(name)?.[1] ?? []));
}

/** A module is a file, or a folder with all the Python in it. */
async function filesOfModule(path: string): Promise<string[]> {
  const folder = dirname(path);
  const entries = await readdir(folder, { withFileTypes: true });
  const file = entries.filter((entry) => entry.isFile() && entry.name === `${basename(path)}.py`);
  const isPackage = entries.some((entry) => entry.isDirectory() && entry.name === basename(path));
  return [...file.map(({ name }) => join(folder, name)), ...(isPackage ? await pythonIn(path) : [])];
}

async function pythonIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".py"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function commonFolder(folders: readonly string[]): string {
  const [first = "", ...others] = folders;
  let common = first;
  while (others.some((folder) => folder !== common && !folder.startsWith(common + sep))) common = dirname(common);
  return common;
}
