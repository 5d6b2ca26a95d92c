import { expect, it } from "vitest";
import { parseFunctionOptions } from "./function-options.ts";

it.each(["/data", "/var/lib/models", "/data.v2/a b", "/..data"])("%s can be where a volume is", (path) => {
  expect(parseFunctionOptions({ volumes: { [path]: "models" } }).volumes).toEqual({ [path]: "models" });
});

it.each([
  ["data", /not an absolute path/],
  ["/", /not the path of a folder/],
  ["/data/", /not the path of a folder/],
  ["/data//a", /not the path of a folder/],
  ["/data/../etc", /not the path of a folder/],
  ["/data/..", /not the path of a folder/],
  // Docker would read it as a volume with options.
  ["/data:ro", /not the path of a folder/],
  ["/data,z", /not the path of a folder/],
  ["/data\n", /not the path of a folder/],
])("%j cannot", (path, message) => {
  expect(() => parseFunctionOptions({ volumes: { [path]: "models" } })).toThrow(message);
});

it.each(["", "../models", ".models", "a/b", "1st"])("%j names no volume", (name) => {
  expect(() => parseFunctionOptions({ volumes: { "/data": name } })).toThrow(/volume/);
});
