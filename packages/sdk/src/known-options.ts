/** The options that calls take: types tell who writes TypeScript, this tells everybody else. */
import { InvalidError } from "@bellows/protocol/errors";

/** A misspelt option would be a missing one. @throws InvalidError naming it and those there are; for what is no signal. */
export function refuseUnknown(verb: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new InvalidError(
      `${verb}: ${String(options)} is not an object of options; the options are ${known.join(", ")}`,
    );
  }
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InvalidError(
      `${verb}: there is no option ${JSON.stringify(unknown)}; the options are ${known.join(", ")}`,
    );
  }
  if ("signal" in options && options.signal !== undefined && !(options.signal instanceof AbortSignal)) {
    throw new InvalidError(
      `${verb}: signal is not an AbortSignal; pass \`controller.signal\` or \`AbortSignal.timeout(ms)\``,
    );
  }
}
