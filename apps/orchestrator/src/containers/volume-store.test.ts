import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { openVolumeStore } from "./volume-store.ts";
import { volumeFolder, volumesFolder } from "./volumes.ts";

const stateDir = await mkdtemp(join(tmpdir(), "bellows-volumes-"));
afterAll(() => rm(stateDir, { recursive: true }));
let nowMs = 0;
/** Each look at it is a millisecond later, so that counting takes one. */
const now = (): number => nowMs++;
const store = openVolumeStore(stateDir, { now, countedFiles: 20 });

function make(environmentId: string, name: string): Promise<string> {
  return volumeFolder(stateDir, { environmentId, name, path: "/data" });
}

it("is open to the users of containers, also where its making was cut short", async () => {
  const folder = await make("e0", "cut");
  expect((await stat(folder)).mode & 0o777).toBe(0o777);
  await chmod(folder, 0o755);
  expect(await make("e0", "cut")).toBe(folder);
  expect((await stat(folder)).mode & 0o777).toBe(0o777);
});

it("leaves alone what a link of the operator leads to", async () => {
  const elsewhere = join(stateDir, "elsewhere");
  await mkdir(elsewhere, { mode: 0o750 });
  await mkdir(volumesFolder(stateDir, "e0"), { recursive: true });
  await symlink(elsewhere, join(volumesFolder(stateDir, "e0"), "linked"));
  await make("e0", "linked");
  expect((await stat(elsewhere)).mode & 0o777).toBe(0o750);
});

it("lists what lies there with its size, of one environment", async () => {
  const models = await make("e1", "models");
  await make("e1", "empty");
  await make("e2", "others");
  await mkdir(join(models, "deep"));
  await writeFile(join(models, "deep", "a"), "12345");
  await writeFile(join(models, "b"), "678");
  // What lies elsewhere is not in the volume.
  await symlink("/", join(models, "root"));
  expect([...(await store.list("e1"))]).toEqual([
    ["empty", { bytes: 0, isWhole: true }],
    ["models", { bytes: 8, isWhole: true }],
  ]);
  expect([...(await store.list("nowhere")).keys()]).toEqual([]);
});

it("counts again after a hundred times as long as it took, and says when it did not count everything", async () => {
  const folder = await make("e3", "many");
  expect((await store.list("e3")).get("many")?.bytes).toBe(0);
  await Promise.all(Array.from({ length: 21 }, (_, i) => writeFile(join(folder, String(i)), "")));
  expect((await store.list("e3")).get("many")).toEqual({ bytes: 0, isWhole: true });
  nowMs += 100;
  expect((await store.list("e3")).get("many")).toEqual({ bytes: 0, isWhole: false });
});

it("deletes one with all that is in it, and what a killed delete has left", async () => {
  const folder = await make("e4", "models");
  await writeFile(join(folder, "a"), "1");
  await mkdir(join(volumesFolder(stateDir, "e4"), ".deleted-before"));
  expect([...(await store.list("e4")).keys()]).toEqual(["models"]);
  expect(await store.putAway("e4", "models")).toBe(true);
  expect((await store.list("e4")).size).toBe(0);
  await store.clear("e4");
  expect(await readdir(volumesFolder(stateDir, "e4"))).toEqual([]);
  expect(await store.putAway("e4", "models")).toBe(false);
  await store.clear("nowhere");
});

it.each(["..", ".deleted-before", "../e1", "a/b", ""])("takes %j for no volume", async (name) => {
  await expect(store.putAway("e4", name)).rejects.toThrow(/cannot name a volume/);
  await expect(make("e4", name)).rejects.toThrow(/cannot name a volume/);
});
