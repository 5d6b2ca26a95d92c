/**
 * Whatever a request ended with, as the ErrorData it carries. The one place of the console where errors change shape.
 */
import type { ErrorData } from "@bellows/protocol/errors";
import { errorDataSchema } from "@bellows/protocol/errors";
import { TRPCClientError } from "@trpc/client";
import { z } from "zod";

const bellowsShape = z.object({ bellows: z.unknown() });

export function apiErrorData(thrown: unknown): ErrorData {
  if (thrown instanceof TRPCClientError) {
    const shape = bellowsShape.safeParse(thrown.data);
    const bellows = shape.success ? errorDataSchema.safeParse(shape.data.bellows) : undefined;
    if (bellows?.success) return bellows.data;
    // No answer that the API could have given: the console's own server is away, or something stands in between.
    if (thrown.data === undefined) return { code: "CONNECTION", message: CONSOLE_AWAY };
  }
  return { code: "INTERNAL", message: thrown instanceof Error ? thrown.message : String(thrown) };
}

const CONSOLE_AWAY = "the server of this console does not answer";

export function isAway(thrown: unknown): boolean {
  return thrown !== null && thrown !== undefined && apiErrorData(thrown).code === "CONNECTION";
}

export function isSignedOut(thrown: unknown): boolean {
  return apiErrorData(thrown).code === "AUTH";
}
