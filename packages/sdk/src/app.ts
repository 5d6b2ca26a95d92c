/**
 * Where functions are defined. Options are checked at once; nothing else happens at import, so that a bundle can be
 * loaded by whoever wants to read its definitions.
 */
import type { AppDefinition, FunctionDefinition } from "@bellows/protocol/definitions";
import { APP_DEFINITION, DEFINITION } from "@bellows/protocol/definitions";
import { InvalidError } from "@bellows/protocol/errors";
import type { FunctionOptions } from "@bellows/protocol/function-options";
import { parseFunctionOptions } from "@bellows/protocol/function-options";
import { runtimeContext } from "@bellows/protocol/runtime-context";
import { defaultConnection } from "./connection.ts";
import type { FunctionHandle } from "./function-handle.ts";
import { functionHandle } from "./function-handle.ts";
import type { ElementsOf, ResultOf } from "./handler-types.ts";

/** A function defined in this program: its handle, and its body. */
export interface DefinedFunction<Args extends unknown[], Result> extends FunctionHandle<Args, Result> {
  /** Runs the body in this process; a batched one with a batch of one. */
  local(...args: Args): Promise<Result>;
  readonly [DEFINITION]: FunctionDefinition;
}

/**
 * The handle of a handler. `app.function` takes the handler's type whole, since a parameter such as `limit = 10` is
 * typed by its default only where no signature is expected of the function.
 */
export type DefinedBy<Handler> = Handler extends (...args: infer Args) => infer Returned
  ? DefinedFunction<Args, ResultOf<Returned>>
  : never;

type Batching = NonNullable<FunctionOptions["batched"]>;
/** Options of a function whose handler gets lists, and is called with one element of each. */
export type BatchedOptions = FunctionOptions & { batched: Batching };
/** Options of a function that is called by the clock, so without arguments. */
export type ScheduledOptions = FunctionOptions & {
  schedule: NonNullable<FunctionOptions["schedule"]>;
  batched?: undefined;
};
export type PlainOptions = FunctionOptions & { schedule?: undefined; batched?: undefined };

const APP_NAME = /^[A-Za-z_][\w.-]{0,63}$/;
const GENERATORS = new Set(["GeneratorFunction", "AsyncGeneratorFunction"]);

export class App {
  readonly name: string;
  readonly [APP_DEFINITION]: AppDefinition;

  /** @throws InvalidError for a name that is none. */
  constructor(name: string) {
    if (typeof name !== "string" || !APP_NAME.test(name)) {
      throw new InvalidError(
        `${JSON.stringify(name)} cannot name an app; start with a letter and use at most 64 letters, digits, _ . or -`,
      );
    }
    this.name = name;
    this[APP_DEFINITION] = { name, entrypoint: undefined, functions: [] };
  }

  /**
   * Defines a function. It is named after its export, unless `name` is given. With `batched` the handler gets lists and
   * returns a list of equal length, while callers pass and get one element.
   * @throws InvalidError naming the option that is out of bounds.
   */
  function<Handler extends CallableFunction>(handler: Handler): DefinedBy<Handler>;
  function<Lists extends unknown[][], Returned extends unknown[]>(
    options: BatchedOptions,
    handler: (...lists: Lists) => Returned | Promise<Returned>,
  ): DefinedFunction<ElementsOf<Lists>, ResultOf<Returned[number]>>;
  function<Handler extends CallableFunction>(
    options: ScheduledOptions,
    handler: Handler & (() => unknown),
  ): DefinedBy<Handler>;
  function<Handler extends CallableFunction>(options: PlainOptions, handler: Handler): DefinedBy<Handler>;
  function(
    first: FunctionOptions | FunctionDefinition["handler"],
    second?: FunctionDefinition["handler"],
  ): DefinedFunction<unknown[], unknown> {
    const [options, handler] = typeof first === "function" ? [{}, first] : [first, second];
    if (typeof handler !== "function") {
      throw new InvalidError("the handler is missing; write app.function(options, async (...) => { ... })");
    }
    if (GENERATORS.has(handler.constructor.name)) {
      throw new InvalidError("a generator cannot be a function of an app; collect what it yields and return a list");
    }
    const definition: FunctionDefinition = { name: options?.name, settings: parseFunctionOptions(options), handler };
    const handle = definedFunction(this[APP_DEFINITION], definition);
    this[APP_DEFINITION].functions.push(handle);
    return handle;
  }

  /**
   * What `bellows run FILE -- args` runs, in the process of the CLI.
   * @throws InvalidError when there is one already.
   */
  entrypoint(run: (...args: string[]) => unknown): void {
    if (this[APP_DEFINITION].entrypoint) throw new InvalidError(`app "${this.name}" has an entrypoint already`);
    this[APP_DEFINITION].entrypoint = run;
  }
}

function definedFunction(app: AppDefinition, definition: FunctionDefinition): DefinedFunction<unknown[], unknown> {
  const handle = functionHandle<unknown[], unknown>({
    connection: defaultConnection,
    target({ environment }) {
      if (definition.name === undefined) {
        throw new InvalidError(
          `a function of app "${app.name}" has no name in this program; give it one (\`app.function({ name: "..." }, ...)\`), ` +
            "export it and start the program with `bellows run`, or look it up with `new Bellows().functions.fromName(app, name)`",
        );
      }
      return { environment, app: runtimeContext()?.appName ?? app.name, function: definition.name };
    },
  });
  return { ...handle, local: (...args) => runLocally(definition, args), [DEFINITION]: definition };
}

async function runLocally({ handler, settings }: FunctionDefinition, args: unknown[]): Promise<unknown> {
  // The handler's own parameters are checked where it was defined; here it is only passed on.
  const run = handler as (...args: unknown[]) => unknown;
  if (!settings.batched) return run(...args);
  const results = await run(...args.map((arg) => [arg]));
  if (!Array.isArray(results) || results.length !== 1) {
    const got = Array.isArray(results) ? `a list of ${results.length}` : `something that is no list`;
    throw new InvalidError(`the batch had 1 input and the handler returned ${got}; return one result per input`);
  }
  return results[0];
}
