import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findCredentials } from "./credentials.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bellows-credentials-"));
  await mkdir(join(root, "project/src"), { recursive: true });
});
afterEach(() => rm(root, { recursive: true }));

async function save(folder: string, content: unknown): Promise<void> {
  await mkdir(join(root, folder, ".bellows"), { recursive: true });
  await writeFile(join(root, folder, ".bellows/credentials.json"), JSON.stringify(content));
}

const places = (env: Record<string, string> = {}) => ({
  env,
  cwd: join(root, "project/src"),
  home: join(root, "home"),
});
const local = { url: "http://127.0.0.1:4000", token: "local" };

describe("credentials", () => {
  test("what is given goes before the environment, which goes before files", async () => {
    await save("project", local);
    const env = { BELLOWS_URL: "https://bellows.example/", BELLOWS_TOKEN: "env" };
    expect(await findCredentials({ url: "http://given", token: "given" }, places(env))).toEqual({
      url: "http://given",
      token: "given",
    });
    expect(await findCredentials({}, places(env))).toEqual({ url: "https://bellows.example", token: "env" });
    expect(await findCredentials({}, places())).toEqual(local);
  });

  test("the nearest file above counts, then the one in the home folder", async () => {
    await save("home", { url: "http://home", token: "home" });
    expect(await findCredentials({}, places())).toEqual({ url: "http://home", token: "home" });
    await save("project", local);
    expect(await findCredentials({}, places())).toEqual(local);
    await save("project/src", { url: "http://src", token: "src" });
    expect(await findCredentials({}, places())).toEqual({ url: "http://src", token: "src" });
  });

  test("a state folder that is named is the only one looked into", async () => {
    await save("project", local);
    await save("second", { url: "http://second", token: "second" });
    const env = { BELLOWS_STATE_DIR: join(root, "second/.bellows") };
    expect(await findCredentials({}, places(env))).toEqual({ url: "http://second", token: "second" });
    await expect(findCredentials({}, places({ BELLOWS_STATE_DIR: join(root, "none") }))).rejects.toMatchObject({
      code: "AUTH",
    });
  });

  test("a token never goes to a URL it was not found with", async () => {
    await save("project", local);
    await expect(findCredentials({ url: "http://elsewhere" }, places())).rejects.toMatchObject({ code: "AUTH" });
    const env = { BELLOWS_URL: "http://other", BELLOWS_TOKEN: "env" };
    await expect(findCredentials({ url: "http://elsewhere" }, places(env))).rejects.toMatchObject({ code: "AUTH" });
    await expect(findCredentials({}, places({ BELLOWS_URL: "http://elsewhere" }))).rejects.toThrowError(
      "there is no token for http://elsewhere; set BELLOWS_TOKEN",
    );
    expect(await findCredentials({ url: `${local.url}/` }, places())).toEqual(local);
  });

  test("says what to do when nothing is found, or what is found cannot be used", async () => {
    await expect(findCredentials({}, places())).rejects.toMatchObject({
      code: "AUTH",
      message: expect.stringMatching(/npm start.*BELLOWS_URL and BELLOWS_TOKEN/),
    });
    await expect(findCredentials({}, places({ BELLOWS_TOKEN: "t" }))).rejects.toThrowError("set BELLOWS_URL");
    await expect(findCredentials({ url: "localhost:4000", token: "t" }, places())).rejects.toMatchObject({
      code: "INVALID",
      message: expect.stringContaining('"localhost:4000" is not the URL of an orchestrator'),
    });
    await save("project", { url: "http://x" });
    await expect(findCredentials({}, places())).rejects.toThrowError(/credentials.json does not hold/);
  });
});
