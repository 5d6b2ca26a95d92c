/**
 * What was thrown, whoever threw it: a bundle brings its own copy of the error classes, so `instanceof` does not know
 * them; a code and details do.
 */
import { BellowsError, ERROR_CODES, type ErrorCode } from "@bellows/protocol/errors";

type BellowsErrorLike = Pick<BellowsError, "code" | "details" | "message" | "name" | "stack" | "cause">;

export function bellowsErrorIn(thrown: unknown): (Error & BellowsErrorLike) | undefined {
  return thrown instanceof BellowsError || isLikeOne(thrown) ? thrown : undefined;
}

function isLikeOne(thrown: unknown): thrown is Error & BellowsErrorLike {
  return (
    thrown instanceof Error &&
    "code" in thrown &&
    "details" in thrown &&
    typeof thrown.details === "object" &&
    ERROR_CODES.includes(thrown.code as ErrorCode) // `includes` asks for what it is about to find out.
  );
}
