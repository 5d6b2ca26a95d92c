/** Functions with their settings and live numbers. */
import { z } from "zod";
import { environmentFilter, environmentInput, idInput, pageInput } from "./inputs.ts";
import { router, userProcedure } from "./trpc.ts";

const functionRef = z.union(
  [
    z.strictObject({ id: idInput }),
    z.strictObject({ app: z.string().min(1), name: z.string().min(1), environment: environmentInput }),
  ],
  { error: "name the function: either { id } or { app, name }" },
);

export const functionsRouter = router({
  list: userProcedure
    .input(z.object({ ...pageInput, environment: environmentFilter, appId: idInput.optional() }).prefault({}))
    .query(({ ctx, input }) => ctx.verbs.listFunctions(input, input)),

  get: userProcedure.input(functionRef).query(({ ctx, input }) => ctx.verbs.getFunction(input)),
});
