import type { ImageDefinition, ImageStep } from "@bellows/protocol/image";
import { expect, it } from "vitest";
import { planImage } from "./image-plan.ts";

const BASE = { base: "bellows/node:1", baseId: "sha256:1" };
const APT: ImageStep = { type: "apt", packages: ["ffmpeg"] };
const RUN: ImageStep = { type: "run", command: "make" };

function plan(steps: ImageStep[], packages: Record<string, string> = {}, base = BASE) {
  const definition: ImageDefinition = { base: { type: "node" }, steps };
  return planImage(base, definition, packages);
}

it("is the base itself when nothing is done to it", () => {
  expect(plan([])).toEqual({ steps: [], name: "bellows/node:1" });
  expect(plan([{ type: "env", variables: { A: "1" } }]).name).toBe("bellows/node:1");
});

it("shares the steps that two images have in common, and none after the first that differs", () => {
  const [one, other] = [plan([APT, RUN]), plan([APT, { type: "run", command: "make all" }])];
  expect(one.steps[0]?.name).toBe(other.steps[0]?.name);
  expect(one.steps[1]?.name).not.toBe(other.steps[1]?.name);
});

it("builds anew on another base, and after another variable", () => {
  expect(plan([APT], {}, { ...BASE, baseId: "sha256:2" }).name).not.toBe(plan([APT]).name);
  expect(plan([{ type: "env", variables: { A: "1" } }, APT]).name).not.toBe(plan([APT]).name);
  expect(plan([APT, { type: "env", variables: { A: "1" } }]).name).toBe(plan([APT]).name);
});

it("ends with the packages of the code, whatever order they come in, beside those of the image", () => {
  const { steps, name } = plan([{ type: "npm", packages: ["sharp@0.34.0", "left-pad"] }], {
    sharp: "0.35.5",
    b: "2.0.0",
  });
  expect(steps.map(({ title }) => title)).toEqual([
    'step 1 of 2: npmInstall("sharp@0.34.0", "left-pad")',
    'step 2 of 2: npmInstall("b@2.0.0", "sharp@0.35.5")',
  ]);
  expect(steps[1]?.npmPackages).toEqual({ sharp: "0.35.5", "left-pad": "latest", b: "2.0.0" });
  expect(plan([{ type: "npm", packages: ["sharp@0.34.0", "left-pad"] }], { b: "2.0.0", sharp: "0.35.5" }).name).toBe(
    name,
  );
});
