import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { readPrivateFile, writePrivateFile } from "./private-file.ts";

const folder = await mkdtemp(join(tmpdir(), "bellows-private-"));
afterAll(() => rm(folder, { recursive: true }));

it("is this user's alone, replaced as a whole, and leaves nothing beside it", async () => {
  const path = join(folder, "state", "key");
  expect(await readPrivateFile(path)).toBeUndefined();
  await writePrivateFile(path, "one, which is longer");
  await writePrivateFile(path, "two");
  expect(await readPrivateFile(path)).toBe("two");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(folder, "state"))).toEqual(["key"]);
});

it("says what to do where the folder cannot be written", async () => {
  await writeFile(join(folder, "file"), "");
  await expect(writePrivateFile(join(folder, "file", "key"), "one")).rejects.toThrow(/BELLOWS_STATE_DIR/);
});
