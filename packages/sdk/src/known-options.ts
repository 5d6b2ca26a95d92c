/** The options that calls take: types tell who writes TypeScript, this tells everybody else. */
import { InvalidError } from "@bellows/protocol/errors";

/** A misspelt option would be a missing one. @throws InvalidError naming it and those there are. */
export function refuseUnknown(verb: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new InvalidError(`${verb}: there is no option ${JSON.stringify(unknown)}; the options are ${known.join(", ")}`);
}
