/** The parts that inputs of several procedures share. */
import { isId } from "@bellows/protocol/ids";
import { LIMITS } from "@bellows/protocol/limits";
import { z } from "zod";
import { DEFAULT_ENVIRONMENT } from "../catalog/default-environment.ts";

export const idInput = z.string().refine(isId, { error: (issue) => `${JSON.stringify(issue.input)} is not an id` });
export const indexInput = z
  .number()
  .int()
  .min(0)
  .max(LIMITS.inputsPerCall - 1);
export const environmentInput = z.string().min(1).max(64).default(DEFAULT_ENVIRONMENT);

/** Lists are of every environment, unless one is named. */
export const environmentFilter = z.string().min(1).max(64).optional();

/** Milliseconds since 1970, no further than the 48 bits of an id hold. */
export const timeInput = z
  .number()
  .int()
  .min(0)
  .max(2 ** 48 - 1);

/** Every list: an opaque cursor of the page before, and how many rows. */
export const pageInput = {
  cursor: z.string().max(512).optional(),
  limit: z.number().int().min(1).max(LIMITS.pageRows).default(50),
};
