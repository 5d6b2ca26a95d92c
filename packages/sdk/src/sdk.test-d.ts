/** What callers see is inferred from the handler: checked by the compiler, never run. */
import { expectTypeOf } from "vitest";
import type { ApiClient } from "./api-client.ts";
import type { BatchedHandle, BellowsError, EffectiveSettings, HandleStats, SettingLayer } from "./sdk.ts";
import { App, Bellows, cron, FunctionCall, MapCall } from "./sdk.ts";

const app = new App("types");
const batched = { maxBatchSize: 8, waitMs: 10 };

const ocr = app.function({ timeout: "1h" }, async (page: Uint8Array): Promise<string> => String(page.length));
const plain = app.function((a: number, b?: string) => ({ a, b }));
const limited = app.function((page: string, limit = 10) => page.slice(0, limit));
const greeting = app.function({ schedule: cron("0 8 * * *") }, (name = "all") => `hello ${name}`);
const many = app.function(async (first: string, ...rest: number[]) => rest.length + first.length);
const nothing = app.function(async () => undefined);
const untyped = app.function((text: string) => JSON.parse(text));
const embed = app.function({ batched }, async (texts: string[]): Promise<number[][]> => texts.map(() => [1]));
const pair = app.function({ batched }, (texts: string[], pages: Uint8Array[]) =>
  texts.map((t, i) => `${t}${pages[i]}`),
);
const readonlyLists = app.function({ batched }, async (texts: readonly string[], sizes: readonly number[]) =>
  texts.map((text, i) => text.slice(sizes[i])),
);
const readonlyResults = app.function(
  { batched },
  async (texts: string[]): Promise<readonly number[]> => texts.map((text) => text.length),
);
const daily = app.function({ schedule: cron("0 8 * * *") }, async (day?: string) => day ?? "today");

// One parameter, bytes.
expectTypeOf(ocr.remote).parameters.toEqualTypeOf<[page: Uint8Array]>();
expectTypeOf(ocr.remote).returns.toEqualTypeOf<Promise<string>>();
expectTypeOf(ocr.local).parameters.toEqualTypeOf<[page: Uint8Array]>();
expectTypeOf(ocr.spawn).returns.toEqualTypeOf<Promise<FunctionCall<string>>>();
expectTypeOf((await ocr.spawn(new Uint8Array())).get).returns.toEqualTypeOf<Promise<string>>();
// @ts-expect-error A page is bytes.
ocr.remote("page");
// @ts-expect-error A page is missing.
ocr.remote();

// Optional and rest parameters.
expectTypeOf(plain.remote).parameters.toEqualTypeOf<[a: number, b?: string | undefined]>();
expectTypeOf(plain.remote).returns.toEqualTypeOf<Promise<{ a: number; b: string | undefined }>>();
expectTypeOf(limited.remote).parameters.toEqualTypeOf<[page: string, limit?: number | undefined]>();
expectTypeOf(limited.remote).returns.toEqualTypeOf<Promise<string>>();
expectTypeOf(greeting.remote).parameters.toEqualTypeOf<[name?: string | undefined]>();
expectTypeOf(many.remote).parameters.toEqualTypeOf<[first: string, ...rest: number[]]>();
expectTypeOf(nothing.remote).parameters.toEqualTypeOf<[]>();
expectTypeOf(nothing.remote).returns.toEqualTypeOf<Promise<undefined>>();

// Never `any`.
expectTypeOf(untyped.remote).returns.toEqualTypeOf<Promise<unknown>>();
expectTypeOf(await untyped.map(["1"]).toArray()).toEqualTypeOf<unknown[]>();

// Callers of a batched function pass and get elements.
expectTypeOf(embed.remote).parameters.toEqualTypeOf<[string]>();
expectTypeOf(embed.remote).returns.toEqualTypeOf<Promise<number[]>>();
expectTypeOf(pair.remote).parameters.toEqualTypeOf<[string, Uint8Array]>();
expectTypeOf(pair.remote).returns.toEqualTypeOf<Promise<string>>();
// Lists of which nothing is changed are lists.
expectTypeOf(readonlyLists.remote).parameters.toEqualTypeOf<[string, number]>();
expectTypeOf(readonlyLists.remote).returns.toEqualTypeOf<Promise<string>>();
expectTypeOf(readonlyResults.remote).parameters.toEqualTypeOf<[string]>();
expectTypeOf(readonlyResults.remote).returns.toEqualTypeOf<Promise<number>>();
// @ts-expect-error A batched handler gets lists.
app.function({ batched }, (text: string) => [text]);
// @ts-expect-error A batched handler returns a list.
app.function({ batched }, (texts: string[]) => texts.length);

// Each caller brings one element for each list.
// @ts-expect-error There is no list.
app.function({ batched }, () => [1]);
// @ts-expect-error Those who leave out a limit would bring none.
app.function({ batched }, (texts: string[], limits: number[] = []) => texts.map((t, i) => t.slice(0, limits[i])));
// @ts-expect-error How many lists there are is not known.
app.function({ batched }, (...lists: string[][]) => lists.flat());
// @ts-expect-error Nobody gives it its arguments.
app.function({ batched, schedule: cron("0 8 * * *") }, (texts: string[]) => texts);
const parsed = app.function({ batched }, (texts: string[]) => texts.map((text) => JSON.parse(text)));
expectTypeOf(parsed.remote).returns.toEqualTypeOf<Promise<unknown>>();
const apart = app.function({ batched }, (texts: string[]) => texts.map(async (text) => text.length));
expectTypeOf(apart.remote).returns.toEqualTypeOf<Promise<number>>();
expectTypeOf(pair.local).parameters.toEqualTypeOf<[string, Uint8Array]>();

// Other batches are a pool of their own, of a batched function.
expectTypeOf(pair.withBatching({ maxBatchSize: 4, waitMs: 0 })).toEqualTypeOf<
  BatchedHandle<[string, Uint8Array], string>
>();
expectTypeOf(pair.with({}).withOptions({ timeout: "1h" }).withConcurrency({ maxInputs: 2 }).withBatching).toEqualTypeOf(
  pair.withBatching,
);
// @ts-expect-error It takes one input at a time.
ocr.withBatching(batched);
// @ts-expect-error How long inputs wait is missing.
pair.withBatching({ maxBatchSize: 4 });

// A scheduled function is called without arguments.
expectTypeOf(daily.remote).parameters.toEqualTypeOf<[day?: string | undefined]>();
// @ts-expect-error Nobody gives it its argument.
app.function({ schedule: cron("0 8 * * *") }, async (day: string) => day);
// @ts-expect-error There is no such option.
app.function({ timeoutMs: 5 }, () => 1);
// @ts-expect-error Not a duration.
app.function({ timeout: "5 minutes" }, () => 1);

// map: an iterable for each parameter, trailing optional ones may be left out, options come last.
async function* pages(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array();
}
for await (const text of ocr.map(pages())) expectTypeOf(text).toEqualTypeOf<string>();
expectTypeOf(await ocr.map([new Uint8Array()], { ordered: false }).toArray()).toEqualTypeOf<string[]>();
expectTypeOf(await ocr.map(pages(), { returnExceptions: true }).toArray()).toEqualTypeOf<(string | BellowsError)[]>();
expectTypeOf(await ocr.map(pages(), { returnExceptions: false }).toArray()).toEqualTypeOf<string[]>();
plain.map([1, 2]);
plain.map([1, 2], { ordered: false });
plain.map([1, 2], new Set(["a"]));
plain.map([1, 2], ["a"], { onProgress: ({ succeeded, total }) => void [succeeded, total] });
pair.map(["a"], pages());
embed.map(["a", "b"]);
// @ts-expect-error Pages are bytes.
ocr.map(["page"]);
// @ts-expect-error Both lists are needed.
pair.map(["a"]);
// @ts-expect-error One list is needed.
plain.map();
// @ts-expect-error Not an option of map.
ocr.map(pages(), { order: false });
// @ts-expect-error A function without parameters has nothing to be mapped over.
nothing.map([1]);

// starmap: lists of arguments.
expectTypeOf(await plain.starmap([[1], [2, "b"]]).toArray()).toEqualTypeOf<{ a: number; b: string | undefined }[]>();
expectTypeOf(await many.starmap([["a", 1, 2]], { returnExceptions: true }).toArray()).toEqualTypeOf<
  (number | BellowsError)[]
>();
expectTypeOf(await pair.starmap(new Set([["a", new Uint8Array()] as const])).toArray()).toEqualTypeOf<string[]>();
nothing.starmap([[], []]);
// @ts-expect-error The first argument is a number.
plain.starmap([["a"]]);
// @ts-expect-error Each item is a list.
plain.starmap([1, 2]);

// forEach and spawnMap take what map takes, and their own options.
expectTypeOf(await plain.forEach([1], ["a"], { ignoreExceptions: true })).toEqualTypeOf<void>();
expectTypeOf(await ocr.forEach(pages())).toEqualTypeOf<void>();
// @ts-expect-error Pages are bytes.
ocr.forEach(["page"]);
const mapCall = await plain.spawnMap([1, 2], ["a", "b"], { signal: AbortSignal.timeout(1) });
expectTypeOf(mapCall).toEqualTypeOf<MapCall<{ a: number; b: string | undefined }>>();
expectTypeOf(await ocr.spawnMap(pages())).toEqualTypeOf<MapCall<string>>();
expectTypeOf(await embed.spawnMap(["a"])).toEqualTypeOf<MapCall<number[]>>();
// @ts-expect-error Not an option of spawnMap.
plain.spawnMap([1], { ordered: false });
// @ts-expect-error A function without parameters has nothing to be mapped over.
nothing.spawnMap([1]);

// The call of a spawnMap.
const texts = await ocr.spawnMap(pages());
for await (const text of texts.results({ from: 5 })) expectTypeOf(text).toEqualTypeOf<string>();
expectTypeOf(await texts.results({ returnExceptions: true }).toArray()).toEqualTypeOf<(string | BellowsError)[]>();
expectTypeOf(await texts.get(3, { timeout: "5s" })).toEqualTypeOf<string>();
expectTypeOf((await texts.progress()).succeeded).toEqualTypeOf<number>();
expectTypeOf(await texts.retryFailed()).toEqualTypeOf<{ retried: number }>();
expectTypeOf(await MapCall.fromId<number>("id").get(0)).toEqualTypeOf<number>();
expectTypeOf(await MapCall.fromId("id").get(0)).toEqualTypeOf<unknown>();

// Calls gathered: a tuple of their results, or a list.
const [text, size] = await FunctionCall.gather(await ocr.spawn(new Uint8Array()), await many.spawn("a", 1));
expectTypeOf(text).toEqualTypeOf<string>();
expectTypeOf(size).toEqualTypeOf<number>();
declare const calls: FunctionCall<string>[];
expectTypeOf(await FunctionCall.gather(...calls)).toEqualTypeOf<string[]>();
expectTypeOf(await FunctionCall.gather()).toEqualTypeOf<[]>();

// Pools of their own keep the types.
expectTypeOf(plain.withOptions({ timeout: "1h", gpu: "any" }).remote).toEqualTypeOf(plain.remote);
expectTypeOf(plain.withConcurrency({ maxInputs: 8, targetInputs: 6 }).map).toEqualTypeOf(plain.map);
expectTypeOf(await plain.stats()).toEqualTypeOf<HandleStats>();

// Scaled by hand: only what is named, null takes it back, and each setting says where it comes from.
const scaled = await plain.updateAutoscaler({ minContainers: 2, scaledownWindow: "5m", maxContainers: null });
expectTypeOf(scaled).toEqualTypeOf<EffectiveSettings>();
expectTypeOf(scaled.minContainers.value).toEqualTypeOf<number>();
expectTypeOf(scaled.scaledownWindowMs.layer).toEqualTypeOf<SettingLayer>();
expectTypeOf(plain.withOptions({ timeout: "1h" }).updateAutoscaler).toEqualTypeOf(ocr.updateAutoscaler);
// @ts-expect-error There is no such setting.
plain.updateAutoscaler({ min: 2 });
// @ts-expect-error Not a duration.
plain.updateAutoscaler({ scaleupWindow: "5 minutes" });
// @ts-expect-error What runs at a time in a container is what it was deployed with.
plain.updateAutoscaler({ maxInputs: 4 });
// @ts-expect-error Something is to be changed.
plain.updateAutoscaler();
// @ts-expect-error A schedule is the function's own.
plain.withOptions({ schedule: cron("0 8 * * *") });
// @ts-expect-error Whether it is batched is part of what callers pass.
plain.withOptions({ batched });
// @ts-expect-error Of how many is missing.
plain.withConcurrency({ targetInputs: 4 });

// By name, with the types of the code and without the code.
const bellows = new Bellows();
const named = bellows.functions.fromName<typeof ocr>("pages", "ocr");
expectTypeOf(named.remote).toEqualTypeOf<(page: Uint8Array) => Promise<string>>();
expectTypeOf(bellows.functions.fromName<typeof plain>("a", "b").remote).parameters.toEqualTypeOf<
  [a: number, b?: string | undefined]
>();
expectTypeOf(bellows.functions.fromName<typeof embed>("a", "b").map(["x"]).toArray()).toEqualTypeOf<
  Promise<number[][]>
>();
expectTypeOf(named.updateAutoscaler).toEqualTypeOf(ocr.updateAutoscaler);
expectTypeOf(bellows.functions.fromName<typeof pair>("a", "b")).toEqualTypeOf<
  BatchedHandle<[string, Uint8Array], string>
>();
// @ts-expect-error It takes one input at a time.
named.withBatching(batched);
// @ts-expect-error The body is elsewhere.
named.local;
const unknownFunction = bellows.functions.fromName("pages", "ocr");
expectTypeOf(unknownFunction.remote).parameters.toEqualTypeOf<unknown[]>();
expectTypeOf(unknownFunction.remote).returns.toEqualTypeOf<Promise<unknown>>();
expectTypeOf(bellows.calls.fromId<number>("id").get).returns.toEqualTypeOf<Promise<number>>();
expectTypeOf(bellows.calls.mapFromId<number>("id").get).returns.toEqualTypeOf<Promise<number>>();
expectTypeOf(ocr.with({ signal: AbortSignal.timeout(1), idempotencyKey: "once" }).remote).toEqualTypeOf(ocr.remote);

// The router's types arrive here: a wrong name or shape does not compile.
declare const api: ApiClient;
expectTypeOf(await api.request((procedures) => procedures.calls.get.query({ id: "x" }))).not.toBeAny();
// @ts-expect-error There is no such procedure.
api.request((procedures) => procedures.calls.fetch.query({ id: "x" }));
