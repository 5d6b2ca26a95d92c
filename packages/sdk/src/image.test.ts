import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { partForEngine, stepText } from "@bellows/protocol/image";
import { expect, test } from "vitest";
import { Image } from "./image.ts";

test("every verb gives a new image and leaves the old one as it was", () => {
  const base = Image.node();
  const more = base.aptInstall("ffmpeg").run("make").env({ A: "1" });
  expect(base.steps).toEqual([]);
  expect(more.steps.map(stepText)).toEqual(['aptInstall("ffmpeg")', 'run("make")', "env(A)"]);
});

test("an image is an option, and what is kept of it is its data", () => {
  const { image } = parseFunctionOptions({ image: Image.fromRegistry("python:3.12-slim").npmInstall("sharp@0.35") });
  expect(image).toEqual({
    base: { type: "registry", name: "python:3.12-slim" },
    steps: [{ type: "npm", packages: ["sharp@0.35"] }],
  });
  expect(Object.getPrototypeOf(image)).toBe(Object.prototype);
});

test("what cannot be part of an image is refused where it is written", () => {
  expect(() => Image.node().aptInstall()).toThrow(/at least one Debian package/);
  expect(() => Image.node().copy("./data", "../data")).toThrow(/copy: "\.\.\/data" leads out of its folder/);
  expect(() => parseFunctionOptions({ image: { base: "node" } as never })).toThrow(/image/);
});

test("it is known what processes of a host can have of an image", () => {
  expect(partForEngine(Image.node().npmInstall("a").env({ A: "1" }).copy("./data", "data"))).toBeNull();
  expect(partForEngine(Image.node().copy("./data", "/data"))).toBe('copy("./data", "/data")');
  expect(partForEngine(Image.node().pipInstall("numpy"))).toBe('pipInstall("numpy")');
  expect(partForEngine(Image.fromDockerfile("./Dockerfile"))).toBe('Image.fromDockerfile("./Dockerfile")');
});
