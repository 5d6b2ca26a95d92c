import { definitionsOf } from "@bellows/protocol/definitions";
import { expect, test } from "vitest";
import { App } from "./app.ts";
import { Bellows } from "./bellows.ts";

const app = new App("pages");
const ocr = app.function(async (page: string) => page);
const tell = app.function(async function* (text: string) {
  yield text;
});
const bellows = new Bellows({ url: "http://127.0.0.1:9", token: "none" });

const embed = app.python("./embed.py", "embed");
const PYTHON =
  /^\w+: "embed" of app "pages" is a Python function, which runs in containers only; use `remote`, `map` or/;

/** As a program without types calls it. */
function called(handle: object, verb: string): () => unknown {
  return () => Reflect.get(handle, verb)([1]);
}

test.each<[string, object, string[], RegExp]>([
  [
    "a function",
    ocr,
    ["remoteGen", "instance"],
    /: "ocr" of app "pages" is a function.*; use `remote`, `map` or `spawn`$/,
  ],
  [
    "a generator",
    tell,
    ["remote", "map", "starmap", "forEach", "spawn", "spawnMap", "instance"],
    /^\w+: "tell" of app "pages" is a generator, whose values stream to one caller; use `remoteGen`$/,
  ],
  ["a function with options", ocr.with({}), ["local"], /^local: only the definition of "ocr" of app "pages" has it/],
  ["a Python function", embed, ["local", "remoteGen", "instance"], PYTHON],
  ["a Python function with options", embed.withOptions({ timeout: "1m" }).with({}), ["local"], PYTHON],
  ["a function by its name", bellows.functions.fromName("a", "f"), ["local"], /"f" of app "a"/],
  [
    "a class by its name",
    bellows.classes.fromName("a", "C"),
    ["remote", "map", "spawn", "local"],
    /^\w+: "C" of app "a" is a class; use a method of an instance of it: `instance\(\)\.METHOD\.remote\(\)`$/,
  ],
  [
    "a method of a class itself",
    Reflect.get(bellows.classes.fromName("a", "C"), "run"),
    ["remote", "map"],
    /"C" of app "a" is a class; use a method of an instance/,
  ],
  [
    "a method by its name",
    bellows.classes.fromName("a", "C").instance().run ?? {},
    ["remoteGen"],
    /method "run" of "C"/,
  ],
])("%s says what it is and what is used instead", (_what, handle, verbs, sentence) => {
  definitionsOf({ app, ocr, tell, embed });
  for (const verb of verbs) {
    expect(called(handle, verb), verb).toThrow(expect.objectContaining({ code: "INVALID" }));
    expect(called(handle, verb), verb).toThrow(sentence);
  }
});
