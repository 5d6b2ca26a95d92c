import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { bundled, temporaryDir } from "../testing/fixtures.ts";

/** A folder of files, as a user's project with installed packages. */
function project(files: Record<string, string>): string {
  const dir = temporaryDir();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

const manifest = (fields: object) => JSON.stringify({ version: "1.2.3", type: "module", ...fields });

test("of packages that lead to one that reads beside itself, the one that the user imports is installed", async () => {
  const dir = project({
    "main.ts": 'export { read } from "wrapper";',
    "node_modules/wrapper/package.json": manifest({ name: "wrapper", exports: "./index.js" }),
    "node_modules/wrapper/index.js": 'export { read } from "reader";',
    "node_modules/reader/package.json": manifest({ name: "reader", exports: "./index.js" }),
    "node_modules/reader/index.js": 'export const read = () => new URL("data.bin", import.meta.url);',
  });
  const { externalPackages } = await bundled(join(dir, "main.ts"));
  expect(externalPackages).toMatchObject([
    { name: "wrapper", version: "1.2.3", reason: "reader/index.js uses import.meta.url" },
  ]);
});

test("what a package holds but the bundle does not reach makes no difference", async () => {
  const dir = project({
    "main.ts": 'export { add } from "tools";',
    "node_modules/tools/package.json": manifest({ name: "tools", exports: "./index.js" }),
    "node_modules/tools/index.js": 'export { add } from "./add.js";\nexport { place } from "./place.js";',
    "node_modules/tools/add.js": "export const add = (a, b) => a + b;",
    "node_modules/tools/place.js": "export const place = () => import.meta.url;",
  });
  expect((await bundled(join(dir, "main.ts"))).bundle.packages).toEqual({});
});

test("a package under another name is asked for by its real one", async () => {
  const dir = project({
    "main.ts": 'import "fast";',
    "node_modules/fast/package.json": manifest({ name: "addon", exports: "./index.js" }),
    "node_modules/fast/index.js": "export const a = 1;",
    "node_modules/fast/binding.gyp": "{}",
  });
  expect((await bundled(join(dir, "main.ts"))).bundle.packages).toEqual({ fast: "npm:addon@1.2.3" });
});

test("two versions of a package that cannot be bundled are refused", async () => {
  const addon = (version: string) => JSON.stringify({ name: "addon", version, main: "index.js" });
  const dir = project({
    "main.ts": 'import "addon";\nimport "./sub/other.ts";',
    "node_modules/addon/package.json": addon("1.0.0"),
    "node_modules/addon/index.js": "",
    "node_modules/addon/addon.node": "",
    "sub/other.ts": 'import "addon";',
    "sub/node_modules/addon/package.json": addon("2.0.0"),
    "sub/node_modules/addon/index.js": "",
    "sub/node_modules/addon/addon.node": "",
  });
  await expect(bundled(join(dir, "main.ts"))).rejects.toThrow(/two versions of addon, [12]\.0\.0 and [12]\.0\.0/);
});
