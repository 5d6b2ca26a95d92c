/** Whether a file is Bellows' own: in this repository its packages are folders like the user's. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const OURS = /^@bellows\/(protocol|sdk|cli|runner|orchestrator)$/;

export function isOurs(file: string): boolean {
  return OURS.test(packageNameOf(file));
}

/** The name in the nearest package.json above a file; empty when there is none. */
function packageNameOf(file: string): string {
  for (let dir = dirname(file); dirname(dir) !== dir; dir = dirname(dir)) {
    const manifest = textOf(join(dir, "package.json"));
    if (manifest === undefined) continue;
    return /"name"\s*:\s*"([^"]+)"/.exec(manifest)?.[1] ?? "";
  }
  return "";
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
