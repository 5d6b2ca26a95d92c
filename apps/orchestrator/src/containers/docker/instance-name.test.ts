import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { instanceName } from "./instance-name.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "bellows-instance-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

it("is the same at every start, and by every path to the state folder", async () => {
  const stateDir = join(folder(), "state");
  const first = await instanceName(stateDir);
  expect(first).toMatch(/^[0-9a-f]{12}$/);
  expect(await instanceName(stateDir)).toBe(first);
  const link = join(folder(), "link");
  symlinkSync(stateDir, link);
  expect(await instanceName(link)).toBe(first);
});

it("is another for another state folder, a copy of this one included", async () => {
  const [one, two] = [folder(), folder()];
  const first = await instanceName(one);
  expect(await instanceName(two)).not.toBe(first);
  const copy = join(folder(), "copy");
  cpSync(one, copy, { recursive: true });
  expect(await instanceName(copy)).not.toBe(first);
});

it("is not guessed from a file that holds something else", async () => {
  const stateDir = folder();
  writeFileSync(join(stateDir, "instance-id"), "");
  await expect(instanceName(stateDir)).rejects.toMatchObject({ code: "INVALID", message: /delete it/ });
});
