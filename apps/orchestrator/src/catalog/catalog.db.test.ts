import { apps } from "@bellows/db/schema/apps";
import { containers } from "@bellows/db/schema/containers";
import { encodeBundle } from "@bellows/protocol/bundles";
import { ConflictError, InvalidError, NotFoundError, PayloadTooLargeError } from "@bellows/protocol/errors";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { newId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { addCall, deployTestApp, finishCall, testStack } from "../api/testing-stack.ts";
import { getBundle, packagesOfBundle, putBundle } from "./bundles.ts";
import { functionsToStart } from "./functions-to-start.ts";

const stack = await testStack();
const { db, catalog, directory, engines } = stack;

describe("deploy", () => {
  it("numbers deployments from 1 and keeps the identity of functions", async () => {
    const first = await deployTestApp(stack, "pages", { ocr: {}, embed: {} });
    const second = await deployTestApp(stack, "pages", { ocr: { timeout: "10s" }, split: {} });
    expect([first.version, second.version]).toEqual([1, 2]);
    expect(second.appId).toBe(first.appId);
    const idOf = (view: typeof first, name: string) => view.functions.find((fn) => fn.name === name)?.id;
    expect(idOf(second, "ocr")).toBe(idOf(first, "ocr"));
    const record = await directory.resolve("main", "pages", "ocr");
    expect(record).toMatchObject({ deploymentId: second.deploymentId, settings: { timeoutMs: 10_000 }, active: true });
  });

  it("tells the engines which functions are new and which are gone", async () => {
    const first = await deployTestApp(stack, "telling", { stays: {}, goes: {} });
    const goes = first.functions.find(({ name }) => name === "goes")?.id ?? "";
    await deployTestApp(stack, "telling", { stays: {} });
    expect(engines.told.stopped).toContain(goes);
    expect(await directory.byId(goes)).toMatchObject({ active: false });
    await expect(directory.resolve("main", "telling", "goes")).rejects.toThrow(
      'app "telling" has no function "goes"; it has "stays"',
    );
    await deployTestApp(stack, "telling", { stays: {}, goes: {} });
    expect((await directory.resolve("main", "telling", "goes")).functionId).toBe(goes);
  });

  it("gives each of many deploys at once a number of its own", async () => {
    const deployed = await Promise.all(Array.from({ length: 8 }, () => deployTestApp(stack, "busy", { fn: {} })));
    expect(deployed.map(({ version }) => version).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("gives every ephemeral app a name of its own", async () => {
    const a = await deployTestApp(stack, "pages", { ocr: {} }, { ephemeral: true });
    const b = await deployTestApp(stack, "pages", { ocr: {} }, { ephemeral: true });
    expect(a.appName).toMatch(/^pages-run-[0-9a-z]{6}$/);
    expect(b.appName).not.toBe(a.appName);
    await expect(deployTestApp(stack, a.appName, { ocr: {} })).rejects.toThrow(ConflictError);
  });

  it("refuses what it cannot serve, and stores nothing of it", async () => {
    await expect(deployTestApp(stack, "later", { fn: { gpu: "H100" } })).rejects.toThrow(
      'function "fn", option gpu: this host has no GPU',
    );
    await expect(deployTestApp(stack, "later", {})).rejects.toThrow(InvalidError);
    await expect(deployTestApp(stack, "9", { fn: {} })).rejects.toThrow(InvalidError);
    expect(await db.select().from(apps).where(eq(apps.name, "later"))).toEqual([]);
  });

  it("refuses a bundle that was never uploaded and an environment that is not there", async () => {
    const request = {
      name: "nothing",
      environment: "main",
      bundleHash: "0".repeat(64),
      ephemeral: false,
      functions: [{ name: "fn", settings: parseFunctionOptions() }],
    };
    await expect(catalog.deploy(request)).rejects.toThrow(/^bundle 0+ has not been uploaded/);
    await expect(catalog.deploy({ ...request, environment: "mian" })).rejects.toThrow(
      'there is no environment "mian"; there is "main"',
    );
  });
});

describe("stop", () => {
  it("ends an app for callers and engines, and a deploy brings it back", async () => {
    const { appId, functions } = await deployTestApp(stack, "stopping", { fn: {} });
    const id = functions[0]?.id ?? "";
    await directory.resolve("main", "stopping", "fn");
    await catalog.stop(appId, "stopped by hand");
    expect(engines.told.stopped).toContain(id);
    expect(await directory.byId(id)).toMatchObject({ active: false });
    await expect(directory.resolve("main", "stopping", "fn")).rejects.toThrow(NotFoundError);
    const told = engines.told.stopped.length;
    await catalog.stop(appId, "again");
    expect(engines.told.stopped).toHaveLength(told);
    const again = await deployTestApp(stack, "stopping", { fn: {} });
    expect(again).toMatchObject({ appId, version: 2 });
    expect((await directory.resolve("main", "stopping", "fn")).active).toBe(true);
  });

  it("says that there is no such app", async () => {
    await expect(catalog.stop(newId(), "")).rejects.toThrow(NotFoundError);
  });
});

describe("the directory", () => {
  it("says at which step a name leads nowhere, and what there is, in order", async () => {
    await deployTestApp(stack, "documents", { recognise: {} });
    await expect(directory.resolve("prod", "documents", "recognise")).rejects.toThrow('there is no environment "prod"');
    await expect(directory.resolve("main", "document", "recognise")).rejects.toThrow(
      /there is no app "document" running in environment "main"; running: .*"documents", "pages"/,
    );
    await expect(directory.resolve("main", "documents", "recognize")).rejects.toThrow('it has "recognise"');
  });
});

describe("ephemeral apps", () => {
  it("end, once detached, with their calls", async () => {
    const { appId, functions } = await deployTestApp(stack, "detached", { fn: {} }, { ephemeral: true });
    const callId = await addCall(stack, { appId, functionId: functions[0]?.id ?? "" });
    await catalog.detach(appId);
    await catalog.ephemeralApps.sweep();
    expect((await db.select().from(apps).where(eq(apps.id, appId)))[0]?.state).toBe("ephemeral");
    await finishCall(stack, callId);
    await catalog.ephemeralApps.sweep();
    expect((await db.select().from(apps).where(eq(apps.id, appId)))[0]?.state).toBe("stopped");
    await expect(catalog.detach(appId)).rejects.toThrow(InvalidError);
  });

  it("are found again after a restart", async () => {
    const { appId } = await deployTestApp(stack, "restarted", { fn: {} }, { ephemeral: true });
    catalog.ephemeralApps.forget(appId);
    await catalog.ephemeralApps.start();
    await catalog.ephemeralApps.stop();
    stack.clock.nowMs += 30_000;
    await catalog.ephemeralApps.sweep();
    expect((await db.select().from(apps).where(eq(apps.id, appId)))[0]?.state).toBe("stopped");
  });
});

describe("functionsToStart", () => {
  it("names those with work, with containers, or with containers to keep", async () => {
    const { appId, functions, deploymentId } = await deployTestApp(stack, "starting", {
      idle: {},
      working: {},
      leftover: {},
      warm: { minContainers: 1 },
    });
    const id = Object.fromEntries(functions.map((fn) => [fn.name, fn.id]));
    await addCall(stack, { appId, functionId: id.working ?? "" });
    await db.insert(containers).values({
      id: newId(),
      functionId: id.leftover ?? "",
      deploymentId,
      driver: "process",
      state: "ready",
      createdAtMs: 0,
    });
    const found = await functionsToStart(db);
    expect(found).toEqual(expect.arrayContaining([id.working, id.leftover, id.warm]));
    expect(found).not.toContain(id.idle);
  });
});

describe("bundles", () => {
  const { bytes, hash } = encodeBundle({
    code: "",
    sourceMap: "",
    packages: { sharp: "0.35.5" },
    modules: {},
    files: {},
  });

  it("come back as they were put, and may be put again", async () => {
    await putBundle(db, { hash, bytes, nowMs: 0 });
    await putBundle(db, { hash, bytes, nowMs: 1 });
    expect(Buffer.from((await getBundle(db, hash)) ?? [])).toEqual(Buffer.from(bytes));
    expect(await packagesOfBundle(db, hash)).toEqual({ sharp: "0.35.5" });
    expect(await getBundle(db, "0".repeat(64))).toBeUndefined();
  });

  it("are refused when damaged or too large", async () => {
    await expect(putBundle(db, { hash, bytes: Buffer.from("c0de"), nowMs: 0 })).rejects.toThrow(/arrived damaged/);
    const large = new Uint8Array(LIMITS.bundleBytes + 1);
    await expect(putBundle(db, { hash, bytes: large, nowMs: 0 })).rejects.toThrow(PayloadTooLargeError);
  });
});
