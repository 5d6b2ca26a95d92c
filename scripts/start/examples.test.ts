import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exampleFiles } from "./examples.mjs";

test("an example is a folder's file of its own name", () => {
  const root = mkdtempSync(join(tmpdir(), "bellows-examples-"));
  for (const file of ["ocr/ocr.ts", "ocr/pages.ts", "hello/hello.ts", "notes/read-me.txt"]) {
    mkdirSync(join(root, "examples", file, ".."), { recursive: true });
    writeFileSync(join(root, "examples", file), "");
  }
  expect(exampleFiles(root)).toEqual(["examples/hello/hello.ts", "examples/ocr/ocr.ts"]);
  rmSync(root, { recursive: true });
});
