import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import { expect, test } from "vitest";
import { temporaryDir } from "../testing/fixtures.ts";
import { archiveOf } from "./archive.ts";
import { storedImage } from "./stored-image.ts";

async function namesIn(bytes: Uint8Array): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of Readable.from([gunzipSync(bytes)]).pipe(extract())) {
    names.push(entry.header.name);
    entry.resume();
  }
  return names;
}

function folder(): string {
  const dir = temporaryDir();
  mkdirSync(join(dir, "data", "deep"), { recursive: true });
  writeFileSync(join(dir, "data", "b.txt"), "b");
  writeFileSync(join(dir, "data", "deep", "a.txt"), "a");
  return dir;
}

test("equal files give equal bytes, wherever they lie and whenever they were written", async () => {
  const [one, other] = await Promise.all(
    [folder(), folder()].map((dir) => archiveOf(join(dir, "data"), { to: "files" })),
  );
  expect(one?.hash).toBe(other?.hash);
});

test("a folder's files are where the image wants them, a single file under the name it is given", async () => {
  const dir = folder();
  const of = async (from: string, to: string) => namesIn((await archiveOf(join(dir, from), { to })).bytes);
  expect(await of("data", "/srv/files/")).toEqual(["srv/files/b.txt", "srv/files/deep/a.txt"]);
  expect(await of("data/b.txt", "c.txt")).toEqual(["c.txt"]);
  expect(await of("data/b.txt", "into/")).toEqual(["into/b.txt"]);
});

test("what is not there is said before anything is stored", async () => {
  await expect(archiveOf(join(folder(), "nothing"), { to: "x" })).rejects.toThrow(
    /there is no file or folder .*nothing/,
  );
});

test("the context of a Dockerfile is its folder, without what its .dockerignore names", async () => {
  const dir = folder();
  writeFileSync(join(dir, "data", "Dockerfile"), "FROM scratch");
  writeFileSync(join(dir, "data", ".dockerignore"), "deep\nDockerfile\n");
  const stored: Uint8Array[] = [];
  const definition = { base: { type: "dockerfile" as const, path: "data/Dockerfile", archive: null }, steps: [] };
  const image = await storedImage(definition, { folder: dir, store: async ({ bytes }) => void stored.push(bytes) });
  expect(await namesIn(stored[0] ?? new Uint8Array())).toEqual([".dockerignore", "Dockerfile", "b.txt"]);
  expect(image.base).toMatchObject({ archive: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

async function contextOf(dir: string): Promise<Uint8Array> {
  const stored: Uint8Array[] = [];
  const definition = { base: { type: "dockerfile" as const, path: "data/Dockerfile", archive: null }, steps: [] };
  await storedImage(definition, { folder: dir, store: async ({ bytes }) => void stored.push(bytes) });
  return stored[0] ?? new Uint8Array();
}

test("what .dockerignore takes back from what it leaves out is in the context", async () => {
  const dir = folder();
  writeFileSync(join(dir, "data", "Dockerfile"), "FROM scratch");
  writeFileSync(join(dir, "data", ".dockerignore"), "**\n!deep/a.txt\n");
  expect(await namesIn(await contextOf(dir))).toEqual(["Dockerfile", "deep/a.txt"]);
});

test("links of a context stay links, and bring in nothing from outside", async () => {
  const dir = folder();
  writeFileSync(join(dir, "outside.txt"), "not part of it");
  writeFileSync(join(dir, "data", "Dockerfile"), "FROM scratch");
  symlinkSync("../outside.txt", join(dir, "data", "out"));
  symlinkSync("nowhere", join(dir, "data", "dangling"));
  const bytes = await contextOf(dir);
  const links: [string, string | null | undefined][] = [];
  for await (const entry of Readable.from([gunzipSync(bytes)]).pipe(extract())) {
    if (entry.header.type === "symlink") links.push([entry.header.name, entry.header.linkname]);
    entry.resume();
  }
  expect(links).toEqual([
    ["dangling", "nowhere"],
    ["out", "../outside.txt"],
  ]);
  expect(gunzipSync(bytes).includes("not part of it")).toBe(false);
});
