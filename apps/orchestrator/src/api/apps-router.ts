/** Apps: deploy, look, stop. */
import { functionSettingsSchema } from "@bellows/protocol/function-options";
import { z } from "zod";
import { environmentFilter, environmentInput, idInput, pageInput } from "./inputs.ts";
import { editorProcedure, router, userProcedure } from "./trpc.ts";

const appName = z.string().min(1).max(64);
const deployInput = z.object({
  name: appName,
  environment: environmentInput,
  bundleHash: z.string().regex(/^[0-9a-f]{64}$/, { error: "is not a SHA-256 in hex" }),
  ephemeral: z.boolean().default(false),
  functions: z.array(z.object({ name: z.string().min(1).max(64), settings: functionSettingsSchema })).max(1_000),
});
const appRef = z.union(
  [z.strictObject({ id: idInput }), z.strictObject({ name: appName, environment: environmentInput })],
  { error: "name the app: either { id } or { name }" },
);

export const appsRouter = router({
  deploy: editorProcedure.input(deployInput).mutation(({ ctx, input }) => ctx.verbs.deployApp(input)),

  list: userProcedure
    .input(
      z
        .object({ ...pageInput, environment: environmentFilter, includeStopped: z.boolean().default(false) })
        .prefault({}),
    )
    .query(({ ctx, input }) => ctx.verbs.listApps(input, input)),

  get: userProcedure.input(appRef).query(({ ctx, input }) => ctx.verbs.getApp(input)),

  /** How far its calls are together, for who watches a run. */
  progress: userProcedure.input(z.object({ id: idInput })).query(({ ctx, input }) => ctx.verbs.appProgress(input.id)),

  stop: editorProcedure.input(z.object({ id: idInput })).mutation(({ ctx, input }) => ctx.verbs.stopApp(input.id)),

  /** An ephemeral app then lives until its calls are finished, with nobody holding it. */
  detach: editorProcedure.input(z.object({ id: idInput })).mutation(({ ctx, input }) => ctx.verbs.detachApp(input.id)),
});
