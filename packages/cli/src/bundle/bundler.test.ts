import { writeFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { encodeBundle } from "@bellows/protocol/bundles";
import { definitionsOf, functionNamed } from "@bellows/protocol/definitions";
import { InvalidError } from "@bellows/protocol/errors";
import { expect, test } from "vitest";
import { loadModule } from "../module-loader.ts";
import { bundled, FIXTURES, fixture, temporaryDir } from "../testing/fixtures.ts";
import { buildBundle } from "./bundler.ts";

async function loaded(name: string): Promise<Record<string, unknown>> {
  return loadModule(await bundled(fixture(name)), name);
}

/** Runs a function of a loaded fixture as a worker would. */
async function run(module: Record<string, unknown>, name: string, ...args: unknown[]): Promise<unknown> {
  return Reflect.apply(functionNamed(module, name).handler, undefined, args);
}

test("a bundle without special packages needs none beside it, and the same files give the same hash", async () => {
  const first = await bundled(fixture("greeting.ts"));
  expect(first.bundle.packages).toEqual({});
  expect(encodeBundle((await bundled(fixture("greeting.ts"))).bundle).hash).toBe(encodeBundle(first.bundle).hash);
});

test("the SDK lies beside the code, in parts of which the code imports one, and its map leads to the user's file alone", async () => {
  const { bundle } = await bundled(fixture("greeting.ts"));
  const [entry] = /node_modules\/@bellows\/sdk\/sdk\.mjs/.exec(bundle.code) ?? [];
  expect(Object.keys(bundle.modules)).toContain(entry);
  expect(Object.keys(bundle.modules).length).toBeGreaterThan(1);
  expect(JSON.parse(bundle.sourceMap).sources).toEqual([pathToFileURL(fixture("greeting.ts")).href]);
});

test("packages of plain JavaScript become part of the bundle, CommonJS ones and those with optional accelerators too", async () => {
  const built = await bundled(fixture("pure-packages.ts"));
  expect(built.bundle.packages).toEqual({});
  expect(await run(await loadModule(built, "pure-packages.ts"), "sizes")).toEqual([4, 1, 7]);
});

test("a package with native parts stays outside, at its exact version", async () => {
  const built = await bundled(fixture("native-package.ts"));
  expect(Object.keys(built.bundle.packages)).toEqual(["esbuild"]);
  const version = await run(await loadModule(built, "native-package.ts"), "compiler");
  expect(built.bundle.packages.esbuild).toBe(version);
});

test("packages with WebAssembly in what they depend on, or data files beside themselves, stay outside", async () => {
  const built = await bundled(fixture("asset-packages.ts"));
  expect(Object.keys(built.bundle.packages)).toEqual(["@tesseract.js-data/eng", "tesseract.js"]);
  expect(built.externalPackages.map(({ reason }) => reason)).toEqual([
    "@tesseract.js-data/eng/index.js uses __dirname",
    expect.stringMatching(/^tesseract\.js-core holds .*\.wasm$/),
  ]);
  expect(await run(await loadModule(built, "asset-packages.ts"), "language")).toBe("eng 1");
});

test("TC39 decorators and accessors run on Node 20", async () => {
  expect(await run(await loaded("decorators.ts"), "count", 4)).toBe(10);
});

test("functions, generators and classes keep what they are, with the arguments of a constructor and the marks of methods", async () => {
  const { functions } = definitionsOf(await loaded("every-kind.ts"));
  expect(functions.map(({ name, settings }) => [name, settings.kind, settings.methods])).toEqual([
    ["plain", "function", []],
    ["count", "generator", []],
    ["Model", "class", ["predict", "scale"]],
  ]);
  const Model = functions[2];
  expect(Model?.hooks).toEqual({ enter: [{ name: "load", snap: true }], exit: ["close"] });
});

test.each([
  ["model.ts", /@method\(\) was applied as a legacy decorator: "experimentalDecorators" is set in the tsconfig\.json/],
  [
    "expression.ts",
    /expression\.ts:7:5: TypeScript experimental decorators.*remove "experimentalDecorators" from the tsconfig\.json/,
  ],
])("legacy decorators are refused with what to do: %s", async (file, says) => {
  await expect(loaded(`legacy-decorators/${file}`)).rejects.toThrow(says);
});

test("what the code throws is mapped to the user's file, line and column", async () => {
  const { bundle } = await bundled(fixture("throws-later.ts"));
  const lines = bundle.code.split("\n");
  const line = lines.findIndex((text) => text.includes("an order has no price"));
  const map = new SourceMap(JSON.parse(bundle.sourceMap));
  expect(map.findEntry(line, lines[line]?.indexOf("new RangeError") ?? -1)).toMatchObject({
    originalSource: pathToFileURL(fixture("throws-later.ts")).href,
    originalLine: 11,
    originalColumn: 41,
  });
});

test("a user's file keeps its own place: import.meta.url, dirname, and a require made from it", async () => {
  const module = await loaded("reads-beside-itself.ts");
  expect(module.url).toBe(pathToFileURL(fixture("reads-beside-itself.ts")).href);
  expect(module.dirname).toBe(FIXTURES);
  expect(await run(module, "own")).toContain("answer = 42");
  expect(await run(module, "resolved")).toBe(fixture("no-app.ts"));
});

test("a syntax error is told with file, line, column and the line itself", async () => {
  const dir = temporaryDir();
  const file = join(dir, "broken.ts");
  writeFileSync(file, "export const fine = 1;\nexport const broken = = 2;\n");
  const error: unknown = await buildBundle(file, { cwd: dir, conditions: [] }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InvalidError);
  expect(String(error)).toBe(
    'InvalidError: broken.ts:2:23: Unexpected "="\n' +
      "  2 | export const broken = = 2;\n" +
      `${" ".repeat("  2 | export const broken = ".length)}~`,
  );
});

test("imports that lead nowhere are told together, with what to do about each", async () => {
  const error: unknown = await bundled(fixture("missing-import.ts")).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InvalidError);
  expect(String(error)).toContain('missing-import.ts:2:25: Could not resolve "a-package-that-is-not-here"');
  expect(String(error)).toContain("run `npm install a-package-that-is-not-here`");
  expect(String(error)).toContain('missing-import.ts:3:23: Could not resolve "./not-there.ts"; there is no such file');
});

test("an import that throws is told as the user's, with the cause", async () => {
  await expect(loaded("import-throws.ts")).rejects.toMatchObject({
    code: "STARTUP",
    message: expect.stringContaining("import-throws.ts threw while it was loaded"),
    cause: expect.any(SyntaxError),
  });
});

test("a wrong option keeps the text it has where it is defined", async () => {
  await expect(loaded("wrong-option.ts")).rejects.toMatchObject({
    code: "INVALID",
    message: expect.stringContaining('300 ms is below 2 s; did you mean "300s"?'),
  });
});

test("two apps in a file, or none, are refused", async () => {
  const [two, none] = [await loaded("two-apps.ts"), await loaded("no-app.ts")];
  expect(() => definitionsOf(two)).toThrow("exports 2 apps (first, second)");
  expect(() => definitionsOf(none)).toThrow("exports no app");
});
