/**
 * The rules of a batch that hold wherever one is run: what goes into a batched handler, and what has to come out. Each
 * message says what was expected, what came, and what to do.
 */
import { InvalidError } from "./errors.ts";

/** @throws InvalidError when one input of a batch does not bring what the handler takes. */
export function refuseArguments(given: number, parameters: number): void {
  if (given === parameters) return;
  throw new InvalidError(
    `the input has ${count(given, "argument")} and the batched handler takes ${count(parameters, "list")}; every input of a batch ` +
      "brings one argument for each list, and defaults do not count",
  );
}

/**
 * The results of a batch of so many inputs, in their order.
 * @throws InvalidError that says both lengths.
 */
export function resultsOfBatch(returned: unknown, inputs: number): unknown[] {
  if (Array.isArray(returned) && returned.length === inputs) return returned;
  throw new InvalidError(
    `the batch had ${count(inputs, "input")} and the handler returned ${described(returned)}; return one result per input, in their order`,
  );
}

/** The lists that the handler gets: of each argument, those of all inputs. Every input has as many as there are lists. */
export function listsOf(inputs: readonly (readonly unknown[])[], parameters: number): unknown[][] {
  return Array.from({ length: parameters }, (_, position) => inputs.map((args) => args[position]));
}

function described(returned: unknown): string {
  if (Array.isArray(returned)) return `a list of ${returned.length}`;
  if (returned === undefined || returned === null) return "nothing";
  const type: unknown = typeof returned === "object" ? returned.constructor?.name : undefined;
  const name = typeof type === "string" && type !== "" ? type : typeof returned;
  const way = typeof returned === "object" && Symbol.iterator in returned ? " (Array.from(...) makes one)" : "";
  return `${/^[aeiou]/i.test(name) ? "an" : "a"} ${name}, which is no list${way}`;
}

function count(n: number, noun: string): string {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}
