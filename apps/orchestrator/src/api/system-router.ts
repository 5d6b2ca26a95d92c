/** About this orchestrator. */
import { router, userProcedure } from "./trpc.ts";

export const systemRouter = router({
  info: userProcedure.query(({ ctx }) => ctx.verbs.system()),
});
