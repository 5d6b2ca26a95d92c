ALTER TABLE "deployments" ALTER COLUMN "bundle_hash" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "apps" ADD COLUMN "ephemeral" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "deployments_bundle" ON "deployments" USING btree ("bundle_hash");--> statement-breakpoint
-- Runs got their names from the orchestrator, which ends them like this.
UPDATE "apps" SET "ephemeral" = true WHERE "state" = 'ephemeral' OR ("state" = 'stopped' AND "name" ~ '-run-[0-9a-z]{6}$');
