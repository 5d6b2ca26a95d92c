import { NODE_IMAGE } from "@bellows/protocol/image";
import { pino } from "pino";
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from "vitest";
import type { ContainerSpec } from "../containers/driver.ts";
import { StandbyPool } from "./standby-pool.ts";

const IMAGE = { definition: NODE_IMAGE, packages: {} };

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A pool with one container, which has been started. */
async function poolOfOne(): Promise<{ pool: StandbyPool; containerId: string }> {
  let started = (_spec: ContainerSpec): void => {};
  const start = new Promise<ContainerSpec>((resolve) => {
    started = resolve;
  });
  const pool = new StandbyPool({
    driver: { standbyKey: () => "node", start: async (spec) => started(spec), stop: async () => {} },
    images: { ready: async () => {} },
    linkUrl: "",
    containerToken: () => "",
    budget: 1,
    now: () => 0,
    log: pino({ level: "silent" }),
  });
  pool.start();
  onTestFinished(() => pool.stop());
  await vi.runOnlyPendingTimersAsync();
  const { containerId } = await start;
  return { pool, containerId };
}

it("gives a container that has linked up again, whenever the end of its link before is noticed", async () => {
  const { pool, containerId } = await poolOfOne();
  const [before, after] = [() => {}, () => {}];
  pool.linked(containerId, before);
  pool.linked(containerId, after);
  pool.unlinked(containerId, before);
  expect(pool.claim(IMAGE)).toEqual({ containerId, hand: after });
});

it("gives none whose link is gone", async () => {
  const { pool, containerId } = await poolOfOne();
  const hand = (): void => {};
  pool.linked(containerId, hand);
  pool.unlinked(containerId, hand);
  expect(pool.claim(IMAGE)).toBeUndefined();
});
