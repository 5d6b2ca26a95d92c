ALTER TABLE "functions" DROP CONSTRAINT "functions_name";--> statement-breakpoint
ALTER TABLE "attempts" ALTER COLUMN "container_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "outcome" text DEFAULT 'failed' NOT NULL;--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "parent_call_id" uuid;--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "parent_index" integer;--> statement-breakpoint
ALTER TABLE "calls" ADD COLUMN "cancel_asked_at_ms" bigint;--> statement-breakpoint
ALTER TABLE "environments" ADD COLUMN "limits" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "functions" ADD COLUMN "base_id" uuid;--> statement-breakpoint
ALTER TABLE "functions" ADD COLUMN "pool_key" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "functions" ADD COLUMN "pool" jsonb;--> statement-breakpoint
ALTER TABLE "functions" ADD COLUMN "parameters" "bytea";--> statement-breakpoint
ALTER TABLE "functions" ADD CONSTRAINT "functions_base_id_functions_id_fk" FOREIGN KEY ("base_id") REFERENCES "public"."functions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "calls_parent" ON "calls" USING btree ("parent_call_id","id") WHERE parent_call_id is not null;--> statement-breakpoint
CREATE INDEX "functions_base" ON "functions" USING btree ("base_id");--> statement-breakpoint
ALTER TABLE "functions" ADD CONSTRAINT "functions_pool" UNIQUE("app_id","name","pool_key");--> statement-breakpoint
-- Functions that were deployed before there were kinds are plain ones.
UPDATE "functions" SET "settings" = '{"kind": "function", "methods": []}'::jsonb || "settings" WHERE NOT "settings" ? 'kind';
