/**
 * How a function defined with the SDK is found in a loaded bundle. The SDK marks its handles; the CLI (to deploy)
 * and the worker (to run) read the marks. Neither needs the other's copy of the SDK.
 */
import { InvalidError, NotFoundError } from "./errors.ts";
import type { FunctionSettings } from "./function-options.ts";
import { listNames } from "./known-names.ts";

/** A handle made by `app.function` carries its definition under this key. */
export const DEFINITION = Symbol.for("bellows.definition");
/** An `App` carries itself under this key. */
export const APP_DEFINITION = Symbol.for("bellows.app");

export interface FunctionDefinition {
  /**
   * The name given in the options; otherwise the name it is exported under, which the handle cannot know by itself:
   * `definitionsOf` writes it here, and calls made through the handle need it.
   */
  name: string | undefined;
  /** `settings.kind` says what the handler is. */
  settings: FunctionSettings;
  /** The body; of a class its constructor, and then `hooks` are the methods that Bellows calls by itself. */
  handler: Handler | Constructor;
  hooks: LifecycleHooks;
  /** Of a Python function: the file that defines it, which the one in its settings is relative to; undefined: unknown. */
  definedIn?: () => string | undefined;
}

export type Handler = (...args: never[]) => unknown;
export type Constructor = new (...args: never[]) => object;

/** Names of methods, in the order of definition. `snap`: the hook belongs before a snapshot of the container's memory. */
export interface LifecycleHooks {
  enter: { name: string; snap: boolean }[];
  exit: string[];
}
export const NO_HOOKS: LifecycleHooks = { enter: [], exit: [] };

export interface AppDefinition {
  name: string;
  entrypoint: ((...args: string[]) => unknown) | undefined;
  /** Every handle of the app, in the order of definition. */
  functions: object[];
}

export interface NamedFunction extends FunctionDefinition {
  name: string;
}

/**
 * What an InvalidError says in `problem` of its details, for whoever has the source and can tell the place. `position`
 * and `count`: which definition of the app, in order, and of how many.
 */
export const DEFINITION_PROBLEMS = { noApp: "no app", unnamed: "unnamed" } as const;

/**
 * The app of a loaded module and its functions with their final names, which the handles know from then on.
 * @throws InvalidError for a module with no app, several apps, two functions of one name, or a function that is
 * neither exported nor named.
 */
export function definitionsOf(module: Record<string, unknown>): { app: AppDefinition; functions: NamedFunction[] } {
  const apps = new Set<AppDefinition>();
  const exportNames = new Map<object, string>();
  for (const [name, value] of Object.entries(module)) {
    if (typeof value !== "object" && typeof value !== "function") continue;
    if (value === null) continue;
    const app = (value as { [APP_DEFINITION]?: AppDefinition })[APP_DEFINITION];
    if (app) apps.add(app);
    else if (DEFINITION in value && !exportNames.has(value)) exportNames.set(value, name);
  }
  const [app, ...others] = apps;
  if (!app) {
    throw new InvalidError('the file exports no app; add `export const app = new App("name")`', {
      details: { problem: DEFINITION_PROBLEMS.noApp },
    });
  }
  if (others.length > 0)
    throw new InvalidError(
      `the file exports ${apps.size} apps (${[...apps].map((a) => a.name).join(", ")}); export one`,
    );
  const functions = app.functions.map((handle, position) => {
    const found = named(handle, exportNames.get(handle));
    if (found) return found;
    throw new InvalidError("a function of the app is neither exported nor named; export it, or give it a `name`", {
      details: { problem: DEFINITION_PROBLEMS.unnamed, position, count: app.functions.length },
    });
  });
  const names = new Set<string>();
  for (const { name } of functions) {
    if (names.has(name)) throw new InvalidError(`two functions are named "${name}"; give one of them another \`name\``);
    names.add(name);
  }
  return { app, functions };
}

function named(handle: object, exportName: string | undefined): NamedFunction | undefined {
  const definition = (handle as { [DEFINITION]: FunctionDefinition })[DEFINITION];
  const name = definition.name ?? exportName;
  if (!name) return undefined;
  definition.name = name;
  return { ...definition, name };
}

/** @throws NotFoundError listing the functions there are. */
export function functionNamed(module: Record<string, unknown>, name: string): NamedFunction {
  const { app, functions } = definitionsOf(module);
  const found = functions.find((f) => f.name === name);
  if (found) return found;
  throw new NotFoundError(
    `app "${app.name}" has no function "${name}"; it has ${listNames(functions.map((f) => f.name))}`,
  );
}
