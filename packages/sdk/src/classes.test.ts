/** Classes: what is defined, run here, and called on a server that speaks the frames over a real socket. */
import { DEFINITION, definitionsOf } from "@bellows/protocol/definitions";
import { setRuntimeContext } from "@bellows/protocol/runtime-context";
import { decodeValue } from "@bellows/protocol/values";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { App } from "./app.ts";
import { Bellows } from "./bellows.ts";
import { enter, exit, method } from "./lifecycle.ts";
import { answering, FakeOrchestrator, TOKEN } from "./testing/fake-orchestrator.ts";

// The runner of these tests leaves decorators as they are, so they are applied by hand, as a compiler does.
type Decorator = (body: never, context: never) => void;
function decorated<C extends { prototype: object }>(body: C, decorators: Record<string, Decorator>): C {
  for (const [name, decorate] of Object.entries(decorators)) {
    const context = { kind: "method", name, static: false, private: false };
    decorate(Reflect.get(body.prototype, name) as never, context as never);
  }
  return body;
}

const log: string[] = [];
const Model = decorated(
  class {
    readonly #factor: number;
    #bias = 0;
    constructor(factor = 1, _options: { fast?: boolean } = {}) {
      this.#factor = factor;
      log.push(`new ${factor}`);
    }
    async load() {
      this.#bias = 1;
      log.push("load");
    }
    warm() {
      log.push("warm");
    }
    async predict(x: number) {
      return this.#factor * x + this.#bias;
    }
    helper() {
      return "not for callers";
    }
    close() {
      log.push("close");
    }
  },
  { load: enter({ snap: true }), warm: enter(), predict: method(), close: exit() },
);

let server: FakeOrchestrator;
beforeEach(async () => {
  log.length = 0;
  server = await new FakeOrchestrator(answering((name: string, x: number) => `${name} ${x}`)).start();
  const here = { url: server.url, token: TOKEN };
  setRuntimeContext({ connection: here, environment: "main", appName: null, currentInput: () => undefined });
});
afterEach(async () => {
  setRuntimeContext({ connection: null, environment: "main", appName: null, currentInput: () => undefined });
  await server.stop();
});

function defined() {
  const app = new App("pages");
  const handle = app.cls({ timeout: "1m" }, Model);
  definitionsOf({ app, Model: handle });
  return handle;
}

const opened = () => server.framesOf("open").at(-1);

describe("a class of an app", () => {
  test("is one function with its methods and hooks", () => {
    const definition = defined()[DEFINITION];
    expect(definition).toMatchObject({
      name: "Model",
      handler: Model,
      settings: { kind: "class", methods: ["predict"], timeoutMs: 60_000 },
      hooks: {
        enter: [
          { name: "load", snap: true },
          { name: "warm", snap: false },
        ],
        exit: ["close"],
      },
    });
  });

  test("methods that are inherited count, those that are overridden as the class says", () => {
    class Loud extends Model {
      shout() {
        return "!";
      }
      override warm() {}
    }
    const app = new App("pages");
    const { settings, hooks } = app.cls(decorated(Loud, { shout: method() }))[DEFINITION];
    expect(settings.methods).toEqual(["predict", "shout"]);
    expect(hooks).toEqual({ enter: [{ name: "load", snap: true }], exit: ["close"] });
  });

  test("its methods are called by name, in the deployed pool when nothing differs", async () => {
    const model = defined().instance();
    expect(await model.predict.remote(4)).toBe("predict 4");
    expect(opened()).toMatchObject({ function: "Model", method: "predict", kind: "remote", pool: null });
    expect(decodeValue(server.framesOf("inputs")[0]?.values[0] ?? new Uint8Array())).toEqual(["predict", 4]);
    expect(await model.predict.map([1, 2]).toArray()).toEqual(["predict 1", "predict 2"]);
    expect(await model.predict.starmap([[3]]).toArray()).toEqual(["predict 3"]);
  });

  test("other arguments or settings are a pool of its own, the same ones the same pool", async () => {
    const handle = defined();
    const pools = [];
    for (const model of [
      handle.instance(3, { fast: true }),
      handle.instance(3, { fast: true }),
      handle.withOptions({ timeout: "5s" }).withConcurrency({ maxInputs: 4 }).instance(),
    ]) {
      await model.predict.remote(1);
      pools.push(opened()?.pool);
    }
    const [first, second, third] = pools;
    expect(decodeValue(first?.parameters ?? new Uint8Array())).toEqual([3, { fast: true }]);
    expect([...(second?.parameters ?? [])]).toEqual([...(first?.parameters ?? [1])]);
    expect(third).toMatchObject({
      parameters: null,
      settings: { timeoutMs: 5_000, maxInputs: 4, targetInputs: 4 },
    });
    expect(() => handle.withOptions({ minContainers: 200 })).toThrowError("minContainers: 200 is above maxContainers");
    expect(() => handle.withConcurrency({ maxInputs: 0 })).toThrowError("maxInputs: 0 is below 1");
  });

  test("a method that is not marked is refused when it is called, not before", async () => {
    const model = defined().instance();
    const unmarked = {
      code: "INVALID",
      message: expect.stringContaining('"Model" of app "pages" has no method "helper"'),
    };
    await expect(model.helper.remote()).rejects.toMatchObject(unmarked);
    await expect(model.helper.local()).rejects.toMatchObject(unmarked);
    expect(await Promise.resolve(model)).toBe(model);
  });

  test("is no instance: its methods and verbs say so", () => {
    const handle = defined();
    const sentence = /"Model" of app "pages" is a class; use a method of an instance of it/;
    expect(() => Reflect.get(Reflect.get(handle, "predict"), "remote")(1)).toThrow(sentence);
    expect(() => Reflect.get(handle, "map")([1])).toThrow(sentence);
  });

  test("runs here, too: one object an instance, its enter methods before its first call", async () => {
    const model = defined().instance(3);
    expect(log).toEqual([]);
    expect(await Promise.all([model.predict.local(2), model.predict.local(3)])).toEqual([7, 10]);
    expect(log).toEqual(["new 3", "load", "warm"]);
  });

  test("is found by name, without its code", async () => {
    const bellows = new Bellows();
    const model = bellows.classes.fromName<ReturnType<typeof defined>>("pages", "Model").instance(2);
    expect(await model.predict.remote(5)).toBe("predict 5");
    // What is no class would take the name for an argument: the orchestrator, which knows, refuses it.
    expect(opened()).toMatchObject({ function: "Model", method: "predict", pool: { settings: {} } });
    expect(await bellows.classes.fromName("pages", "Model").instance().anything?.remote(6)).toBe("anything 6");
    await bellows.close();
  });
});

describe("a batched class", () => {
  const batched = { maxBatchSize: 8, waitMs: 10 };
  const classOf = (methods: string[]) =>
    decorated(
      class {
        readonly #factor = 2;
        scale(numbers: number[], offsets: number[]) {
          return numbers.map((n, at) => n * this.#factor + (offsets[at] ?? 0));
        }
        other(numbers: number[]) {
          return numbers;
        }
        none() {
          return [];
        }
      },
      Object.fromEntries(methods.map((name) => [name, method()])),
    );

  test("is called by elements, and runs here with a batch of one", async () => {
    const app = new App("pages");
    const Scaler = app.cls({ batched, name: "Scaler" }, classOf(["scale"]));
    const { scale } = Scaler.instance();
    expect(await scale.local(5, 1)).toBe(11);
    // @ts-expect-error An offset is missing.
    await expect(scale.local(5)).rejects.toThrowError("has 1 argument and the batched handler takes 2");
    await scale.remote(5, 1);
    expect(decodeValue(server.framesOf("inputs")[0]?.values[0] ?? new Uint8Array())).toEqual(["scale", 5, 1]);
    expect(opened()?.pool).toBeNull();
    await Scaler.withBatching({ maxBatchSize: 2, waitMs: 0 }).instance().scale.remote(5, 1);
    expect(opened()?.pool).toMatchObject({ settings: { batched: { maxBatchSize: 2, waitMs: 0 } } });
  });

  test.each([
    [["scale", "other"], "batched: a batch is of one method, and this class has 2 that can be called (scale, other)"],
    [["none"], 'batched: method "none" takes no lists'],
  ])("with the methods %j is refused when it is defined", (methods, reason) => {
    expect(() => new App("a").cls({ batched }, classOf(methods))).toThrowError(
      expect.objectContaining({ code: "INVALID", message: expect.stringContaining(reason) }),
    );
  });
});

describe("what is none is refused when it is defined", () => {
  test.each<[string, () => unknown, string]>([
    ["a class without methods", () => new App("a").cls(class {}), "no method that can be called"],
    // @ts-expect-error The class is missing.
    ["no class", () => new App("a").cls({}), "the class is missing"],
    [
      "a schedule",
      // @ts-expect-error A class is not scheduled.
      () => new App("a").cls({ schedule: { type: "period", everyMs: 5_000 } }, Model),
      "schedule: not for a class",
    ],
    [
      "a legacy decorator",
      () => (method() as unknown as (target: object, name: string) => void)({}, "predict"),
      "experimentalDecorators",
    ],
    [
      "a static method",
      () => method()(() => 1, { kind: "method", name: "x", static: true, private: false } as never),
      '"x" is none of them',
    ],
    [
      "a generator method",
      () =>
        decorated(
          class {
            *run() {
              yield 1;
            }
          },
          { run: method() },
        ),
      'method "run" is a generator',
    ],
    [
      "a method marked twice",
      () => {
        class Twice {
          run() {}
        }
        decorated(decorated(Twice, { run: method() }), { run: enter() });
      },
      "leave it one",
    ],
  ])("%s", (_, define, reason) => {
    expect(define).toThrowError(expect.objectContaining({ code: "INVALID", message: expect.stringContaining(reason) }));
  });
});

test("a generator runs here as it does there", async () => {
  const app = new App("a");
  const upTo = app.function({ name: "upTo" }, async function* (to: number) {
    for (let n = 0; n < to; n++) yield n;
  });
  expect(upTo[DEFINITION].settings.kind).toBe("generator");
  const values: number[] = [];
  for await (const value of upTo.local(3)) values.push(value);
  expect(values).toEqual([0, 1, 2]);
});
