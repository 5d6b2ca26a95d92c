/** How a caller's types follow from a handler's: nothing is ever `any`, and batched handlers are called one by one. */

/** What awaiting the handler's return gives; `unknown` where the handler says `any`. */
export type ResultOf<Returned> = 0 extends 1 & Returned ? unknown : Awaited<Returned>;

/** The parameters of one call of a batched handler: the elements of its lists. */
export type ElementsOf<Lists extends readonly unknown[]> = {
  [K in keyof Lists]: Lists[K] extends readonly (infer Element)[] ? Element : never;
};

/** What one call of a batched handler that returns this gives. */
export type ElementOf<Returned> = 0 extends 1 & Returned
  ? unknown
  : Awaited<Returned> extends readonly (infer Element)[]
    ? ResultOf<Element>
    : never;

/** The lists of a batched handler, if every input brings one element for each; otherwise nothing fits. */
export type OnlyLists<Lists extends readonly unknown[]> = number extends Lists["length"]
  ? never
  : Lists extends Required<Lists>
    ? Lists extends readonly []
      ? never
      : unknown
    : never;

export type AnyIterable<T> = Iterable<T> | AsyncIterable<T>;

/** What `map` takes for these parameters: an iterable for each; those of trailing optional parameters may be left out. */
export type IterablesOf<Args extends readonly unknown[]> = Args extends readonly []
  ? never
  : Required<Args> extends readonly [infer Only]
    ? [iterable: AnyIterable<Only>]
    : Zipped<Prefixes<Args>>;

type Zipped<Args extends readonly unknown[]> = Args extends readonly []
  ? never
  : { -readonly [K in keyof Args]: AnyIterable<Args[K]> };

/** The tuple, and it without its trailing optional members. */
type Prefixes<Args extends readonly unknown[]> = Args extends readonly [infer Head, ...infer Tail]
  ? [Head, ...Prefixes<Tail>]
  : Args extends readonly []
    ? []
    : number extends Args["length"]
      ? Args
      : Args extends readonly [_?: infer Head, ...rest: infer Tail]
        ? [] | [Head, ...Prefixes<Tail>]
        : never;

/** The same with options at the end. */
export type WithOptions<Iterables extends readonly unknown[], Options> = Iterables extends readonly unknown[]
  ? [...iterables: Iterables, options: Options]
  : never;

/** What a generator yields; `never` for what is none. */
export type YieldOf<Returned> = 0 extends 1 & Returned
  ? never
  : Returned extends AsyncGenerator<infer Yield, unknown, never> | Generator<infer Yield, unknown, never>
    ? 0 extends 1 & Yield
      ? unknown
      : Yield
    : never;
