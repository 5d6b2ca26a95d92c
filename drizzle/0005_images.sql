CREATE TABLE "archives" (
	"hash" text PRIMARY KEY NOT NULL,
	"content" "bytea" NOT NULL,
	"created_at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "image_builds" (
	"id" text PRIMARY KEY NOT NULL,
	"driver" text NOT NULL,
	"definition" jsonb NOT NULL,
	"packages" jsonb NOT NULL,
	"state" text NOT NULL,
	"log" text NOT NULL,
	"error" jsonb,
	"started_at_ms" bigint NOT NULL,
	"finished_at_ms" bigint
);
--> statement-breakpoint
ALTER TABLE "bundles" ADD COLUMN "packages" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
CREATE INDEX "image_builds_started" ON "image_builds" USING btree ("started_at_ms");