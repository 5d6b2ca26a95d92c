import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contentOf } from "./host-image.ts";
import { NODE_PATH, runnerLayer } from "./runner-layer.ts";

let folder: string;

/** The files of a version of Bellows on a host. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bellows-host-image-"));
  mkdirSync(join(folder, "python"));
  write("agent.mjs", "the agent");
  write("python/worker.py", "the worker");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function contentWith(nodePath: string): ReturnType<typeof contentOf> {
  const parts = { nodePath, agentPath: join(folder, "agent.mjs"), ownSdkFolder: join(folder, "no-sdk") };
  return await contentOf(await runnerLayer(parts));
}

async function nameWith(nodePath: string): Promise<string> {
  return (await contentWith(nodePath)).name;
}

describe("the default image", () => {
  it("keeps its name while the Node and the files beside it are the same, wherever that Node lies", async () => {
    const name = await nameWith(write("node-20.20.1", "Node 20.20.1"));
    expect(await nameWith(join(folder, "node-20.20.1"))).toBe(name);
    expect(await nameWith(write("the-same-node", "Node 20.20.1"))).toBe(name);
    symlinkSync("node-20.20.1", join(folder, "current"));
    expect(await nameWith(join(folder, "current"))).toBe(name);
  });

  it("has another name for another Node, also for one that took the place of the old one", async () => {
    const node = write("node", "Node 20.20.1");
    const old = await nameWith(node);
    write("node", "Node 20.20.2");
    const patched = await nameWith(node);
    expect(patched).not.toBe(old);
    expect(await nameWith(write("node-22", "Node 22.11.0"))).not.toBe(patched);
    write("node", "Node 20.20.1");
    expect(await nameWith(node)).toBe(old);
  });

  it("has another name for another agent", async () => {
    const node = write("node", "Node 20.20.1");
    const old = await nameWith(node);
    write("agent.mjs", "a newer agent");
    expect(await nameWith(node)).not.toBe(old);
  });

  it("is made of the very Node that was named", async () => {
    const { files } = await contentWith(write("node", "Node 20.20.1"));
    expect(String(files.find(({ path }) => path === NODE_PATH)?.content)).toBe("Node 20.20.1");
  });
});
