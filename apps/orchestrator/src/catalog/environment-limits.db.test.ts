import { openDatabase } from "@bellows/db/client";
import { environments } from "@bellows/db/schema/environments";
import { cloneTestDatabase } from "@bellows/db/testing";
import { InvalidError, NotFoundError } from "@bellows/protocol/errors";
import { newId } from "@bellows/protocol/ids";
import { DEFAULT_LIMITS } from "@bellows/protocol/limits";
import { afterAll, expect, test } from "vitest";
import { environmentLimits, setEnvironmentLimits } from "./environment-limits.ts";

const { db, close } = openDatabase(await cloneTestDatabase());
afterAll(() => close());
await db.insert(environments).values({ id: newId(), name: "main", createdAtMs: 0 });

test("what was set holds, what was not is the default, and null goes back to it", async () => {
  expect(await environmentLimits(db, "main")).toEqual({ environment: "main", limits: DEFAULT_LIMITS, set: [] });
  await setEnvironmentLimits(db, "main", { containers: 7, syncInputs: 9 });
  expect(await environmentLimits(db, "main")).toEqual({
    environment: "main",
    limits: { ...DEFAULT_LIMITS, containers: 7, syncInputs: 9 },
    set: ["syncInputs", "containers"],
  });
  const view = await setEnvironmentLimits(db, "main", { containers: null, syncInputs: undefined });
  expect(view).toEqual({ environment: "main", limits: { ...DEFAULT_LIMITS, syncInputs: 9 }, set: ["syncInputs"] });
});

test("two changes at once both hold", async () => {
  await Promise.all([
    setEnvironmentLimits(db, "main", { pendingSyncInputs: 11 }),
    setEnvironmentLimits(db, "main", { asyncCallsPerSecond: 12 }),
  ]);
  expect((await environmentLimits(db, "main")).limits).toMatchObject({
    pendingSyncInputs: 11,
    asyncCallsPerSecond: 12,
  });
});

test("a value out of bounds names limit, value and bound, and nothing is changed", async () => {
  const before = await environmentLimits(db, "main");
  for (const value of [0, 4_001, 1.5, Number.NaN]) {
    const refused = await setEnvironmentLimits(db, "main", { syncInputs: 5, containers: value }).catch(
      (e: unknown) => e,
    );
    expect(refused).toBeInstanceOf(InvalidError);
    expect(String(refused)).toContain(`containers: ${value} is not a whole number from 1 to 4,000`);
  }
  const unknown: object = { machines: 5 };
  await expect(setEnvironmentLimits(db, "main", unknown)).rejects.toThrow('there is no limit "machines"');
  await expect(setEnvironmentLimits(db, "mian", {})).rejects.toThrow(NotFoundError);
  expect(await environmentLimits(db, "main")).toEqual(before);
});
