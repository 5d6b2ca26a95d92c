import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tokens as tokenTable } from "@bellows/db/schema/tokens";
import { users } from "@bellows/db/schema/users";
import { AuthError } from "@bellows/protocol/errors";
import { eq } from "drizzle-orm";
import { afterAll, describe, expect, it } from "vitest";
import { addUser, testStack } from "../api/testing-stack.ts";
import { loadInstanceKey } from "./container-tokens.ts";
import { ensureDefaults } from "./ensure-defaults.ts";
import { createSignInCode, exchangeSignInCode } from "./sign-in.ts";

const stack = await testStack();
const { db, tokens, clock } = stack;
const stateDir = await mkdtemp(join(tmpdir(), "bellows-state-"));
afterAll(() => rm(stateDir, { recursive: true }));
const credentials = join(stateDir, "credentials.json");
const start = (url = "http://127.0.0.1:4000") => ensureDefaults(db, { stateDir, url, nowMs: clock.nowMs });
const readToken = async (): Promise<string> => JSON.parse(await readFile(credentials, "utf8")).token;

describe("ensureDefaults", () => {
  it("makes an owner whose token is in a file that nobody else can read", async () => {
    const { ownerId } = await start();
    expect((await stat(credentials)).mode & 0o777).toBe(0o600);
    expect(await tokens.verify(await readToken())).toMatchObject({ kind: "user", role: "owner", userId: ownerId });
  });

  it("changes nothing at the next start but the URL", async () => {
    const before = await start();
    const token = await readToken();
    expect(await start("http://127.0.0.1:4100")).toEqual(before);
    expect(JSON.parse(await readFile(credentials, "utf8"))).toEqual({ url: "http://127.0.0.1:4100", token });
  });

  it("makes a new token when the file is damaged or of another database", async () => {
    for (const text of ["{ half", JSON.stringify({ url: "x", token: "of another database" })]) {
      await writeFile(credentials, text);
      await start();
      expect(await tokens.verify(await readToken())).toMatchObject({ role: "owner" });
    }
  });

  it("says in one sentence that the state folder cannot be used", async () => {
    const file = join(stateDir, "file");
    await writeFile(file, "");
    const inFile = ensureDefaults(db, { stateDir: join(file, "state"), url: "x", nowMs: 0 });
    await expect(inFile).rejects.toThrow(/cannot be (read|written) \(ENOTDIR\)/);
  });

  it("stores no token that could be read out of the database", async () => {
    await start();
    const token = await readToken();
    expect(JSON.stringify(await db.select().from(tokenTable))).not.toContain(token);
  });
});

describe("loadInstanceKey", () => {
  it("is the same at every start, and the master key's when there is one", async () => {
    const key = await loadInstanceKey(stateDir, null);
    expect(await loadInstanceKey(stateDir, null)).toEqual(key);
    expect((await stat(join(stateDir, "instance-key"))).mode & 0o777).toBe(0o600);
    const master = await loadInstanceKey(stateDir, "m".repeat(32));
    expect(master).not.toEqual(key);
    expect(await loadInstanceKey("/nowhere", "m".repeat(32))).toEqual(master);
  });
});

describe("signing in", () => {
  it("exchanges a code once, for a session of its user", async () => {
    const { userId } = await addUser(stack, "admin");
    const { code } = await createSignInCode(db, { userId, nowMs: clock.nowMs });
    const { token, expiresAtMs } = await exchangeSignInCode(db, { code, nowMs: clock.nowMs });
    expect(expiresAtMs).toBe(clock.nowMs + 30 * 86_400_000);
    expect(await tokens.verify(token)).toMatchObject({ userId, role: "admin" });
    await expect(exchangeSignInCode(db, { code, nowMs: clock.nowMs })).rejects.toThrow(AuthError);
  });

  it("lets one of two exchanges at once through", async () => {
    const { userId } = await addUser(stack, "viewer");
    const { code } = await createSignInCode(db, { userId, nowMs: clock.nowMs });
    const both = await Promise.allSettled([1, 2].map(() => exchangeSignInCode(db, { code, nowMs: clock.nowMs })));
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("refuses a code after 15 minutes, and one that was never made", async () => {
    const { userId } = await addUser(stack, "viewer");
    const { code, expiresAtMs } = await createSignInCode(db, { userId, nowMs: clock.nowMs });
    await expect(exchangeSignInCode(db, { code, nowMs: expiresAtMs })).rejects.toThrow(AuthError);
    await expect(exchangeSignInCode(db, { code: "guess", nowMs: 0 })).rejects.toThrow(AuthError);
  });
});

describe("tokens", () => {
  it("end when they expire, although they are remembered", async () => {
    const { token } = await addUser(stack, "editor", { expiresAtMs: clock.nowMs + 5_000 });
    expect(await tokens.verify(token)).toMatchObject({ role: "editor" });
    clock.nowMs += 5_000;
    expect(await tokens.verify(token)).toBeUndefined();
  });

  it("end at once when they are revoked", async () => {
    const { token, tokenId } = await addUser(stack, "editor");
    expect(await tokens.verify(token)).toBeDefined();
    await tokens.revoke(tokenId);
    expect(await tokens.verify(token)).toBeUndefined();
  });

  it("are worth no more than their user is by now", async () => {
    const { token, userId } = await addUser(stack, "owner");
    await db.update(users).set({ role: "viewer" }).where(eq(users.id, userId));
    expect(await tokens.verify(token)).toMatchObject({ role: "viewer" });
  });
});
