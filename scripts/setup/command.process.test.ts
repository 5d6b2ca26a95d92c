/** Suites and builds run through this: one that hangs must fail, and must not leave what it has started behind. */
import { expect, test } from "vitest";
import { runCommand } from "./command.mjs";
import { isRunning, recordOf } from "./processes.mjs";

const HANGS = `import { spawn } from "node:child_process";
  const child = spawn(process.execPath, ["-e", "for (;;);"]);
  console.log("child", child.pid);`;
const node = (code: string) => ["--input-type=module", "-e", code];

test("a command that takes too long fails with its whole group", async () => {
  const { ok, output } = await runCommand(process.execPath, node(HANGS), { cwd: ".", timeoutMs: 2_000 });
  expect(ok).toBe(false);
  expect(output).toContain("ended after 2 s");
  const grandchild = recordOf("grandchild", Number(/child (\d+)/.exec(output)?.[1]));
  expect(isRunning(grandchild)).toBe(false);
});

test("a program that is not there fails with a sentence", async () => {
  const { ok, output } = await runCommand("no-such-program", [], { cwd: "." });
  expect({ ok, output }).toEqual({ ok: false, output: expect.stringContaining("no-such-program") });
});
