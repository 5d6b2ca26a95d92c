/** The main job on real input: pages of text read by tesseract.js, with the orchestrator killed in the middle. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { resultOf, type Stack, startStack, until } from "./stack.ts";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
}, 240_000);

afterAll(async () => {
  expect(await stack?.stop()).toBe(0);
}, 60_000);

async function listed(noun: "container" | "call", ...flags: string[]): Promise<Record<string, unknown>[]> {
  const { stdout } = await stack.bellows([noun, "list", "--json", ...flags]);
  return stdout
    .split("\n")
    .filter(Boolean)
    .flatMap((line) => JSON.parse(line));
}

it("reads every page though the orchestrator is killed, on several containers, and leaves none behind", async () => {
  const child = stack.spawnBellows(["run", "examples/ocr/ocr.ts"]);
  const result = resultOf(child);
  let stdout = "";
  child.stdout?.on("data", (text: string) => {
    stdout += text;
  });
  await until(() => /page 02/.test(stdout) || child.exitCode !== null, 120_000);
  const before = await listed("container");
  process.kill(await stack.pidOf("orchestrator"), "SIGKILL");

  const { code, stdout: all, stderr } = await result;
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  expect(all.match(/^page \d\d/gm)).toHaveLength(24);
  expect(before.length).toBeGreaterThan(1);
  expect(before.length).toBeLessThanOrEqual(4);

  const [call] = await listed("call");
  expect(call).toMatchObject({ kind: "map", state: "succeeded", inputCount: 24, counts: { succeeded: 24, failed: 0 } });
  await until(async () => (await listed("container")).length === 0);
}, 300_000);
