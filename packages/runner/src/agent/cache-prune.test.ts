import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pruneCache } from "./cache-prune.ts";
import { markUsed, packagesOf } from "./cache-use.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
let cacheDir = "";
beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), "bellows-cache-"));
});
afterEach(() => rmSync(cacheDir, { recursive: true, force: true }));

/** An entry as an agent leaves it, used so long ago. */
function entry(
  name: string,
  unusedMs: number,
  { bytes = 1, kind = "bundles", host = "linux-x64-node20" } = {},
): string {
  const folder = join(cacheDir, host, kind, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "content"), new Uint8Array(bytes));
  age(folder, unusedMs);
  return folder;
}

function age(path: string, unusedMs: number): void {
  const usedAt = new Date(Date.now() - unusedMs);
  utimesSync(path, usedAt, usedAt);
}

const prune = (maxBytes?: number) =>
  pruneCache(cacheDir, { nowMs: Date.now(), ...(maxBytes === undefined ? {} : { maxBytes }) });

describe("the host's cache", () => {
  it("loses what was not used for 30 days, of every kind and every host, and nothing else", async () => {
    const old = [
      entry("old", 31 * DAY_MS),
      entry("old", 31 * DAY_MS, { kind: "packages" }),
      entry("old", 31 * DAY_MS, { host: "darwin-arm64-node22" }),
    ];
    const kept = [entry("young", 29 * DAY_MS), entry("new", 0, { kind: "packages" })];
    expect((await prune()).sort()).toEqual(old.sort());
    expect(old.some(existsSync)).toBe(false);
    expect(kept.every(existsSync)).toBe(true);
    expect(await readdir(join(cacheDir, "linux-x64-node20", "bundles"))).toEqual(["young"]);
  });

  it("loses what was used longest ago while it is too large, but nothing that was used within a day", async () => {
    const oldest = entry("oldest", 9 * DAY_MS, { bytes: 4_000 });
    const old = entry("old", 8 * DAY_MS, { bytes: 4_000 });
    const younger = entry("younger", 2 * DAY_MS, { bytes: 4_000 });
    const running = entry("running", 23 * HOUR_MS, { bytes: 4_000 });
    expect(await prune(9_000)).toEqual([oldest, old]);
    expect(await prune(9_000)).toEqual([]);
    expect(await prune(1)).toEqual([younger]);
    expect(existsSync(running)).toBe(true);
  });

  it("loses what killed agents have left half-made, once nobody can be at it any more", async () => {
    const leftovers = [entry(".abc-building", 2 * DAY_MS), entry(".removed-1", 2 * DAY_MS)];
    const building = entry(".def-building", HOUR_MS);
    const lock = join(cacheDir, "linux-x64-node20", "bundles", "abc.lock");
    writeFileSync(lock, "");
    age(lock, 2 * DAY_MS);
    expect(await prune()).toHaveLength(3);
    expect([...leftovers, lock].some(existsSync)).toBe(false);
    expect(existsSync(building)).toBe(true);
  });

  it("keeps an old entry that an agent has found, and tells one that comes too late that it is gone", async () => {
    const found = entry("found", 40 * DAY_MS);
    const gone = entry("gone", 40 * DAY_MS);
    expect(await markUsed(found, cacheDir)).toBe(true);
    expect(await prune()).toEqual([gone]);
    expect(await markUsed(gone, cacheDir)).toBe(false);
    expect(existsSync(found)).toBe(true);
  });

  it("is pruned and used by many agents at once: whoever was told that an entry is there has it", async () => {
    const folders = Array.from({ length: 30 }, (_, number) => entry(`entry-${number}`, 40 * DAY_MS));
    const use = async (folder: string) => ({ folder, isThere: await markUsed(folder, cacheDir) });
    const used = folders.filter(() => (randomBytes(1)[0] ?? 0) % 2 === 0);
    const [first, second, third, ...uses] = await Promise.all([prune(), prune(), prune(), ...used.map(use)]);
    const removed = [first, second, third].flat();
    expect(new Set(removed).size).toBe(removed.length);
    for (const { folder, isThere } of uses) expect(existsSync(folder)).toBe(isThere);
    for (const folder of folders) expect(existsSync(folder)).toBe(!removed.includes(folder));
  });

  it("is none: nothing is removed", async () => {
    expect(await pruneCache(join(cacheDir, "missing"), { nowMs: Date.now() })).toEqual([]);
  });

  it("knows the packages beside a bundle", async () => {
    const packages = entry("key", 0, { kind: "packages" });
    const bundle = entry("hash", 0);
    expect(await packagesOf(bundle)).toBeUndefined();
    symlinkSync(join(packages, "node_modules"), join(bundle, "node_modules"));
    expect(await packagesOf(bundle)).toBe(packages);
  });
});
