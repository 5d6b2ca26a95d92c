/**
 * What a batched definition must be, checked where it is defined: a batch is handed to the code as a list for each
 * argument of its callers, so there has to be one parameter for each, and one method that all of a batch are for.
 */
import { InvalidError } from "@bellows/protocol/errors";

/** @throws InvalidError for a handler that takes no list. */
export function refuseWithoutLists(handler: CallableFunction, what = "the handler"): void {
  if (handler.length > 0) return;
  throw new InvalidError(
    `batched: ${what} takes no lists; give it a parameter for each argument of its callers, the first without a default and ` +
      "none with `...`: async (texts: string[]) => texts.map(...)",
  );
}

/** @throws InvalidError for a class that cannot be called in batches. */
export function refuseUnbatchableClass({ prototype }: { prototype: object }, methods: readonly string[]): void {
  const [only, ...others] = methods;
  if (only === undefined || others.length > 0) {
    throw new InvalidError(
      `batched: a batch is of one method, and this class has ${methods.length} that can be called (${methods.join(", ")}); ` +
        "leave one with @method(), or define a class for each",
    );
  }
  const method: unknown = Reflect.get(prototype, only);
  if (typeof method === "function") refuseWithoutLists(method, `method "${only}"`);
}
