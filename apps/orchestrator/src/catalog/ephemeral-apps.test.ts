import { newId } from "@bellows/protocol/ids";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { type EphemeralApp, EphemeralApps } from "./ephemeral-apps.ts";

const APP = newId();

function setUp(listed: EphemeralApp[] = []) {
  const state = { nowMs: 0, busy: new Set<string>(), stopped: [] as string[] };
  const apps = new EphemeralApps({
    list: async () => listed,
    hasUnfinishedCalls: async (appId) => state.busy.has(appId),
    stopApp: async (appId) => void state.stopped.push(appId),
    now: () => state.nowMs,
    log: pino({ level: "silent" }),
  });
  async function sweepAt(nowMs: number): Promise<string[]> {
    state.nowMs = nowMs;
    await apps.sweep();
    return state.stopped;
  }
  return { apps, state, sweepAt };
}

describe("ephemeral apps", () => {
  it("live as long as somebody holds them, and 30 s more", async () => {
    const { apps, sweepAt } = setUp();
    apps.track(APP);
    apps.hold(APP, "a");
    apps.hold(APP, "b");
    expect(await sweepAt(1_000_000)).toEqual([]);
    apps.release("a");
    expect(await sweepAt(2_000_000)).toEqual([]);
    apps.release("b");
    expect(await sweepAt(2_029_999)).toEqual([]);
    expect(await sweepAt(2_030_000)).toEqual([APP]);
  });

  it("survive a holder that reconnects within the grace", async () => {
    const { apps, sweepAt } = setUp();
    apps.track(APP);
    apps.hold(APP, "first");
    apps.release("first");
    await sweepAt(20_000);
    apps.hold(APP, "second");
    expect(await sweepAt(90_000)).toEqual([]);
  });

  it("are stopped when nobody ever held them", async () => {
    const { apps, sweepAt } = setUp();
    apps.track(APP);
    expect(await sweepAt(30_000)).toEqual([APP]);
  });

  it("live on, detached, until their calls are finished", async () => {
    const { apps, state, sweepAt } = setUp();
    apps.track(APP);
    apps.detach(APP);
    state.busy.add(APP);
    expect(await sweepAt(1_000_000)).toEqual([]);
    state.busy.clear();
    expect(await sweepAt(1_001_000)).toEqual([APP]);
  });

  it("give their holders 30 s to come back after a restart", async () => {
    const { apps, sweepAt } = setUp([{ appId: APP, detached: false }]);
    await apps.start();
    await apps.stop();
    expect(await sweepAt(29_999)).toEqual([]);
    expect(await sweepAt(30_000)).toEqual([APP]);
  });

  it("are stopped once", async () => {
    const { apps, sweepAt } = setUp();
    apps.track(APP);
    await sweepAt(30_000);
    expect(await sweepAt(60_000)).toEqual([APP]);
  });

  it("ignore holders of apps that are not ephemeral", async () => {
    const { apps, sweepAt } = setUp();
    apps.hold(APP, "a");
    apps.release("a");
    expect(await sweepAt(60_000)).toEqual([]);
  });
});
