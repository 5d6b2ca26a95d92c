/** Log lines. */
import { LIMITS } from "@bellows/protocol/limits";
import { z } from "zod";
import { environmentFilter, idInput, indexInput } from "./inputs.ts";
import { readerProcedure, router } from "./trpc.ts";

const lineId = z.string().min(1).max(128);

export const logsRouter = router({
  list: readerProcedure
    .input(
      z
        .object({
          environment: environmentFilter,
          appId: idInput.optional(),
          functionId: idInput.optional(),
          callId: idInput.optional(),
          index: indexInput.optional(),
          containerId: idInput.optional(),
          after: lineId.optional(),
          before: lineId.optional(),
          limit: z.number().int().min(1).max(LIMITS.pageRows).default(LIMITS.pageRows),
        })
        .refine(({ after, before }) => after === undefined || before === undefined, {
          error: "give either `after` or `before`, not both",
        })
        .refine(({ callId, index }) => index === undefined || callId !== undefined, {
          error: "give the call of the input too, as `callId`",
          path: ["index"],
        })
        .prefault({}),
    )
    .query(({ ctx, input }) => ctx.verbs.listLogs(input, ctx.reach)),
});
