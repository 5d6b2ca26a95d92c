import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { secretKeys, secrets as secretRows } from "@bellows/db/schema/secrets";
import { eq } from "drizzle-orm";
import { pino } from "pino";
import { expect, it } from "vitest";
import { deployTestApp, testStack } from "../api/testing-stack.ts";
import { loadInstanceKey, previousInstanceKeys } from "../catalog/container-tokens.ts";
import { whileDeploying } from "../catalog/testing-overlap.ts";
import { resealKeys } from "./data-keys.ts";
import { openSecrets } from "./open-secrets.ts";
import { masterKeyOf, newKey } from "./seal.ts";
import { createSecrets } from "./secrets.ts";

const stack = await testStack();
const { db, environmentId } = stack;
const log = pino({ level: "silent" });
const options = { instanceKey: newKey(), previousKeys: [], forget: false, now: Date.now, log };
const secrets = await openSecrets(db, options);
const change = { environment: "main", by: "Ada" };

it("keeps variables where nobody can read them, and gives them to a container", async () => {
  const view = await secrets.set({ ...change, name: "openai", variables: { API_KEY: "sk-hunter2", ORG: "acme" } });
  expect(view).toMatchObject({ name: "openai", variables: ["API_KEY", "ORG"], updatedBy: "Ada", usedBy: [] });
  expect(JSON.stringify(view)).not.toContain("hunter2");
  const [row] = await db.select().from(secretRows);
  expect(Buffer.from(row?.sealed ?? []).toString("latin1")).not.toContain("hunter2");
  expect(await secrets.variables(environmentId, ["openai"])).toEqual({ API_KEY: "sk-hunter2", ORG: "acme" });
});

it("lets a later secret win, and replaces a set as a whole", async () => {
  await secrets.set({ ...change, name: "other", variables: { ORG: "other" } });
  expect(await secrets.variables(environmentId, ["openai", "other"])).toMatchObject({ ORG: "other" });
  expect(await secrets.variables(environmentId, ["other", "openai"])).toMatchObject({ ORG: "acme" });
  await secrets.set({ ...change, name: "other", variables: { ELSE: "1" } });
  expect(await secrets.variables(environmentId, ["other"])).toEqual({ ELSE: "1" });
});

it("says which secret is not there, and how it is made", async () => {
  await expect(secrets.variables(environmentId, ["openai", "nothing"])).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: expect.stringMatching(/there is no secret "nothing".*bellows secret set nothing NAME=VALUE/),
  });
});

it.each([
  ["no name", { name: "1st", variables: { A: "1" } }, /cannot name a secret/],
  ["nothing in it", { name: "empty", variables: {} }, /would be empty/],
  ["no variable", { name: "wrong", variables: { "A-B": "1" } }, /"A-B" cannot be a variable/],
  ["a variable of the platform", { name: "wrong", variables: { BELLOWS_CONTAINER_TOKEN: "1" } }, /BELLOWS_/],
])("refuses what has %s", async (_what, secret, message) => {
  await expect(secrets.set({ ...change, ...secret })).rejects.toThrow(message);
});

it("is sealed under another key by a rotation, and reads as before", async () => {
  const before = await db.select().from(secretKeys);
  expect(await secrets.rotate()).toEqual({ secrets: 2 });
  const after = await db.select().from(secretKeys);
  expect(after).toHaveLength(1);
  expect(after[0]?.id).not.toBe(before[0]?.id);
  expect(await secrets.variables(environmentId, ["openai"])).toMatchObject({ API_KEY: "sk-hunter2" });
});

it("loses nothing when rotations and changes come at once", async () => {
  const many = Array.from({ length: 8 }, (_, i) => `many-${i}`);
  await Promise.all([
    secrets.rotate(),
    ...many.map((name) => secrets.set({ ...change, name, variables: { VALUE: `of ${name}` } })),
    secrets.rotate(),
  ]);
  for (const name of many) expect(await secrets.variables(environmentId, [name])).toEqual({ VALUE: `of ${name}` });
});

it("can be read at any moment of a rotation", async () => {
  let rotating = true;
  const rotations = Promise.all(Array.from({ length: 20 }, () => secrets.rotate())).finally(() => {
    rotating = false;
  });
  while (rotating) {
    expect(await secrets.variables(environmentId, ["openai"])).toMatchObject({ API_KEY: "sk-hunter2" });
  }
  await rotations;
});

it("says which secret somebody has changed in the database, and a rotation that meets one changes nothing", async () => {
  const of = (name: string) => db.select().from(secretRows).where(eq(secretRows.name, name));
  const [[openai], [other]] = [await of("openai"), await of("other")];
  if (!openai || !other) throw new Error("they were set above");
  // The ciphertext of another secret, under the same key: what it belongs to is a part of what is sealed.
  await db.update(secretRows).set({ sealed: openai.sealed }).where(eq(secretRows.id, other.id));
  await expect(secrets.variables(environmentId, ["other"])).rejects.toThrow(/"other" does not open.*set it again/);
  await expect(secrets.rotate()).rejects.toThrow(/"other" does not open/);
  expect(await of("openai")).toEqual([openai]);
  expect(await secrets.variables(environmentId, ["openai"])).toMatchObject({ API_KEY: "sk-hunter2" });
  await db.update(secretRows).set({ sealed: other.sealed }).where(eq(secretRows.id, other.id));
});

it("does not open under another master key, and loses nothing when it is tried", async () => {
  const other = createSecrets(db, { master: { current: newKey(), previous: [] }, now: Date.now });
  await expect(other.variables(environmentId, ["openai"])).rejects.toThrow(/another master key.*_PREVIOUS/);
  const wrong = { ...options, instanceKey: newKey(), previousKeys: [newKey()] };
  await expect(openSecrets(db, wrong)).rejects.toMatchObject({ code: "INVALID" });
  expect(await secrets.variables(environmentId, ["openai"])).toMatchObject({ API_KEY: "sk-hunter2" });
});

it("goes over to another master key at a start that names the one before, and back", async () => {
  const [here, there] = [masterKeyOf(options.instanceKey), newKey()];
  expect(await resealKeys(db, { current: there, previous: [here] })).toBe(1);
  expect(await resealKeys(db, { current: there, previous: [here] })).toBe(0);
  const gone = createSecrets(db, { master: { current: there, previous: [] }, now: Date.now });
  expect(await gone.variables(environmentId, ["openai"])).toMatchObject({ API_KEY: "sk-hunter2" });
  await expect(secrets.variables(environmentId, ["openai"])).rejects.toThrow(/another master key/);
  await resealKeys(db, { current: here, previous: [there] });
  expect(await secrets.variables(environmentId, ["openai"])).toMatchObject({ API_KEY: "sk-hunter2" });
});

it("is not removed while a deployed function names it, and a deploy that names another one is refused", async () => {
  await deployTestApp(stack, "uses", { ask: { secrets: ["openai"] } });
  expect((await secrets.list("main")).find(({ name }) => name === "openai")?.usedBy).toEqual(["uses/ask"]);
  await expect(secrets.remove("main", "openai")).rejects.toThrow(/"openai" is used by uses\/ask/);
  await secrets.remove("main", "other");
  expect((await secrets.list("main")).map(({ name }) => name)).not.toContain("other");
  const missing = deployTestApp(stack, "asks", { ask: { secrets: ["nothing"] } });
  await expect(missing).rejects.toThrow(/there is no secret "nothing"/);
});

it("is not removed while a deploy names it which has not ended yet", async () => {
  await secrets.set({ ...change, name: "both", variables: { A: "1" } });
  const [deployed, removed] = await whileDeploying(
    stack,
    () => deployTestApp(stack, "at-once", { ask: { secrets: ["both"] } }),
    () => secrets.remove("main", "both"),
  );
  expect(deployed).toMatchObject({ status: "fulfilled" });
  expect(removed).toMatchObject({ reason: { message: expect.stringContaining("is used by at-once/ask") } });
  expect(await secrets.variables(environmentId, ["both"])).toEqual({ A: "1" });
});

it("goes over from the key in the state folder to a master key, and to another one, at a start each", async () => {
  const stateDir = await mkdtemp(join(tmpdir(), "bellows-keys-"));
  const start = async (keys: { masterKey: string | null; previousMasterKey: string | null }) =>
    openSecrets(db, {
      ...options,
      instanceKey: await loadInstanceKey(stateDir, keys.masterKey),
      previousKeys: [options.instanceKey, ...(await previousInstanceKeys(stateDir, keys))],
    });
  await start({ masterKey: null, previousMasterKey: null });
  await start({ masterKey: "a".repeat(32), previousMasterKey: null });
  const after = await start({ masterKey: "b".repeat(32), previousMasterKey: "a".repeat(32) });
  expect(await after.variables(environmentId, ["openai"])).toMatchObject({ API_KEY: "sk-hunter2" });
  await rm(stateDir, { recursive: true });
});

it("is forgotten only when that is asked for, and then can be set anew", async () => {
  const lost = { ...options, instanceKey: newKey() };
  await expect(openSecrets(db, lost)).rejects.toThrow(/BELLOWS_FORGET_SECRETS=1/);
  const fresh = await openSecrets(db, { ...lost, forget: true });
  expect(await fresh.list("main")).toEqual([]);
  await fresh.set({ ...change, name: "openai", variables: { API_KEY: "another" } });
  const later = await openSecrets(db, { ...lost, forget: true });
  expect(await later.variables(environmentId, ["openai"])).toEqual({ API_KEY: "another" });
});
