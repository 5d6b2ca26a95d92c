/**
 * The inputs of a map: one or several iterables, sync or async, read in step; the shortest ends it. Synchronous
 * sources are read without a promise per input.
 */
import { InvalidError } from "@bellows/protocol/errors";
import type { AnyIterable } from "./handler-types.ts";
import { refuseUnknown } from "./known-options.ts";

export type ArgumentsStep = IteratorResult<readonly unknown[], unknown>;

export interface ArgumentsSource {
  /** How many inputs there will be, if the sources tell. */
  readonly knownCount: number | undefined;
  next(): ArgumentsStep | Promise<ArgumentsStep>;
  /** Lets the sources clean up before their end. */
  stop(): void;
}

type AnyIterator = Iterator<unknown> | AsyncIterator<unknown>;

/** @throws InvalidError when one of them cannot be iterated. */
export function argumentsSource(iterables: readonly AnyIterable<unknown>[]): ArgumentsSource {
  const iterators = iterables.map((iterable): AnyIterator => {
    if (isAsyncIterable(iterable)) return iterable[Symbol.asyncIterator]();
    return iterable[Symbol.iterator]();
  });
  const synchronous = !iterables.some(isAsyncIterable);
  const counts = iterables.map((iterable) => (Array.isArray(iterable) ? iterable.length : undefined));
  const known = counts.filter((count) => count !== undefined);
  let stopped = false;

  function stop(): void {
    if (stopped) return;
    stopped = true;
    for (const iterator of iterators) void Promise.resolve(iterator.return?.()).catch(ignoreLateError);
  }

  function joined(steps: readonly IteratorResult<unknown, unknown>[]): ArgumentsStep {
    if (!steps.some((step) => step.done)) return { done: false, value: steps.map((step) => step.value) };
    stopped = steps.every((step) => step.done);
    stop();
    return { done: true, value: undefined };
  }

  return {
    knownCount: known.length === counts.length ? Math.min(...known) : undefined,
    next() {
      const steps = iterators.map((iterator) => iterator.next());
      return synchronous
        ? joined(steps as IteratorResult<unknown, unknown>[]) // Iterators of `Symbol.iterator` answer at once.
        : Promise.all(steps).then(joined);
    },
    stop,
  };
}

export function isIterable(value: unknown): value is AnyIterable<unknown> {
  if (typeof value === "string") return true;
  return typeof value === "object" && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

function isAsyncIterable(value: AnyIterable<unknown>): value is AsyncIterable<unknown> {
  return typeof value !== "string" && Symbol.asyncIterator in value;
}

/** The inputs of a map that come as lists of arguments. @throws InvalidError for an item that is no list. */
export function tuplesSource(iterable: unknown): ArgumentsSource {
  if (!isIterable(iterable)) {
    throw new InvalidError("starmap takes an iterable of lists of arguments: starmap([[1, 2], [3, 4]])");
  }
  const items = argumentsSource([iterable]);
  let position = 0;
  const asArguments = (step: ArgumentsStep): ArgumentsStep => {
    if (step.done) return step;
    const [item] = step.value;
    if (!Array.isArray(item)) {
      items.stop();
      throw new InvalidError(`item ${position} of starmap is no list of arguments; write starmap([[1, 2], [3, 4]])`);
    }
    position += 1;
    return { done: false, value: item };
  };
  return {
    knownCount: items.knownCount,
    next() {
      const step = items.next();
      return step instanceof Promise ? step.then(asArguments) : asArguments(step);
    },
    stop: items.stop,
  };
}

/** The arguments of `map` and its like taken apart: the iterables, and the options that may follow them. */
export function splitIterables<Options extends object>(
  verb: string,
  args: readonly unknown[],
  known: readonly (keyof Options & string)[],
): { iterables: AnyIterable<unknown>[]; options: Partial<Options> } {
  const last = args.at(-1);
  const hasOptions = args.length > 1 && !isIterable(last) && typeof last === "object" && last !== null;
  const iterables = hasOptions ? args.slice(0, -1) : args;
  if (iterables.length === 0) throw new InvalidError(`${verb} takes at least one iterable: ${verb}(items)`);
  const checked = iterables.map((iterable, position) => {
    if (isIterable(iterable)) return iterable;
    throw new InvalidError(
      `argument ${position + 1} of ${verb} is ${iterable === null ? "null" : `of type ${typeof iterable}`}; pass something to iterate over, such as an array`,
    );
  });
  if (hasOptions) refuseUnknown(verb, last, known);
  return { iterables: checked, options: hasOptions ? (last as Partial<Options>) : {} }; // The overloads of `map` type it.
}

/** Whoever stops a source no longer cares how it ends. */
function ignoreLateError(): void {}
