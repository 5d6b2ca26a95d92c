ALTER TABLE "function_stats" ADD COLUMN "at_ms" bigint NOT NULL;--> statement-breakpoint
ALTER TABLE "function_stats" ADD COLUMN "arrivals" jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "function_stats" ADD COLUMN "start_ms" jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "function_stats" ADD COLUMN "batch_sizes" jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "function_stats" ADD COLUMN "queued_max" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "function_stats" ADD COLUMN "running_max" integer NOT NULL;--> statement-breakpoint
ALTER TABLE "function_stats" ADD COLUMN "containers_max" integer NOT NULL;