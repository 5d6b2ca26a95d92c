import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { frameLines, framesOf, tracebackLines, userFrames } from "./stack-frames.ts";
import { temporaryDir } from "./testing/fixtures.ts";

test("frames are read in all the forms that Node writes", () => {
  const stack = [
    "RangeError: an order has no price",
    "    at Object.total [as run] (/app/orders.ts:12:42)",
    "    at async file:///app/with%20space.ts:3:1",
    "    at async Promise.all (index 0)",
    "    at <anonymous> (/app/top-level.ts:1:7)",
    "    at node:internal/process/task_queues:95:5",
  ].join("\n");
  expect(framesOf(stack)).toEqual([
    { functionName: "Object.total [as run]", file: "/app/orders.ts", line: 12, column: 42 },
    { functionName: "", file: "/app/with space.ts", line: 3, column: 1 },
    { functionName: "", file: "/app/top-level.ts", line: 1, column: 7 },
  ]);
});

test("only the user's own frames are shown, the first with its line", () => {
  const dir = temporaryDir();
  const ours = join(dir, "sdk");
  mkdirSync(ours);
  writeFileSync(join(dir, "package.json"), '{ "name": "shop" }');
  writeFileSync(join(dir, "orders.ts"), "const a = 1;\nthrow new Error();\n");
  writeFileSync(join(ours, "package.json"), '{ "name": "@bellows/sdk" }');
  const stack = [
    "Error: no",
    `    at inner (${dir}/node_modules/zod/parse.js:1:1)`,
    `    at ${dir}/orders.ts:2:7`,
    `    at send (${ours}/map.ts:9:9)`,
    `    at main (${dir}/main.ts:4:2)`,
  ].join("\n");
  expect(frameLines(userFrames(stack), dir)).toEqual([
    "  2 | throw new Error();",
    "            ^",
    "    at orders.ts:2:7",
    "    at main (main.ts:4:2)",
  ]);
});

test("of a Python traceback its frames are shown, and a stack of Node is none", () => {
  const frames = ['  File "embed.py", line 12, in embed', "    return vector / length", "           ~~~~~~~^~~~~~~~"];
  const stack = ["Traceback (most recent call last):", ...frames, "ZeroDivisionError: division by zero"].join("\n");
  expect(tracebackLines(stack)).toEqual(frames);
  expect(tracebackLines("Error: no\n    at main (/app/main.ts:4:2)")).toEqual([]);
});
