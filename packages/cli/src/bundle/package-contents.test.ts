import { expect, test } from "vitest";
import { placeWord } from "./package-contents.ts";

test.each([
  ['const data = path.join(__dirname, "data");', "__dirname"],
  ['new Worker(new URL("./worker.js", import.meta.url));', "import.meta.url"],
  ['const binary = require.resolve("./binary");', "require.resolve"],
  ['createRequire(import.meta.url)("./package.json");', "import.meta.url"],
])("code that finds files beside itself is seen: %s", async (source, word) => {
  expect(await placeWord(source)).toBe(word);
});

test.each([
  "// Not like __dirname in CommonJS.\nexport const a = 1;",
  '/** import.meta.url */ export const require = createRequire; createRequire(import.meta.url)("msgpackr-extract");',
  "export const dirname = 1;",
])("a comment, or a require of a package by name, needs no place: %s", async (source) => {
  expect(await placeWord(source)).toBeUndefined();
});
