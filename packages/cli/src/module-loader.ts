/**
 * Loads a bundle into this process, to read its definitions and run its entrypoint. The module lies in a temporary
 * folder where the packages that are not part of it are links to the user's own; the folder goes when the process ends.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { StartupError } from "@bellows/protocol/errors";
import type { BuiltBundle } from "./bundle/bundler.ts";
import { bellowsErrorIn } from "./thrown.ts";

/** @throws the Bellows error of a wrong definition; StartupError with the cause when the code threw anything else. */
export async function loadModule(built: BuiltBundle, shownFile: string): Promise<Record<string, unknown>> {
  const dir = mkdtempSync(join(tmpdir(), "bellows-run-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  for (const { name, dir: installedDir } of built.externalPackages) {
    const link = join(dir, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(installedDir, link, "junction");
  }
  const path = join(dir, "bundle.mjs");
  writeFileSync(`${path}.map`, built.bundle.sourceMap);
  writeFileSync(path, `${built.bundle.code}\n//# sourceMappingURL=bundle.mjs.map\n`);
  process.setSourceMapsEnabled(true);
  try {
    const module: Record<string, unknown> = await import(pathToFileURL(path).href);
    return module;
  } catch (error) {
    const known = bellowsErrorIn(error);
    if (known) throw known;
    throw new StartupError(`${shownFile} threw while it was loaded; code outside of functions runs at every load`, {
      cause: error,
    });
  }
}
