/** What callers of classes and generators see is inferred from their code: checked by the compiler, never run. */
import { expectTypeOf } from "vitest";
import type {
  BatchedClassHandle,
  BatchedHandle,
  BellowsError,
  EffectiveSettings,
  FunctionCall,
  FunctionHandle,
  GeneratorHandle,
  MapCall,
  RemoteYields,
} from "./sdk.ts";
import { App, Bellows, enter, exit, method } from "./sdk.ts";

const app = new App("types");
const bellows = new Bellows();

const Model = app.cls(
  { concurrent: { maxInputs: 8, targetInputs: 6 }, memorySnapshot: true },
  class {
    readonly name: string;
    readonly threshold: number;
    constructor(name: string, options: { threshold?: number } = {}) {
      this.name = name;
      this.threshold = options.threshold ?? 0;
    }
    @enter({ snap: true }) async load() {}
    @enter() warm() {}
    @method() async predict(x: number[], limit = 10): Promise<number> {
      return x.length + limit;
    }
    @method() parse(text: string) {
      return JSON.parse(text);
    }
    @method() join(first: string, ...rest: number[]) {
      return first + rest.length;
    }
    *walk() {
      yield this.name;
    }
    @exit() async close() {}
  },
);

const model = Model.instance("small", { threshold: 1 });
expectTypeOf(Model.instance).parameters.toEqualTypeOf<[name: string, options?: { threshold?: number } | undefined]>();
expectTypeOf(model.predict.remote).parameters.toEqualTypeOf<[x: number[], limit?: number | undefined]>();
expectTypeOf(model.predict.remote).returns.toEqualTypeOf<Promise<number>>();
expectTypeOf(model.predict.local).parameters.toEqualTypeOf<[x: number[], limit?: number | undefined]>();
expectTypeOf(model.predict.local).returns.toEqualTypeOf<Promise<number>>();
expectTypeOf(await model.predict.map([[1]]).toArray()).toEqualTypeOf<number[]>();
expectTypeOf(await model.predict.spawnMap([[1]], [5])).toEqualTypeOf<MapCall<number>>();
expectTypeOf(model.join.remote).parameters.toEqualTypeOf<[first: string, ...rest: number[]]>();
// Never `any`.
expectTypeOf(model.parse.remote).returns.toEqualTypeOf<Promise<unknown>>();
// @ts-expect-error The constructor needs a name.
Model.instance();
// @ts-expect-error A field is not called.
model.name;
// @ts-expect-error A generator is no method for callers.
model.walk;
// @ts-expect-error There is no such method.
model.train;
// @ts-expect-error It takes numbers.
model.predict.remote(["x"]);

// Scaled by hand: the class is its instance without arguments, a method is the instance that it is of.
expectTypeOf(Model.updateAutoscaler).toEqualTypeOf(model.predict.updateAutoscaler);
expectTypeOf(
  await Model.withOptions({ gpu: "any" }).updateAutoscaler({ minContainers: 2 }),
).toEqualTypeOf<EffectiveSettings>();

// Pools keep the types.
expectTypeOf(Model.withConcurrency({ maxInputs: 2 }).instance).parameters.toEqualTypeOf<
  [name: string, options?: { threshold?: number } | undefined]
>();
expectTypeOf(Model.withOptions({ timeout: "1h" }).instance("a").predict.remote).toEqualTypeOf(model.predict.remote);
// @ts-expect-error The name is the class's own.
Model.withOptions({ name: "other" });

// Callers of a batched class pass and get elements, of methods with lists.
const Embedder = app.cls(
  { batched: { maxBatchSize: 8, waitMs: 10 } },
  class {
    readonly model: string;
    constructor(model: string) {
      this.model = model;
    }
    @enter() async load() {}
    @method() async embed(texts: string[], sizes: number[]): Promise<number[][]> {
      return texts.map((_, i) => [sizes[i] ?? 0]);
    }
    lengths(texts: readonly string[]): readonly number[] {
      return texts.map((text) => text.length);
    }
    single(text: string) {
      return text;
    }
    count(texts: string[]) {
      return texts.length;
    }
  },
);
const { embed, lengths } = Embedder.instance("small");
expectTypeOf(embed.remote).parameters.toEqualTypeOf<[string, number]>();
expectTypeOf(embed.remote).returns.toEqualTypeOf<Promise<number[]>>();
expectTypeOf(embed.local("a", 1)).toEqualTypeOf<Promise<number[]>>();
expectTypeOf(await embed.map(["a"], [1]).toArray()).toEqualTypeOf<number[][]>();
expectTypeOf(Embedder.withBatching({ maxBatchSize: 2, waitMs: 0 }).instance("a").embed.remote).toEqualTypeOf(
  embed.remote,
);
expectTypeOf(
  Embedder.with({}).withOptions({ gpu: "any" }).withConcurrency({ maxInputs: 2 }).withBatching,
).toBeFunction();
expectTypeOf(lengths.remote).parameters.toEqualTypeOf<[string]>();
expectTypeOf(lengths.remote).returns.toEqualTypeOf<Promise<number>>();
// @ts-expect-error It takes one text, and no list.
embed.remote(["a"], 1);
// @ts-expect-error It gets no lists.
Embedder.instance("small").single;
// @ts-expect-error It returns no list.
Embedder.instance("small").count;
// @ts-expect-error A hook is not called.
Embedder.instance("small").load;
// @ts-expect-error It takes one input at a time.
Model.withBatching({ maxBatchSize: 2, waitMs: 0 });
expectTypeOf(bellows.classes.fromName<typeof Embedder>("a", "Embedder")).toEqualTypeOf<
  BatchedClassHandle<
    [model: string],
    {
      readonly embed: BatchedHandle<[string, number], number[]>;
      readonly lengths: BatchedHandle<[string], number>;
    }
  >
>();

// By name, with the types of the code and without the code.
const Named = bellows.classes.fromName<typeof Model>("pages", "Model");
expectTypeOf(Named.instance).parameters.toEqualTypeOf<[name: string, options?: { threshold?: number } | undefined]>();
expectTypeOf(Named.instance("a").predict).toEqualTypeOf<
  FunctionHandle<[x: number[], limit?: number | undefined], number>
>();
// @ts-expect-error The body is elsewhere.
Named.instance("a").predict.local;
const unknownMethod = bellows.classes.fromName("pages", "Model").instance().predict;
expectTypeOf(unknownMethod).toEqualTypeOf<FunctionHandle<unknown[], unknown> | undefined>();
// @ts-expect-error A class is not scheduled.
app.cls({ schedule: { type: "period", everyMs: 5_000 } }, class {});
// @ts-expect-error A hook takes no arguments.
app.cls(class { @enter() load(_: string) {} }); // biome-ignore format: one line, so that the error is on it

// Generators.
const counting = app.function(async function* (to: number, from = 0) {
  for (let n = from; n < to; n++) yield n;
});
const lines = app.function({ timeout: "1h" }, function* (text: string): Generator<string, number, undefined> {
  yield* text.split("\n");
  return 1;
});
expectTypeOf(counting.remoteGen).parameters.toEqualTypeOf<[to: number, from?: number | undefined]>();
expectTypeOf(counting.remoteGen).returns.toEqualTypeOf<RemoteYields<number>>();
expectTypeOf(await counting.updateAutoscaler({ bufferContainers: null })).toEqualTypeOf<EffectiveSettings>();
expectTypeOf(counting.local(3)).toEqualTypeOf<AsyncGenerator<number, undefined>>();
expectTypeOf(lines.remoteGen).toEqualTypeOf<(text: string) => RemoteYields<string>>();
for await (const n of counting.remoteGen(3)) expectTypeOf(n).toEqualTypeOf<number>();
// @ts-expect-error A generator is not waited for as a whole.
counting.remote(3);
// @ts-expect-error A generator is not mapped.
counting.map([3]);
// @ts-expect-error A generator is not spawned.
counting.spawn(3);
// @ts-expect-error A generator takes a number.
counting.remoteGen("3");
expectTypeOf(bellows.functions.fromName<typeof counting>("a", "counting")).toEqualTypeOf<
  GeneratorHandle<[to: number, from?: number | undefined], number>
>();
expectTypeOf(counting.withConcurrency({ maxInputs: 4 }).remoteGen).toEqualTypeOf(counting.remoteGen);
const loose = app.function(async function* () {
  yield JSON.parse("1");
});
for await (const value of loose.remoteGen()) expectTypeOf(value).toEqualTypeOf<unknown>();

declare const errors: BellowsError;
declare const spawned: FunctionCall<number>;
expectTypeOf(errors.code).toBeString();
expectTypeOf(spawned.logs()).toExtend<AsyncIterable<{ text: string }>>();
