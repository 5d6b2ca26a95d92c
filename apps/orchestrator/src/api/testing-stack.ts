/**
 * The API on a test database: everything real but the engines, whose double is in `testing-engines.ts`. Rows of facts are
 * written here the way the journal writes them.
 */
import { openDatabase } from "@bellows/db/client";
import { calls } from "@bellows/db/schema/calls";
import { environments } from "@bellows/db/schema/environments";
import { tokens as tokenTable } from "@bellows/db/schema/tokens";
import { users } from "@bellows/db/schema/users";
import { cloneTestDatabase } from "@bellows/db/testing";
import { encodeBundle } from "@bellows/protocol/bundles";
import { type FunctionOptions, parseFunctionOptions } from "@bellows/protocol/function-options";
import type { GpuUsage, GpuUsages } from "@bellows/protocol/gpus";
import { newId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import type { CallKind, CallState } from "@bellows/protocol/states";
import { eq } from "drizzle-orm";
import { pino } from "pino";
import { afterAll } from "vitest";
import { putBundle } from "../catalog/bundles.ts";
import { type Catalog, createCatalog } from "../catalog/catalog.ts";
import { createContainerTokens } from "../catalog/container-tokens.ts";
import { createFunctionDirectory } from "../catalog/function-directory.ts";
import type { Role } from "../catalog/principal.ts";
import { tokenHash } from "../catalog/token-text.ts";
import { createTokenVerifier } from "../catalog/tokens.ts";
import { createVolumes } from "../catalog/volumes.ts";
import { createBuildRows } from "../images/build-rows.ts";
import { ImageBuilds } from "../images/image-builds.ts";
import { runPreviewJob } from "../preview/preview-job.ts";
import { createSecrets } from "../secrets/secrets.ts";
import { createVerbs } from "./create-verbs.ts";
import type { Reach } from "./reach.ts";
import { enginesDouble } from "./testing-engines.ts";

/** A user who may do anything, everywhere. */
export const ANYWHERE: Reach = {
  principal: { kind: "user", userId: newId(), name: "test", role: "owner", tokenId: newId(), rateLimited: false },
  environment: null,
};

export const CAPABILITIES = {
  isolation: false,
  gpus: [],
  images: false,
  memoryLimit: true,
  cpuLimit: false,
  blockNetwork: false,
};

export type TestStack = Awaited<ReturnType<typeof testStack>>;

/** Call it once, at the top level of a test file. */
export async function testStack() {
  const database = openDatabase(await cloneTestDatabase());
  afterAll(() => database.close());
  const { db, pool } = database;
  const clock = { nowMs: Date.now() };
  const now = (): number => clock.nowMs;
  const log = pino({ level: "silent" });
  const engines = enginesDouble();
  const directory = createFunctionDirectory(db, { capabilities: CAPABILITIES, now });
  const containerTokens = createContainerTokens(new Uint8Array(32).fill(7));
  const tokens = createTokenVerifier({ db, containerTokens, now });
  const master = { current: new Uint8Array(32).fill(9), previous: [] };
  /** What is said to lie on the host, in every environment. */
  const volumeSizes = new Map<string, { bytes: number; isWhole: boolean }>();
  const volumes = createVolumes(db, {
    list: async () => volumeSizes,
    putAway: async (_environmentId, name) => volumeSizes.delete(name),
    clear: async () => {},
  });
  const secrets = createSecrets(db, { master, now });
  const catalog = createCatalog({ db, directory, engines, capabilities: CAPABILITIES, secrets, now, log });
  const system = { version: "0.0.0", environment: "main", driver: { name: "none", reason: "" }, startedAtMs: 0 };
  const { retentionMs } = LIMITS;
  const consoleUrl = "http://console";
  const buildImage = async (): Promise<void> => {};
  const images = new ImageBuilds({ driver: { name: "none", buildImage }, rows: createBuildRows(db), now, log });
  const standby = { list: () => [] };
  /** What the real devices of the host do now. */
  const usages = new Map<string, GpuUsage>();
  const gpuUsages = async (): Promise<GpuUsages> => usages;
  const verbs = createVerbs({
    runJob: async (job) => runPreviewJob(job),
    db,
    engines,
    directory,
    catalog,
    tokens,
    images,
    secrets,
    standby,
    system,
    volumes,
    gpuUsages,
    consoleUrl,
    now,
    retentionMs,
  });
  const environmentId = newId();
  await db.insert(environments).values({ id: environmentId, name: "main", createdAtMs: now() });
  return {
    db,
    pool,
    clock,
    now,
    log,
    engines,
    directory,
    containerTokens,
    tokens,
    catalog,
    volumeSizes,
    usages,
    gpuUsages,
    verbs,
    environmentId,
  };
}

/** A user with this role and a token of it. */
export async function addUser(
  { db, now }: TestStack,
  role: Role,
  options: { expiresAtMs?: number } = {},
): Promise<{ userId: string; tokenId: string; token: string }> {
  const userId = newId();
  const tokenId = newId();
  const token = `token-of-${userId}`;
  await db.insert(users).values({ id: userId, name: `the ${role}`, role, createdAtMs: now() });
  await db.insert(tokenTable).values({
    id: tokenId,
    hash: tokenHash(token),
    kind: "api",
    role,
    name: "test",
    userId,
    createdAtMs: now(),
    expiresAtMs: options.expiresAtMs ?? null,
  });
  return { userId, tokenId, token };
}

/** Deploys an app with these functions. */
export async function deployTestApp(
  { db, catalog, now }: TestStack,
  name: string,
  functions: Record<string, FunctionOptions>,
  options: { ephemeral?: boolean; environment?: string } = {},
): ReturnType<Catalog["deploy"]> {
  const { bytes, hash } = encodeBundle({ code: `// ${name}`, sourceMap: "", packages: {}, modules: {}, files: {} });
  await putBundle(db, { hash, bytes, nowMs: now() });
  return catalog.deploy({
    name,
    environment: options.environment ?? "main",
    bundleHash: hash,
    ephemeral: options.ephemeral ?? false,
    functions: Object.entries(functions).map(([fn, given]) => ({ name: fn, settings: parseFunctionOptions(given) })),
  });
}

/** A stored call with this many inputs received. */
export async function addCall(
  { db, environmentId }: TestStack,
  ids: { appId: string; functionId: string },
  options: {
    id?: string;
    kind?: CallKind;
    state?: CallState;
    receivedCount?: number;
    inputCount?: number | null;
    parent?: string;
    environmentId?: string;
  } = {},
): Promise<string> {
  const id = options.id ?? newId();
  const receivedCount = options.receivedCount ?? 1;
  await db.insert(calls).values({
    id,
    ...ids,
    environmentId: options.environmentId ?? environmentId,
    parentCallId: options.parent ?? null,
    parentIndex: options.parent === undefined ? null : 0,
    kind: options.kind ?? "spawn",
    state: options.state ?? "running",
    inputCount: options.inputCount === undefined ? receivedCount : options.inputCount,
    receivedCount,
    succeededCount: 0,
    failedCount: 0,
    cancelledCount: 0,
  });
  return id;
}

/** Ends a stored call. */
export async function finishCall({ db, now }: TestStack, id: string): Promise<void> {
  await db.update(calls).set({ state: "succeeded", finishedAtMs: now() }).where(eq(calls.id, id));
}
