import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { putFolder } from "./whole-folder.ts";

let cacheDir = "";
beforeEach(() => {
  cacheDir = mkdtempSync(join(tmpdir(), "bellows-cache-"));
});
afterEach(() => rmSync(cacheDir, { recursive: true, force: true }));

const isComplete = (path: string) => existsSync(join(path, "module")) && existsSync(join(path, "packages"));

function folder(name: string, files = ["module", "packages"]): string {
  const path = join(cacheDir, "bundles", name);
  mkdirSync(path, { recursive: true });
  for (const file of files) writeFileSync(join(path, file), name);
  return path;
}

const place = () => ({ path: join(cacheDir, "bundles", "hash"), isComplete, cacheDir });
const moduleAt = (path: string) => readFileSync(join(path, "module"), "utf8");
const left = () => readdirSync(join(cacheDir, "bundles"));

describe("a folder that is put where it is looked for", () => {
  it("takes a free place, and the place of one that is not complete", async () => {
    await putFolder(folder(".first"), place());
    expect(moduleAt(place().path)).toBe(".first");
    rmSync(join(place().path, "packages"));
    await putFolder(folder(".second"), place());
    expect(moduleAt(place().path)).toBe(".second");
    expect(left()).toEqual(["hash"]);
  });

  it("leaves a complete one where it is", async () => {
    folder("hash");
    await putFolder(folder(".late"), place());
    expect(moduleAt(place().path)).toBe("hash");
  });

  it("leaves the complete one that another agent puts there just when it has found an incomplete one", async () => {
    folder("hash", ["module"]);
    const quicker = folder(".quicker");
    let looks = 0;
    const found = (path: string) => {
      const is = isComplete(path);
      looks += 1;
      if (looks > 1) return is;
      rmSync(path, { recursive: true });
      renameSync(quicker, path);
      return is;
    };
    await putFolder(folder(".slower"), { ...place(), isComplete: found });
    expect(moduleAt(place().path)).toBe(".quicker");
  });

  it("takes the place of an incomplete one that is gone when it is to be moved away", async () => {
    folder("hash", ["module"]);
    let looks = 0;
    const found = (path: string) => {
      const is = isComplete(path);
      looks += 1;
      if (looks === 2) rmSync(path, { recursive: true });
      return is;
    };
    await putFolder(folder(".new"), { ...place(), isComplete: found });
    expect(moduleAt(place().path)).toBe(".new");
  });

  it("is put by many agents at once: all find a complete one", async () => {
    folder("hash", ["module"]);
    const agents = Array.from({ length: 5 }, (_, number) => folder(`.agent-${number}`));
    await Promise.all(
      agents.map((from) => putFolder(from, place()).then(() => expect(isComplete(place().path)).toBe(true))),
    );
  });

  it("says why when there is no place for it", async () => {
    const path = join(cacheDir, "missing", "hash");
    await expect(putFolder(folder(".new"), { ...place(), path })).rejects.toThrow("ENOENT");
  });
});
