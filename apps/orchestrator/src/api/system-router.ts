/** About this orchestrator. */
import { router, userProcedure } from "./trpc.ts";

export const systemRouter = router({
  info: userProcedure.query(({ ctx }) => ctx.verbs.system()),

  /** The GPUs of the host, who has them and who waits for some. */
  gpus: userProcedure.query(({ ctx }) => ctx.verbs.listGpus()),
});
