/** The whole map of the API. */
import { appsRouter } from "./apps-router.ts";
import { authRouter } from "./auth-router.ts";
import { callsRouter } from "./calls-router.ts";
import { containersRouter } from "./containers-router.ts";
import { functionsRouter } from "./functions-router.ts";
import { imagesRouter } from "./images-router.ts";
import { limitsRouter } from "./limits-router.ts";
import { logsRouter } from "./logs-router.ts";
import { secretsRouter } from "./secrets-router.ts";
import { systemRouter } from "./system-router.ts";
import { router } from "./trpc.ts";
import { volumesRouter } from "./volumes-router.ts";

export const appRouter = router({
  auth: authRouter,
  system: systemRouter,
  apps: appsRouter,
  functions: functionsRouter,
  calls: callsRouter,
  containers: containersRouter,
  logs: logsRouter,
  limits: limitsRouter,
  images: imagesRouter,
  secrets: secretsRouter,
  volumes: volumesRouter,
});
export type AppRouter = typeof appRouter;
