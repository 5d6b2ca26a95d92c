/**
 * The SDK that came with this agent, as deploys of the same version have it beside their code. A worker imports it before
 * it is known whose code it will run, which no module that came with somebody's code could be trusted with; the code then
 * gets the instance that is there already, if it came with the very same modules.
 */
import { readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";

/**
 * The folder by its real path, under which Node knows its modules; another build may take the place of a link. Null when
 * it is not there: the code then brings its own SDK, as it does for another version of it.
 */
export function ownSdkDir(path: string | undefined): string | null {
  if (!path) return null;
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

/** Whether each of these modules lies in the folder, byte for byte. `modules` is path to text. */
export function hasModules(folder: string, modules: Record<string, string>): boolean {
  try {
    return Object.entries(modules).every(([path, text]) => readFileSync(join(folder, path), "utf8") === text);
  } catch {
    return false;
  }
}
