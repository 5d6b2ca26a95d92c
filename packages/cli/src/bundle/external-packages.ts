/**
 * Decides which npm packages are installed beside the bundle instead of being part of it: those that hold native code
 * or WebAssembly, or find files by their own place on the disk, and those that depend on such a package. Only packages
 * that the user's own code imports are ever installed beside; what they need comes with them.
 */
import { readFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import { InvalidError } from "@bellows/protocol/errors";
import type { Metafile } from "esbuild";
import {
  type InstalledPackage,
  installedDependency,
  isInPackage,
  nativeContent,
  OPTIONAL_ACCELERATORS,
  packageOfFile,
  placeWord,
} from "./package-contents.ts";

/** A package installed beside the bundle: what to ask npm for, where it lies on this machine, and why. */
export interface ExternalPackage {
  name: string;
  /** An exact version, or `npm:real-name@version` for an alias. */
  version: string;
  dir: string;
  reason: string;
}

/** The packages found so far for one bundle, and the memory of what was looked at. */
export class ExternalPackages {
  readonly #found = new Map<string, ExternalPackage>();
  readonly #reasonByDir = new Map<string, Promise<string | undefined>>();
  /** Packages whose reached files were seen to read beside themselves, by folder. */
  readonly #placeBound = new Map<string, string>();

  get found(): readonly ExternalPackage[] {
    return [...this.#found.values()].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Whether an import in the user's code that leads to this file must stay an import. @throws InvalidError for two versions. */
  async isExternal(resolvedPath: string): Promise<boolean> {
    const installed = await packageOfFile(resolvedPath);
    if (!installed) return false;
    const reason = this.#placeBound.get(installed.dir) ?? (await this.#nativeReason(installed));
    if (!reason) return false;
    this.#add(installed, reason);
    return true;
  }

  /**
   * Looks through the files that made it into a bundle for ones that read beside themselves. True when there is a new
   * one: the bundle must then be built again, without its package.
   */
  async learnFrom(metafile: Metafile, workingDir: string): Promise<boolean> {
    const before = this.#placeBound.size;
    const importers = importersOf(metafile, workingDir);
    for (const output of Object.values(metafile.outputs)) {
      for (const [input, { bytesInOutput }] of Object.entries(output.inputs)) {
        const path = resolve(workingDir, input);
        if (bytesInOutput === 0 || !isInPackage(path) || !/\.[cm]?js$/.test(path)) continue;
        const word = await placeWord(await readFile(path, "utf8"));
        if (!word) continue;
        const owner = await packageOfFile(path);
        for (const entrance of entrancesTo(path, importers)) {
          const installed = await packageOfFile(entrance);
          if (!installed) continue;
          const file = owner ? `${owner.name}/${relative(owner.dir, path)}` : path;
          this.#placeBound.set(installed.dir, `${file} uses ${word}`);
        }
      }
    }
    return this.#placeBound.size > before;
  }

  #nativeReason(installed: InstalledPackage): Promise<string | undefined> {
    let reason = this.#reasonByDir.get(installed.dir);
    if (!reason) {
      reason = nativeContentOfTree(installed);
      this.#reasonByDir.set(installed.dir, reason);
    }
    return reason;
  }

  #add({ name, dir, manifest }: InstalledPackage, reason: string): void {
    const exact = manifest.version ?? "*";
    const version = manifest.name && manifest.name !== name ? `npm:${manifest.name}@${exact}` : exact;
    const other = this.#found.get(name);
    if (other && other.version !== version) {
      throw new InvalidError(
        `the code imports two versions of ${name}, ${other.version} and ${version}, and it must be installed beside the code ` +
          `(${reason}); bring both to one version`,
      );
    }
    this.#found.set(name, { name, version, dir, reason });
  }
}

async function nativeContentOfTree(root: InstalledPackage): Promise<string | undefined> {
  const seen = new Set<string>();
  const waiting = [root];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (seen.has(next.dir)) continue;
    seen.add(next.dir);
    const reason = await nativeContent(next);
    if (reason) return reason;
    const { dependencies, optionalDependencies } = next.manifest;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (OPTIONAL_ACCELERATORS.has(name)) continue;
      const installed = await installedDependency(name, next.dir);
      if (installed) waiting.push(installed);
    }
  }
  return undefined;
}

function importersOf(metafile: Metafile, workingDir: string): Map<string, string[]> {
  const importers = new Map<string, string[]>();
  for (const [input, { imports }] of Object.entries(metafile.inputs)) {
    const importer = resolve(workingDir, input);
    for (const { path: imported, external } of imports) {
      if (external) continue;
      const path = resolve(workingDir, imported);
      const list = importers.get(path);
      if (list) list.push(importer);
      else importers.set(path, [importer]);
    }
  }
  return importers;
}

/** The files of packages through which the user's own code reaches `input`. */
function entrancesTo(input: string, importers: ReadonlyMap<string, string[]>): Set<string> {
  const entrances = new Set<string>();
  const seen = new Set([input]);
  const waiting = [input];
  for (let file = waiting.pop(); file; file = waiting.pop()) {
    for (const importer of importers.get(file) ?? []) {
      if (!isInPackage(importer)) entrances.add(file);
      else if (!seen.has(importer)) {
        seen.add(importer);
        waiting.push(importer);
      }
    }
  }
  return entrances;
}
