import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runExitHooks } from "./exit-hooks.ts";

const never = () => new Promise<never>(() => {});

/** Exit hooks by name, and what is seen of them. */
function run(hooks: Record<string, () => unknown>) {
  const ran: string[] = [];
  const told: string[] = [];
  let hasEnded = false;
  const list = Object.entries(hooks).map(([name, body]) => ({
    name,
    run: () => {
      ran.push(name);
      return body();
    },
  }));
  const ended = runExitHooks(list, {
    graceMs: 30_000,
    told: (sentence, thrown) => told.push(thrown instanceof Error ? `${sentence}: ${thrown.message}` : sentence),
  }).then(() => {
    hasEnded = true;
  });
  return { ran, told, ended, hasEnded: () => hasEnded };
}

describe("exit hooks", () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => vi.useRealTimers());

  it("run in order, each after the one before", async () => {
    let isClosed = false;
    const { ran, told, ended } = run({
      close: async () => {
        await null;
        isClosed = true;
      },
      report: () => expect(isClosed).toBe(true),
    });
    await ended;
    expect(ran).toEqual(["close", "report"]);
    expect(told).toEqual([]);
  });

  it("that throw, at once or later, are told of and do not stop the others", async () => {
    const { ran, told, ended } = run({
      first: () => {
        throw new Error("no file");
      },
      second: async () => {
        throw new Error("no host");
      },
      third: () => {},
    });
    await ended;
    expect(ran).toEqual(["first", "second", "third"]);
    expect(told).toEqual(["the exit hook `first` failed: no file", "the exit hook `second` failed: no host"]);
  });

  it("that hang leave the others their share, and are left behind when the grace is over", async () => {
    const { ran, told, ended, hasEnded } = run({ hanging: never, closing: () => {} });
    await vi.advanceTimersByTimeAsync(14_999);
    expect(ran).toEqual(["hanging"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ran).toEqual(["hanging", "closing"]);
    await vi.advanceTimersByTimeAsync(14_999);
    expect(hasEnded()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await ended;
    expect(told).toEqual(["the exit hook `hanging` did not end within 30s; it was left behind"]);
  });

  it("that need more than their share still have the whole grace", async () => {
    const { told, ended } = run({
      slow: () => new Promise<void>((resolve) => setTimeout(resolve, 25_000)),
      quick: () => {},
    });
    await vi.advanceTimersByTimeAsync(25_000);
    await ended;
    expect(told).toEqual([]);
  });
});
