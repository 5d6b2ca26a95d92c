import { InvalidError } from "@bellows/protocol/errors";
import { type FunctionOptions, type FunctionSettings, parseFunctionOptions } from "@bellows/protocol/function-options";
import { describe, expect, it, test } from "vitest";
import { refuseMethods, refuseOutOfBounds, refuseUnservable } from "./servable.ts";

const NOTHING = {
  isolation: false,
  gpus: [],
  images: false,
  memoryLimit: false,
  cpuLimit: false,
  blockNetwork: false,
};
const EVERYTHING = {
  isolation: true,
  gpus: [{ id: "0", name: "H100", memoryMiB: null }],
  images: true,
  memoryLimit: true,
  cpuLimit: true,
  blockNetwork: true,
};

describe("refuseUnservable", () => {
  it.each<[string, FunctionOptions]>([
    ["image", { image: { base: { type: "node" }, steps: [{ type: "copy", from: "a", to: "a", archive: null }] } }],
    ["schedule", { schedule: { type: "period", everyMs: 60_000 } }],
    ["memorySnapshot", { memorySnapshot: true }],
    ["gpuSnapshot", { gpuSnapshot: true }],
  ])("never lets %s be ignored", (option, options) => {
    const settings = parseFunctionOptions(options);
    expect(() => refuseUnservable("ocr", settings, EVERYTHING)).toThrow(InvalidError);
    expect(() => refuseUnservable("ocr", settings, EVERYTHING)).toThrow(`function "ocr", option ${option}: `);
  });

  it.each<[string, FunctionOptions]>([
    ["blockNetwork", { blockNetwork: true }],
    ["cpu", { cpu: 2 }],
    ["memory", { memory: 256 }],
  ])("lets %s through where the driver can do it only", (option, options) => {
    const settings = parseFunctionOptions(options);
    expect(() => refuseUnservable("ocr", settings, EVERYTHING)).not.toThrow();
    expect(() => refuseUnservable("ocr", settings, NOTHING)).toThrow(`option ${option}: the driver in use cannot`);
  });

  it("asks nothing of a driver for the defaults", () => {
    expect(() => refuseUnservable("ocr", parseFunctionOptions(), NOTHING)).not.toThrow();
  });
});

it("never lets the retries of a generator be ignored", () => {
  const generator = { ...parseFunctionOptions({ retries: 2 }), kind: "generator" as const };
  expect(() => refuseUnservable("lines", generator, EVERYTHING)).toThrow('function "lines", option retries: ');
  expect(() => refuseUnservable("lines", { ...generator, kind: "function" }, EVERYTHING)).not.toThrow();
});

describe("batches", () => {
  const batched = parseFunctionOptions({ batched: { maxBatchSize: 8, waitMs: 10 } });

  it("are for functions, and for a class with one method", () => {
    expect(() => refuseUnservable("embed", batched, NOTHING)).not.toThrow();
    expect(() => refuseUnservable("Model", { ...batched, kind: "class", methods: ["embed"] }, NOTHING)).not.toThrow();
  });

  it.each<[string, Partial<FunctionSettings>, string]>([
    ["generators", { kind: "generator" }, "what a generator yields streams to one caller"],
    ["a class with several methods", { kind: "class", methods: ["embed", "score"] }, "a batch is of one method"],
  ])("are not for %s", (_, settings, reason) => {
    expect(() => refuseUnservable("embed", { ...batched, ...settings }, EVERYTHING)).toThrow(
      `function "embed", option batched: ${reason}`,
    );
  });
});

test.each<[string[], string | null]>([
  [["H100"], null],
  [["H200", "any"], null],
  [["A10G"], "this host has no A10G; it has H100:1"],
  [["H100:2"], "this host has no H100:2; it has H100:1"],
])("GPUs that the host can never give are refused with what it has: %j", (gpu, reason) => {
  const deploy = () => refuseUnservable("draw", parseFunctionOptions({ gpu }), EVERYTHING);
  if (reason === null) expect(deploy).not.toThrow();
  else expect(deploy).toThrow(`function "draw", option gpu: ${reason}; ask for what it has, or leave it out`);
});

describe("refuseMethods", () => {
  const withMethods = (kind: FunctionSettings["kind"], ...methods: string[]) => ({
    ...parseFunctionOptions(),
    kind,
    methods,
  });

  it("lets a class through that can be called", () => {
    expect(() => refuseMethods("Model", withMethods("class", "predict", "$embed"))).not.toThrow();
    expect(() => refuseMethods("ocr", withMethods("function"))).not.toThrow();
  });

  it.each<[string, FunctionSettings]>([
    ['class "Model" has no method to call; mark one with @method()', withMethods("class")],
    ['class "Model": two methods are named "predict"', withMethods("class", "predict", "predict")],
    ['class "Model": "constructor" is not the name of a method', withMethods("class", "constructor")],
    ['class "Model": "a.b" is not the name of a method', withMethods("class", "a.b")],
    ['"Model" is a generator and has no methods', withMethods("generator", "predict")],
  ])("says %s", (message, settings) => {
    expect(() => refuseMethods("Model", settings)).toThrow(message);
  });
});

describe("refuseOutOfBounds", () => {
  it("holds clients without the SDK to the same bounds", () => {
    const settings = parseFunctionOptions();
    expect(() => refuseOutOfBounds("ocr", settings)).not.toThrow();
    expect(() => refuseOutOfBounds("ocr", { ...settings, maxContainers: 4_001 })).toThrow(
      'function "ocr", option maxContainers: 4001 is above 4,000',
    );
    expect(() => refuseOutOfBounds("ocr", { ...settings, minContainers: 9, maxContainers: 3 })).toThrow(InvalidError);
    expect(() => refuseOutOfBounds("9 lives", settings)).toThrow(InvalidError);
  });

  it("lets nobody make a folder of the host into a volume", () => {
    const settings = parseFunctionOptions();
    expect(() => refuseOutOfBounds("ocr", { ...settings, volumes: { "/data": "../../.." } })).toThrow(
      'function "ocr", option volumes./data: "../../.." cannot name a volume',
    );
    expect(() => refuseOutOfBounds("ocr", { ...settings, volumes: { "/data:/etc": "data" } })).toThrow(InvalidError);
  });
});
