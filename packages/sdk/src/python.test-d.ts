/** What callers of a Python function see is what its definition states: checked by the compiler, never run. */
import { expectTypeOf } from "vitest";
import type { EffectiveSettings, FunctionCall, MapCall } from "./sdk.ts";
import { App, Bellows } from "./sdk.ts";

const app = new App("types");
const embed = app.python<[text: string, limit?: number], number[]>("./embed.py", "embed", { retries: 2 });
const unstated = app.python("./embed.py", "embed");
// biome-ignore lint/suspicious/noExplicitAny: It is what is refused here.
const careless = app.python<[text: string], any>("./embed.py", "embed");

expectTypeOf(embed.remote).parameters.toEqualTypeOf<[text: string, limit?: number]>();
expectTypeOf(embed.remote).returns.toEqualTypeOf<Promise<number[]>>();
expectTypeOf(await embed.map(["a"]).toArray()).toEqualTypeOf<number[][]>();
expectTypeOf(await embed.spawn("a")).toEqualTypeOf<FunctionCall<number[]>>();
expectTypeOf(await embed.spawnMap(["a"])).toEqualTypeOf<MapCall<number[]>>();
// Of a batched one an element is stated.
const inBatches = app.python<[text: string], number[]>("./embed.py", "embed_all", {
  batched: { maxBatchSize: 8, waitMs: 5 },
});
expectTypeOf(inBatches.remote).toEqualTypeOf<(text: string) => Promise<number[]>>();
expectTypeOf(inBatches.withBatching({ maxBatchSize: 2, waitMs: 0 }).remote).toEqualTypeOf(inBatches.remote);
// @ts-expect-error It takes one input at a time.
embed.withBatching({ maxBatchSize: 2, waitMs: 0 });
// @ts-expect-error There is no Python in this process.
inBatches.local("a");
expectTypeOf(embed.withOptions({ timeout: "1h" }).remote).toEqualTypeOf(embed.remote);
expectTypeOf(new Bellows().functions.fromName<typeof embed>("a", "b").remote).toEqualTypeOf(embed.remote);
expectTypeOf(await embed.updateAutoscaler({ minContainers: 2 })).toEqualTypeOf<EffectiveSettings>();
// @ts-expect-error A text is missing.
embed.remote();
// @ts-expect-error There is no Python in this process.
embed.local("a");
// @ts-expect-error There is no such option.
app.python("./embed.py", "embed", { python: "3.12" });

// Never `any`.
expectTypeOf(unstated.remote).parameters.toEqualTypeOf<unknown[]>();
expectTypeOf(unstated.remote).returns.toEqualTypeOf<Promise<unknown>>();
expectTypeOf(careless.remote).returns.toEqualTypeOf<Promise<unknown>>();
