import { expect, test } from "vitest";
import { nodeVersionProblem } from "./node-version.mjs";

test.each(["20.19.0", "20.20.2", "22.0.0", "26.1.0"])("Node %s is new enough", (version) => {
  expect(nodeVersionProblem(version)).toBeUndefined();
});

test.each(["20.18.3", "18.20.0", "0.12.0"])("Node %s gets a sentence that says what to install", (version) => {
  expect(nodeVersionProblem(version)).toMatch(/needs Node 20\.19 or newer, and this is Node .*install/);
});
