import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import type { ImageDefinition } from "@bellows/protocol/image";
import { pack } from "tar-stream";
import { afterAll, expect, it } from "vitest";
import { buildProcessImage, copyFiles } from "./process-image.ts";

const folder = mkdtempSync(join(tmpdir(), "bellows-process-image-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const archives = new Map<string, Uint8Array>();
const deps = {
  cacheDir: join(folder, "cache"),
  archive: async (hash: string) => archives.get(hash) ?? new Uint8Array(),
};

async function archive(name: string, content: string): Promise<string> {
  const tar = pack();
  tar.entry({ name }, content);
  tar.finalize();
  const hash = String(archives.size).padStart(64, "0");
  archives.set(hash, gzipSync(await buffer(tar)));
  return hash;
}

function image(...steps: ImageDefinition["steps"]) {
  return { definition: { base: { type: "node" as const }, steps }, packages: {} };
}

it("installs npm packages once, and says what it installs", async () => {
  const said: string[] = [];
  const wanted = image({ type: "npm", packages: ["left-pad@1.3.0"] });
  await buildProcessImage(wanted, deps, (line) => said.push(line));
  expect(said).toEqual(["npm install left-pad@1.3.0"]);
});

it("says what npm has against a package", async () => {
  const wanted = image({ type: "npm", packages: ["left-pad@99.0.0"] });
  await expect(buildProcessImage(wanted, deps, () => {})).rejects.toMatchObject({
    code: "STARTUP",
    message: expect.stringMatching(/left-pad@99\.0\.0.*No matching version/s),
  });
});

it("gives each container a copy of the files, its own to change", async () => {
  const hash = await archive("data/a.txt", "hello");
  const wanted = image({ type: "copy", from: "./data", to: "data", archive: hash });
  await buildProcessImage(wanted, deps, () => {});
  for (const container of ["one", "two"]) {
    await copyFiles(wanted, join(folder, container), deps);
    expect(readFileSync(join(folder, container, "data/a.txt"), "utf8")).toBe("hello");
  }
});

it("unpacks nothing outside of the folder", async () => {
  const hash = await archive("../../escaped", "hello");
  const wanted = image({ type: "copy", from: "./data", to: "data", archive: hash });
  await expect(buildProcessImage(wanted, deps, () => {})).rejects.toThrow(/leads out of their folder/);
});

it("refuses what only a container engine can do, and says which part", async () => {
  await expect(buildProcessImage(image({ type: "apt", packages: ["ffmpeg"] }), deps, () => {})).rejects.toMatchObject({
    code: "INVALID",
    message: expect.stringMatching(/^aptInstall\("ffmpeg"\) needs the Docker driver/),
  });
});
