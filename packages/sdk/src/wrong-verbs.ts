/**
 * The verbs that a handle does not have. Types tell who writes TypeScript; everybody else would be told that something is
 * not a function, so each is there and says what the handle is and what is used instead.
 */
import { InvalidError } from "@bellows/protocol/errors";

const VERBS = [
  "remote",
  "remoteGen",
  "map",
  "starmap",
  "forEach",
  "spawn",
  "spawnMap",
  "local",
  "instance",
  "withBatching",
] as const;
type Verb = (typeof VERBS)[number];

const SHAPES = {
  function: { is: "a function, which answers once", use: "`remote`, `map` or `spawn`" },
  python: { is: "a Python function, which runs in containers only", use: "`remote`, `map` or `spawn`" },
  generator: { is: "a generator, whose values stream to one caller", use: "`remoteGen`" },
  class: { is: "a class", use: "a method of an instance of it: `instance().METHOD.remote()`" },
} as const;

/** A handle is made of these first, so that its own verbs take their places. `label` names it in a sentence. */
export function wrongVerbs(shape: keyof typeof SHAPES, label: () => string): Record<Verb, () => never> {
  const { is, use } = SHAPES[shape];
  const refuse = (verb: Verb) => (): never => {
    if (verb === "local" && (shape === "function" || shape === "generator")) {
      throw new InvalidError(
        `local: only the definition of ${label()} has it, no handle made by name or \`with\`; use ${use}`,
      );
    }
    throw new InvalidError(`${verb}: ${label()} is ${is}; use ${use}`);
  };
  return Object.fromEntries(VERBS.map((verb) => [verb, refuse(verb)])) as Record<Verb, () => never>; // One for each.
}
