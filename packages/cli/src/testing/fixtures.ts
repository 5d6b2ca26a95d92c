/** The fixture files, and their bundles made from the sources of our packages, so that no build comes before the tests. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { type BuiltBundle, buildBundle } from "../bundle/bundler.ts";

export const FIXTURES = fileURLToPath(new URL("../../fixtures", import.meta.url));
const SOURCE_CONDITION = "@bellows/source";

export function fixture(name: string): string {
  return join(FIXTURES, name);
}

export function bundled(path: string): Promise<BuiltBundle> {
  return buildBundle(path, { cwd: FIXTURES, conditions: [SOURCE_CONDITION] });
}

/** A folder that goes away with the test. */
export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "bellows-cli-test-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
