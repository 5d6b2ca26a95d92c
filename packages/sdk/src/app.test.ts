import { APP_DEFINITION, DEFINITION, definitionsOf } from "@bellows/protocol/definitions";
import { setRuntimeContext } from "@bellows/protocol/runtime-context";
import { describe, expect, onTestFinished, test } from "vitest";
import { App } from "./app.ts";
import { currentCallId, currentInputId, currentSignal } from "./context.ts";
import { cron, period } from "./schedule.ts";

describe("an app", () => {
  test("knows its functions with their settings, its entrypoint and its name", () => {
    const app = new App("pages");
    const ocr = app.function({ timeout: "1h", retries: 2 }, async (page: string) => page.length);
    const plain = app.function(async () => 1);
    const named = app.function({ name: "other" }, () => 2);
    app.entrypoint(() => undefined);
    const definitions = definitionsOf({ app, ocr, plain, named });
    expect(definitions.functions.map((f) => f.name)).toEqual(["ocr", "plain", "other"]);
    expect(definitions.functions[0]?.settings).toMatchObject({ timeoutMs: 3_600_000, retries: { maxRetries: 2 } });
    expect(definitions.app.name).toBe("pages");
    expect(app[APP_DEFINITION].entrypoint).toBeTypeOf("function");
    expect(ocr[DEFINITION].handler).toBeTypeOf("function");
  });

  test.each<[string, () => unknown, string]>([
    [
      "a wrong option",
      () => new App("a").function({ scaledownWindow: 300 }, () => 1),
      "scaledownWindow: 300 ms is below 2 s",
    ],
    ["a name that is none", () => new App("my app"), '"my app" cannot name an app'],
    ["a second entrypoint", () => twoEntrypoints(), 'app "a" has an entrypoint already'],
    [
      "a generator that would be retried",
      () =>
        new App("a").function({ retries: 1 }, function* () {
          yield 1;
        }),
      "retries: not for a generator",
    ],
    // @ts-expect-error The handler is missing.
    ["no handler", () => new App("a").function({ timeout: "5s" }), "the handler is missing"],
  ])("%s is refused when it is defined", (_, define, reason) => {
    expect(define).toThrowError(expect.objectContaining({ code: "INVALID", message: expect.stringContaining(reason) }));
  });

  const batched = { maxBatchSize: 4, waitMs: 10 };
  test.each<[string, () => unknown, string]>([
    // @ts-expect-error There is no list.
    ["without lists", () => new App("a").function({ batched }, () => [1]), "batched: the handler takes no lists"],
    [
      "whose only list has a default",
      // @ts-expect-error Not every caller brings one.
      () => new App("a").function({ batched }, (texts: string[] = []) => texts),
      "batched: the handler takes no lists",
    ],
    [
      "that is a generator",
      () =>
        // @ts-expect-error It returns no list.
        new App("a").function({ batched }, function* (texts: string[]) {
          yield texts;
        }),
      "batched: not for a generator",
    ],
    [
      "that is called by the clock",
      // @ts-expect-error Nobody gives it its arguments.
      () => new App("a").function({ batched, schedule: period({ hours: 1 }) }, (texts: string[]) => texts),
      "schedule: not for a batched function, which is called with arguments",
    ],
    [
      "with batches that are too large",
      () => new App("a").function({ batched: { maxBatchSize: 1_001, waitMs: 0 } }, (texts: string[]) => texts),
      "batched.maxBatchSize: 1001 is above 1,000",
    ],
  ])("a batched function %s is refused when it is defined", (_, define, reason) => {
    expect(define).toThrowError(expect.objectContaining({ code: "INVALID", message: expect.stringContaining(reason) }));
  });

  function twoEntrypoints(): void {
    const app = new App("a");
    app.entrypoint(() => undefined);
    app.entrypoint(() => undefined);
  }
});

describe("local", () => {
  test("runs the body here", async () => {
    const app = new App("a");
    expect(await app.function((a: number, b = 2) => a + b).local(1)).toBe(3);
    await expect(
      app
        .function(() => {
          throw new TypeError("mine");
        })
        .local(),
    ).rejects.toThrowError(TypeError);
  });

  test("runs a batched body with a batch of one, and says when it returns something else than one result", async () => {
    const app = new App("a");
    const batched = { maxBatchSize: 4, waitMs: 10 };
    const embed = app.function({ batched }, async (texts: string[], factors: number[]) =>
      texts.map((text, i) => text.length * (factors[i] ?? 1)),
    );
    expect(await embed.local("abc", 2)).toBe(6);
    // @ts-expect-error A factor is missing.
    await expect(embed.local("abc")).rejects.toThrowError(
      "the input has 1 argument and the batched handler takes 2 lists",
    );
    await expect(app.function({ batched }, (_: string[]) => [1, 2]).local("x")).rejects.toThrowError(
      "the batch had 1 input and the handler returned a list of 2",
    );
  });
});

describe("schedules", () => {
  test("cron and period become the option", () => {
    expect(cron("0  8 * * 1-5", { timezone: "Europe/Berlin" })).toEqual({
      type: "cron",
      expression: "0 8 * * 1-5",
      timezone: "Europe/Berlin",
    });
    expect(cron("*/30 0 8 * * MON")).toMatchObject({ timezone: "UTC" });
    expect(period({ hours: 1, minutes: 30 })).toEqual({ type: "period", everyMs: 5_400_000 });
    const app = new App("a");
    const tick = app.function({ schedule: period({ days: 1 }) }, () => undefined);
    expect(tick[DEFINITION].settings.schedule).toEqual({ type: "period", everyMs: 86_400_000 });
  });

  test.each<[() => unknown, string]>([
    [() => cron("daily"), '"daily" is not a cron expression'],
    [() => cron("0 8 * *"), "five fields"],
    [() => cron("0 8 * * 1", { timezone: "Berlin" }), 'there is no time zone "Berlin"'],
    [() => period({}), "a period of 0 ms is below 1 s"],
    [() => period({ minutes: -5 }), "below 1 s"],
  ])("what is none is refused", (make, reason) => {
    expect(make).toThrowError(expect.objectContaining({ code: "INVALID", message: expect.stringContaining(reason) }));
  });
});

test("the input being worked on is known inside of a container only", () => {
  const outside = { connection: null, environment: "main", appName: null };
  onTestFinished(() => setRuntimeContext({ ...outside, currentInput: () => undefined }));
  expect([currentCallId(), currentInputId(), currentSignal()]).toEqual([undefined, undefined, undefined]);
  const { signal } = new AbortController();
  setRuntimeContext({ ...outside, currentInput: () => ({ callId: "c", index: 7, common: "input", signal }) });
  expect([currentCallId(), currentInputId(), currentSignal()]).toEqual(["c", "c:7", signal]);
});

test.each([
  ["input", ["c", "c:7"]],
  ["call", ["c", undefined]],
  ["nothing", [undefined, undefined]],
] as const)("of a batch is known what all of its inputs have in common: %s", (common, known) => {
  const outside = { connection: null, environment: "main", appName: null };
  onTestFinished(() => setRuntimeContext({ ...outside, currentInput: () => undefined }));
  const { signal } = new AbortController();
  setRuntimeContext({ ...outside, currentInput: () => ({ callId: "c", index: 7, common, signal }) });
  expect([currentCallId(), currentInputId()]).toEqual(known);
  expect(currentSignal()).toBe(signal);
});
