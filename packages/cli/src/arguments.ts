/** Arguments of a function as words of a shell. */
import { UsageError } from "./usage-error.ts";

/** Each word as JSON when it is JSON, otherwise as the string it is: `3 true "x" x` is 3, true, "x", "x". */
export function argumentsFromWords(words: readonly string[]): unknown[] {
  return words.map((word) => {
    try {
      return JSON.parse(word);
    } catch {
      return word;
    }
  });
}

/** A flag's value: a JSON array of arguments. @throws UsageError */
export function argumentsFromJson(text: string, flag = "--args"): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `${flag} is not JSON (${reason}); write a JSON array in quotes, such as ${flag} '["page", 3]'`,
    );
  }
  if (Array.isArray(value)) return value;
  throw new UsageError(`${flag} is ${text}, which is not an array; write one entry per argument: ${flag} '[${text}]'`);
}
