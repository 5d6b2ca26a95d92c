import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readLock, releaseLock, rewriteLock, takeLock } from "./lock-file.mjs";
import { isRunning, recordOf } from "./processes.mjs";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bellows-lock-"));
  path = join(folder, "a.lock");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const gone = { name: "owner", pid: process.pid, began: "in another life" };
const child = { name: "orchestrator", pid: 4, began: "then" };

test("is held by one owner, and free again after its release", () => {
  expect(takeLock(path)).toEqual({ taken: true, previous: undefined });
  expect(takeLock(path)).toEqual({ taken: false, owner: recordOf("owner", process.pid) });
  releaseLock(path);
  expect(takeLock(path)).toMatchObject({ taken: true });
});

test("of an owner that is gone is taken over with what it had started, even when its pid lives again", () => {
  writeFileSync(path, JSON.stringify({ owner: gone, children: [child] }));
  expect(takeLock(path)).toEqual({ taken: true, previous: { owner: gone, children: [child] } });
  expect(takeLock(path)).toMatchObject({ taken: false });
});

test("a file that is no lock is replaced", () => {
  writeFileSync(path, '{"owner":');
  expect(takeLock(path)).toEqual({ taken: true, previous: undefined });
});

test("remembers what its owner starts, and leaves nothing beside it", () => {
  takeLock(path);
  rewriteLock(path, [child]);
  expect(readLock(path)).toEqual({ owner: recordOf("owner", process.pid), children: [child] });
  expect(readdirSync(folder)).toEqual(["a.lock"]);
});

test("a process is known by its number and the time it began", () => {
  expect(isRunning(recordOf("me", process.pid))).toBe(true);
  expect(isRunning(gone)).toBe(false);
  expect(isRunning(recordOf("nobody", 2 ** 30))).toBe(false);
});
