import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import { z } from "zod";
import { isRunning, recordOf } from "../../scripts/setup/processes.mjs";
import { ocrSurvivesKill } from "./ocr.suite.ts";
import { type Stack, startStack } from "./stack.ts";

const recordSchema = z.object({ process: z.object({ pid: z.number() }) });
let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
}, 240_000);

afterAll(async () => {
  expect(await stack?.stop()).toBe(0);
}, 60_000);

ocrSurvivesKill(
  () => stack,
  (containerIds) => containerIds.map(startOf),
);

/** The process of a container and when it was started. @throws Error when it does not run. */
function startOf(containerId: string): string {
  const file = readFileSync(join(stack.stateDir, "containers", `${containerId}.json`), "utf8");
  const record = recordOf("container", recordSchema.parse(JSON.parse(file)).process.pid);
  if (!isRunning(record)) throw new Error(`container ${containerId} has no process ${record.pid}`);
  return `${record.pid} ${record.began}`;
}
