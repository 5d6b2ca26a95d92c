/** Every example in containers of a Docker engine, the main one with the orchestrator killed in the middle. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MAIN_FILES, ON_DOCKER_FILES } from "./example-files.ts";
import { ocrSurvivesKill } from "./ocr.suite.ts";
import { type Stack, startStack } from "./stack.ts";

/** The one has a test of its own; the other needs the Python of the host, and has an `on-docker.ts` beside it. */
const NOT_HERE = new Set(["examples/ocr/ocr.ts", "examples/python/python.ts"]);
const EXAMPLES = [...MAIN_FILES, ...ON_DOCKER_FILES].filter((file) => !NOT_HERE.has(file));
let stack: Stack;
/** What the containers of this stack are labelled with. */
let instance = "";

beforeAll(async () => {
  // Nobody asked for Docker: it is what is picked where an engine answers.
  stack = await startStack({ env: { BELLOWS_DRIVER: "auto" } });
  // What `nested` calls by name.
  for (const name of ["calling", "classes"]) {
    expect(await stack.bellows(["deploy", `examples/${name}/${name}.ts`])).toMatchObject({ code: 0 });
  }
}, 240_000);

afterAll(async () => {
  expect(await stack?.stop()).toBe(0);
  expect(instance).not.toBe("");
  expect(ownContainers()).toEqual([]);
}, 60_000);

/** Whatever has the label of this stack, running or not. */
function ownContainers(): string[] {
  return instance === "" ? [] : docker("ps", "--all", "--quiet", "--filter", `label=dev.bellows.instance=${instance}`);
}

function docker(...args: string[]): string[] {
  return execFileSync("docker", args, { encoding: "utf8" }).split("\n").filter(Boolean);
}

/** When each of them was started, for as long as it runs; nothing for one that does not. */
function starts(names: readonly string[]): string[] {
  return docker("inspect", "--format", "{{if .State.Running}}{{.Id}} {{.State.StartedAt}}{{end}}", ...names);
}

it("is picked by itself, and says so", () => {
  expect(stack.output()).toMatch(/Containers +docker: Docker \S+ at \S+ answers/);
});

describe("examples in containers", () => {
  ocrSurvivesKill(
    () => stack,
    (containerIds) => {
      const names = containerIds.map((id) => `bellows-${id}`);
      [instance = ""] = docker("inspect", "--format", '{{index .Config.Labels "dev.bellows.instance"}}', ...names);
      return starts(names);
    },
  );

  it.each(EXAMPLES)("%s succeeds", async (file) => {
    const { code, stderr } = await stack.bellows(["run", file]);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  });
});

it("a deploy whose image cannot be built says which step failed, and changes nothing", async () => {
  const { code, stderr } = await stack.bellows(["deploy", "e2e/fixtures/broken-image.ts"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/image \| step 1 of 1: run\("echo said; exit 3"\)\nimage \| said\n/);
  expect(stderr).toMatch(/error: step 1 of 1: run\("echo said; exit 3"\) failed with status 3; it said last:\nsaid/);
  const { stdout } = await stack.bellows(["app", "list"]);
  expect(stdout).not.toContain("broken-image");
  expect((await stack.bellows(["image", "list"])).stdout).toMatch(/failed +docker/);
});
