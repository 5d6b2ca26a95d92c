import { fileURLToPath } from "node:url";
import { DEFINITION } from "@bellows/protocol/definitions";
import { expect, test } from "vitest";
import { App } from "./app.ts";

const app = new App("pages");

test("a Python function keeps its file, its name, its options and where it was defined", () => {
  const embed = app.python("./embed.py", "batch_embed", { name: "embed", concurrent: { maxInputs: 4 } });
  const { name, settings, definedIn, handler } = embed[DEFINITION];
  expect(name).toBe("embed");
  expect(settings).toMatchObject({
    kind: "function",
    maxInputs: 4,
    python: { file: "./embed.py", function: "batch_embed" },
  });
  expect(definedIn?.()).toBe(fileURLToPath(import.meta.url));
  expect(handler).toThrow("a Python function runs in containers only");
});

test.each<[string, string, RegExp]>([
  ["embed.py", "embed", /"embed.py" is not the path of a Python file; write it relative to this file/],
  ["./embed.ts", "embed", /is not the path of a Python file/],
  ["/embed.py", "embed", /is not the path of a Python file/],
  ["./embed.py", "a.b", /"a.b" is not the name of a function of .\/embed.py/],
])("%s, %s is refused where it is defined", (file, name, says) => {
  expect(() => app.python(file, name)).toThrow(says);
});

test("its options are those of every function", () => {
  expect(() => app.python("./embed.py", "embed", { timeout: 300 })).toThrow('did you mean "300s"?');
});
