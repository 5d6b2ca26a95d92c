/**
 * The decorators of a class of an app, in the standard form (TC39): `enter` and `exit` mark methods that Bellows calls
 * when a container starts and stops, `method` those that callers may call. They mark and change nothing.
 */
import type { LifecycleHooks } from "@bellows/protocol/definitions";
import { InvalidError } from "@bellows/protocol/errors";

type Mark = { type: "method" } | { type: "exit" } | { type: "enter"; snap: boolean };
type Hook<This> = (this: This) => void | Promise<void>;
type MarkedContext = Pick<ClassMethodDecoratorContext, "kind" | "name" | "static" | "private">;

const marks = new WeakMap<object, Mark>();

/**
 * Runs the method once in each container, before its first input, in the order of definition. `snap`: it belongs before
 * a snapshot of the container's memory.
 */
export function enter(options: { snap?: boolean } = {}) {
  return <This>(hook: Hook<This>, context: ClassMethodDecoratorContext<This, Hook<This>>): void =>
    mark("enter", hook, context, { type: "enter", snap: options.snap ?? false });
}

/** Runs the method when a container stops, for at most 30 s. */
export function exit() {
  return <This>(hook: Hook<This>, context: ClassMethodDecoratorContext<This, Hook<This>>): void =>
    mark("exit", hook, context, { type: "exit" });
}

/** Lets callers call the method: `Model.instance().predict.remote(x)`. */
export function method() {
  return <This, Args extends unknown[], Returned>(
    body: (this: This, ...args: Args) => Returned,
    context: ClassMethodDecoratorContext<This, (this: This, ...args: Args) => Returned>,
  ): void => mark("method", body, context, { type: "method" });
}

const GENERATORS = new Set(["GeneratorFunction", "AsyncGeneratorFunction"]);

export function isGeneratorFunction(body: object): boolean {
  return GENERATORS.has(body.constructor.name);
}

function mark(decorator: string, body: object, context: MarkedContext, as: Mark): void {
  if (typeof context !== "object" || context === null) {
    throw new InvalidError(
      `@${decorator}() was applied as a legacy decorator: "experimentalDecorators" is set in the tsconfig.json of this code; ` +
        'remove it (and "emitDecoratorMetadata"), since Bellows uses standard decorators',
    );
  }
  const name = String(context.name);
  if (context.kind !== "method" || context.static || context.private || typeof context.name === "symbol") {
    throw new InvalidError(`@${decorator}() marks public methods; "${name}" is none of them`);
  }
  if (isGeneratorFunction(body)) {
    throw new InvalidError(
      `method "${name}" is a generator; define it as a function of the app, and call it with \`remoteGen\``,
    );
  }
  if (marks.has(body)) throw new InvalidError(`method "${name}" has two of @enter, @exit and @method; leave it one`);
  marks.set(body, as);
}

/** The marked methods of a class and of those it extends; an overriding method counts in place of the overridden one. */
export function lifecycleOf(marked: { prototype: object }): { methods: string[]; hooks: LifecycleHooks } {
  const byName = new Map<string, Mark | undefined>();
  for (const prototype of prototypesOf(marked.prototype)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (typeof value === "function") byName.set(name, marks.get(value));
    }
  }
  const methods: string[] = [];
  const hooks: LifecycleHooks = { enter: [], exit: [] };
  for (const [name, as] of byName) {
    if (as?.type === "method") methods.push(name);
    if (as?.type === "enter") hooks.enter.push({ name, snap: as.snap });
    if (as?.type === "exit") hooks.exit.push(name);
  }
  return { methods, hooks };
}

/** The base class first. */
function prototypesOf(prototype: object): object[] {
  const above: unknown = Object.getPrototypeOf(prototype);
  if (typeof above !== "object" || above === null || above === Object.prototype) return [prototype];
  return [...prototypesOf(above), prototype];
}
