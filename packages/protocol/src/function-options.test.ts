import { describe, expect, test } from "vitest";
import type { FunctionOptions } from "./function-options.ts";
import { parseFunctionOptions, poolSettings } from "./function-options.ts";

describe("options of a function", () => {
  test("none: every default is filled in", () => {
    expect(parseFunctionOptions()).toMatchObject({
      minContainers: 0,
      maxContainers: 100,
      bufferContainers: 0,
      scaledownWindowMs: 60_000,
      scaleupWindowMs: 0,
      maxInputs: 1,
      targetInputs: 1,
      batched: null,
      retries: { maxRetries: 0 },
      timeoutMs: 300_000,
      startupTimeoutMs: 300_000,
      gpu: null,
    });
  });

  test("what is given becomes settings in milliseconds, lists and full policies", () => {
    const settings = parseFunctionOptions({
      timeout: "1h",
      retries: 2,
      gpu: "A10G:2",
      concurrent: { maxInputs: 8, targetInputs: 6 },
      batched: { maxBatchSize: 32, waitMs: 100 },
      scaledownWindow: 5_000,
    });
    expect(settings).toMatchObject({
      timeoutMs: 3_600_000,
      startupTimeoutMs: 3_600_000,
      retries: { maxRetries: 2, backoffCoefficient: 1, initialDelayMs: 1_000, maxDelayMs: 60_000 },
      gpu: ["A10G:2"],
      maxInputs: 8,
      targetInputs: 6,
      batched: { maxBatchSize: 32, waitMs: 100 },
      scaledownWindowMs: 5_000,
    });
    expect(parseFunctionOptions({ retries: { maxRetries: 3 } }).retries).toEqual({
      maxRetries: 3,
      backoffCoefficient: 2,
      initialDelayMs: 1_000,
      maxDelayMs: 60_000,
    });
  });

  test.each([
    [{ scaledownWindow: 300 }, 'scaledownWindow: 300 ms is below 2 s; did you mean "300s"?'],
    [{ timeout: "25h" }, 'timeout: "25h" is above 1 d'],
    [{ timeout: "soon" }, 'timeout: "soon" is not a duration; write milliseconds or a string such as "100ms"'],
    [{ minContainers: -1 }, "minContainers: -1 is below 0"],
    [{ maxContainers: 4_001 }, "maxContainers: 4001 is above 4,000"],
    [{ maxContainers: 1.5 }, "maxContainers: 1.5 is not a whole number"],
    [{ maxContainers: "many" }, 'maxContainers: "many" is not a number'],
    [{ minContainers: 5, maxContainers: 2 }, "minContainers: 5 is above maxContainers 2"],
    [{ concurrent: { maxInputs: 2, targetInputs: 3 } }, "concurrent.targetInputs: 3 is above maxInputs 2"],
    [{ concurrent: 3 }, "concurrent: 3 is not { maxInputs, targetInputs }"],
    [
      { concurrent: { maxInput: 3, maxInputs: 3 } },
      "concurrent.maxInput: there is no such option; the options are maxInputs, targetInputs",
    ],
    [{ retries: 11 }, "retries: 11 is above 10"],
    [{ retries: { maxRetries: 11 } }, "retries.maxRetries: 11 is above 10"],
    [{ retries: "twice" }, 'retries: "twice" is not a number of retries or { maxRetries'],
    [{ retries: { maxRetries: 1, maxDelay: "2m" } }, 'retries.maxDelay: "2m" is above 1 min'],
    [{ gpu: "two H100" }, 'gpu: "two H100" is not a GPU; write "H100"'],
    [{ gpu: [] }, "gpu: an empty list names no GPU"],
    [{ gpu: 1 }, "gpu: 1 is not a GPU"],
    [{ env: { "a b": "x" } }, "env.a b: is not the name of an environment variable"],
    [{ env: { A: 1 } }, "env.A: 1 is not text; environment variables are strings"],
    [{ volumes: { data: "v" } }, "volumes.data: is not an absolute path"],
    [{ schedule: "daily" }, 'schedule: "daily" is not a schedule; write cron('],
    [{ batched: { maxBatchSize: 1_001, waitMs: 0 } }, "batched.maxBatchSize: 1001 is above 1,000"],
    [{ batched: { maxBatchSize: 8, waitMs: 600_001 } }, "batched.waitMs: 600001 is above 600,000"],
    [{ batched: { maxBatchSize: 8 } }, "batched.waitMs: undefined is not a number"],
    [
      { batched: { maxBatchSize: 8, waitMs: 5 }, schedule: { type: "period", everyMs: 60_000 } },
      "schedule: not for a batched function, which is called with arguments",
    ],
    [{ singleUseContainers: 1 }, "singleUseContainers: 1 is not true or false"],
    [{ timeoutMs: 5 }, "timeoutMs: there is no such option; the options are name, minContainers"],
    [{ name: "1st" }, 'name: "1st" must start with a letter'],
    [null, "null is not an object of options"],
  ])("%j is refused with its reason", (options, reason) => {
    expect(() => parseFunctionOptions(options as FunctionOptions)).toThrowError(
      expect.objectContaining({ code: "INVALID", message: expect.stringContaining(reason) }),
    );
  });
});

describe("a pool of a function", () => {
  const batched = { maxBatchSize: 8, waitMs: 5 };

  test("may have other batches, or fewer at a time", () => {
    const base = parseFunctionOptions({ batched });
    expect(poolSettings(base, { batched: { maxBatchSize: 2, waitMs: 0 }, maxInputs: 3 })).toMatchObject({
      batched: { maxBatchSize: 2, waitMs: 0 },
      maxInputs: 3,
    });
  });

  test("cannot change whether the handler gets lists", () => {
    expect(() => poolSettings(parseFunctionOptions(), { batched })).toThrow("batched: the function takes one input");
    expect(() => poolSettings(parseFunctionOptions({ batched }), { batched: null })).toThrow(
      "the function takes lists",
    );
  });
});
