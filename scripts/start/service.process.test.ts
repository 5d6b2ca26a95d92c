/** What a start relies on when a process ends: its last sentence, and that nothing of its group is left. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isRunning, recordOf } from "../setup/processes.mjs";
import { keepService } from "./keep-running.mjs";
import { startService } from "./service.mjs";
import { lockState } from "./state-lock.mjs";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bellows-service-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function specOf(code: string) {
  const script = join(folder, "service.mjs");
  writeFileSync(script, code);
  return { name: "service", command: [script], cwd: folder, env: process.env, logFile: join(folder, "service.log") };
}

test("the last line for people is read back, and only from this run", async () => {
  const failing = specOf('console.error("bellows: the first"); console.error("bellows: the last"); process.exit(1)');
  expect(await startService(failing).ended).toEqual({ how: "exit code 1", sentence: "the last" });
  expect(await startService(specOf("process.exit(3)")).ended).toEqual({ how: "exit code 3", sentence: undefined });
});

test("stopping it ends its whole group, and what ignores SIGTERM is killed", async () => {
  const service = startService(
    specOf(`import { spawn } from "node:child_process";
      process.on("SIGTERM", () => {});
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
      console.log("child", child.pid);`),
  );
  const log = join(folder, "service.log");
  await expect.poll(() => readFileSync(log, "utf8")).toMatch(/child \d+/);
  const grandchild = recordOf("grandchild", Number(/child (\d+)/.exec(readFileSync(log, "utf8"))?.[1]));
  await service.stop({ graceMs: 100 });
  expect(await service.ended).toMatchObject({ how: "signal SIGKILL" });
  await expect.poll(() => isRunning(grandchild)).toBe(false);
});

test("a kept service that is killed is started again, recorded, and said", async () => {
  const lines: string[] = [];
  const lock = lockState(join(folder, "state"));
  const kept = keepService(specOf("setInterval(() => {}, 1000)"), { lock, say: (line) => lines.push(line) });
  kept.keep();
  const first = kept.current().record;
  kept.kill();
  await expect.poll(() => kept.current().record.pid).not.toBe(first.pid);
  expect(lines).toEqual(["the service ended (signal SIGKILL); starting it again in 0.2 s"]);
  await kept.stop({ graceMs: 5_000 });
  expect(isRunning(kept.current().record)).toBe(false);
  lock.release();
});

test("a service that died before it was kept is started again when it is", async () => {
  const lines: string[] = [];
  const lock = lockState(join(folder, "state"));
  const kept = keepService(specOf("setInterval(() => {}, 1000)"), { lock, say: (line) => lines.push(line) });
  const first = kept.current();
  kept.kill();
  await first.ended;
  expect(kept.current()).toBe(first);
  kept.keep();
  await expect.poll(() => kept.current()).not.toBe(first);
  expect(kept.current().isOver).toBe(false);
  expect(lines).toEqual(["the service ended (signal SIGKILL); starting it again in 0.2 s"]);
  await kept.stop({ graceMs: 5_000 });
  lock.release();
});
