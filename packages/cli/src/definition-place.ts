/**
 * The line of a definition that is wrong. A loaded module does not know its lines, and its source does not know what
 * runs; where the two agree on how many definitions there are, the line is known.
 */
import { readFileSync } from "node:fs";
import { DEFINITION_PROBLEMS } from "@bellows/protocol/definitions";
import { InvalidError } from "@bellows/protocol/errors";
import type { FileTarget } from "./file-target.ts";
import { bellowsErrorIn } from "./thrown.ts";

/** The same error with file and, where it can be told, line; any other error as it is. */
export function withPlace(thrown: unknown, { path, shown }: FileTarget): unknown {
  const known = bellowsErrorIn(thrown);
  const place = known && placeOf(known, readFileSync(path, "utf8"));
  if (!place) return thrown;
  const at = place.line === undefined ? shown : `${shown}:${place.line}`;
  return new InvalidError(`${at}: ${place.message}`, { details: known.details, cause: thrown });
}

interface Place {
  line: number | undefined;
  message: string;
}

function placeOf({ message, details }: Pick<InvalidError, "message" | "details">, source: string): Place | undefined {
  switch (details.problem) {
    case DEFINITION_PROBLEMS.noApp: {
      const [line] = linesWith(/\bnew App\s*\(/, source);
      return {
        line,
        message:
          line === undefined ? message : "the app that is made here is not exported; write `export const` before it",
      };
    }
    case DEFINITION_PROBLEMS.unnamed: {
      const lines = linesWith(/\.(function|cls|python)\s*(<[^()]*>)?\(/, source);
      const line = lines.length === details.count ? lines[Number(details.position)] : undefined;
      return { line, message };
    }
    default:
      return undefined;
  }
}

/** Counted from 1; lines that are comments are left out. */
function linesWith(pattern: RegExp, source: string): number[] {
  return source.split("\n").flatMap((text, i) => (pattern.test(text) && !/^\s*(\/\/|\/?\*)/.test(text) ? [i + 1] : []));
}
