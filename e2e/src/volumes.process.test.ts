/** Volumes: what one container writes another reads, and what becomes of it. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stack, startStack, until } from "./stack.ts";

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
}, 240_000);

afterAll(async () => {
  expect(await stack?.stop()).toBe(0);
}, 60_000);

it("two containers that run at once see what each other writes", async () => {
  expect((await stack.bellows(["deploy", "e2e/fixtures/volumes.ts"])).code).toBe(0);
  const met = await Promise.all(
    ["a", "b"].map((guest) => stack.bellows(["call", "volumes", "meet", "--args", JSON.stringify([guest]), "--json"])),
  );
  const results = met.map(({ stdout }) => (JSON.parse(stdout) as { result: object }).result);
  expect(results).toMatchObject([{ guests: ["a", "b"] }, { guests: ["a", "b"] }]);
  expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(2);
});

it("is listed with its size and its users, and not deleted under them", async () => {
  const { stdout } = await stack.bellows(["volume", "list", "--json"]);
  expect(JSON.parse(stdout)).toEqual([
    { name: "meeting", size: { bytes: 8, isWhole: true }, usedBy: ["volumes/meet"] },
  ]);
  const { code, stderr } = await stack.bellows(["volume", "delete", "meeting"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("is used by volumes/meet")]);
});

it("outlives its app, and goes with all that is in it when it is deleted", async () => {
  expect((await stack.bellows(["app", "stop", "volumes"])).code).toBe(0);
  const folders = join(stack.stateDir, "volumes");
  const [environment = ""] = await readdir(folders);
  expect(await readdir(join(folders, environment, "meeting"))).toEqual(["a", "b"]);
  await until(async () => (await stack.bellows(["volume", "delete", "meeting"])).code === 0);
  expect(existsSync(join(folders, environment, "meeting"))).toBe(false);
  const { code, stderr } = await stack.bellows(["volume", "delete", "meeting"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('there is no volume "meeting"')]);
  expect((await stack.bellows(["volume", "list"])).stdout).toContain("no volumes");
});
