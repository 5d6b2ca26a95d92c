import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type NamedFunction, NO_HOOKS } from "@bellows/protocol/definitions";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { expect, test } from "vitest";
import { loadApp } from "../deployment.ts";
import { FIXTURES, fixture, temporaryDir } from "../testing/fixtures.ts";
import { withPythonFiles } from "./python-files.ts";

function python(file: string, name: string): NamedFunction {
  const settings = { ...parseFunctionOptions(), python: { file, function: name } };
  return { name, settings, handler: () => undefined, hooks: NO_HOOKS };
}

test("a Python file is found from the file that names it, and brings what it imports from its folder", async () => {
  const target = { path: fixture("python/app.ts"), shown: "python/app.ts" };
  const { built, functions } = await loadApp({ ...target, functionName: undefined }, FIXTURES);
  expect(functions.map(({ name, settings }) => [name, settings.python, settings.timeoutMs])).toEqual([
    ["embed", { file: "embed.py", function: "embed" }, 60_000],
    ["circle", { file: "shapes/circle.py", function: "area" }, 300_000],
  ]);
  expect(Object.keys(built.bundle.files)).toEqual([
    "embed.py",
    "models/__init__.py",
    "models/net.py",
    "models/sizes.py",
    "shapes/circle.py",
    "tidy.py",
    "words.py",
  ]);
  expect(built.bundle.files["models/sizes.py"]).toBe("SIZE = 4\n");
});

test("an import that goes on in the next line brings what it names", async () => {
  const folder = temporaryDir();
  const files = {
    "main.py":
      "import os, \\\n    one as first, \\\r\n    two\nfrom three \\\n    import (\n    THREE)\ndef run(): pass\n",
    "one.py": "",
    "two.py": "",
    "three.py": "THREE = 3\n",
    "four.py": "",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const { files: found } = await withPythonFiles([python("./main.py", "run")], join(folder, "app.ts"));
  expect(Object.keys(found)).toEqual(["main.py", "one.py", "three.py", "two.py"]);
});

test("files that lie apart keep their places below the folder that holds both", async () => {
  const functions = [python("./shapes/circle.py", "area"), python("./models/net.py", "SIZE")];
  const { files, functions: placed } = await withPythonFiles(functions, fixture("python/app.ts"));
  expect(placed.map(({ settings }) => settings.python?.file)).toEqual(["shapes/circle.py", "models/net.py"]);
  expect(Object.keys(files)).toEqual(["models/net.py", "shapes/circle.py"]);
});

test("a file or a function that is not there is told at once", async () => {
  const appFile = join(temporaryDir(), "app.ts");
  writeFileSync(join(appFile, "../embed.py"), "def embed(text): return []\n");
  await expect(withPythonFiles([python("./gone.py", "embed")], appFile)).rejects.toThrow(
    /function "embed": there is no file .*gone\.py; the path is relative to the file that calls app\.python/,
  );
  await expect(withPythonFiles([python("./embed.py", "embeds")], appFile)).rejects.toThrow(
    'function "embeds": embed.py does not define embeds',
  );
});

test("an app without Python has no files", async () => {
  const { python: _python, ...settings } = parseFunctionOptions();
  const plain: NamedFunction = { ...python("", "f"), settings: { ...settings, python: null } };
  expect(await withPythonFiles([plain], fixture("greeting.ts"))).toEqual({ files: {}, functions: [plain] });
});
