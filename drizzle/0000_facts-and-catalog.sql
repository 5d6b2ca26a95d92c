CREATE TABLE "apps" (
	"id" uuid PRIMARY KEY NOT NULL,
	"environment_id" uuid NOT NULL,
	"name" text NOT NULL,
	"state" text NOT NULL,
	"version" integer NOT NULL,
	"created_at_ms" bigint NOT NULL,
	"deployed_at_ms" bigint NOT NULL,
	"detached_at_ms" bigint,
	"stopped_at_ms" bigint,
	CONSTRAINT "apps_name" UNIQUE("environment_id","name")
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"call_id" uuid NOT NULL,
	"idx" integer NOT NULL,
	"attempt" integer NOT NULL,
	"container_id" uuid NOT NULL,
	"started_at_ms" bigint,
	"finished_at_ms" bigint NOT NULL,
	"error" "bytea" NOT NULL,
	CONSTRAINT "attempts_call_id_idx_attempt_pk" PRIMARY KEY("call_id","idx","attempt")
) PARTITION BY RANGE ("call_id");
--> statement-breakpoint
CREATE TABLE "bundles" (
	"hash" text PRIMARY KEY NOT NULL,
	"content" "bytea" NOT NULL,
	"created_at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "calls" (
	"id" uuid PRIMARY KEY NOT NULL,
	"function_id" uuid NOT NULL,
	"app_id" uuid NOT NULL,
	"environment_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"idempotency_key" text,
	"input_count" integer,
	"received_count" integer NOT NULL,
	"succeeded_count" integer NOT NULL,
	"failed_count" integer NOT NULL,
	"cancelled_count" integer NOT NULL,
	"finished_at_ms" bigint
) PARTITION BY RANGE ("id");
--> statement-breakpoint
CREATE TABLE "containers" (
	"id" uuid PRIMARY KEY NOT NULL,
	"function_id" uuid NOT NULL,
	"deployment_id" uuid NOT NULL,
	"driver" text NOT NULL,
	"state" text NOT NULL,
	"slots" integer,
	"created_at_ms" bigint NOT NULL,
	"ready_at_ms" bigint,
	"stopped_at_ms" bigint,
	"timings" jsonb,
	"reason" text,
	"error" jsonb
);
--> statement-breakpoint
CREATE TABLE "decisions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"function_id" uuid NOT NULL,
	"at_ms" bigint NOT NULL,
	"desired" integer NOT NULL,
	"current" integer NOT NULL,
	"queued" integer NOT NULL,
	"running" integer NOT NULL,
	"capped_by" text,
	"reason" text NOT NULL
) PARTITION BY RANGE ("id");
--> statement-breakpoint
CREATE TABLE "deployments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"app_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"bundle_hash" text NOT NULL,
	"created_at_ms" bigint NOT NULL,
	CONSTRAINT "deployments_version" UNIQUE("app_id","version")
);
--> statement-breakpoint
CREATE TABLE "environments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"created_at_ms" bigint NOT NULL,
	CONSTRAINT "environments_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "function_owners" (
	"function_id" uuid PRIMARY KEY NOT NULL,
	"orchestrator_id" uuid NOT NULL,
	"epoch" bigint NOT NULL,
	"acquired_at_ms" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "function_stats" (
	"id" uuid PRIMARY KEY NOT NULL,
	"function_id" uuid NOT NULL,
	"arrived" integer NOT NULL,
	"succeeded" integer NOT NULL,
	"failed" integer NOT NULL,
	"cancelled" integer NOT NULL,
	"queue_ms" jsonb NOT NULL,
	"run_ms" jsonb NOT NULL
) PARTITION BY RANGE ("id");
--> statement-breakpoint
CREATE TABLE "functions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"app_id" uuid NOT NULL,
	"name" text NOT NULL,
	"deployment_id" uuid NOT NULL,
	"settings" jsonb NOT NULL,
	"created_at_ms" bigint NOT NULL,
	"archived_at_ms" bigint,
	CONSTRAINT "functions_name" UNIQUE("app_id","name")
);
--> statement-breakpoint
CREATE TABLE "input_chunks" (
	"call_id" uuid NOT NULL,
	"first_index" integer NOT NULL,
	"count" integer NOT NULL,
	"inputs" "bytea" NOT NULL,
	CONSTRAINT "input_chunks_call_id_first_index_pk" PRIMARY KEY("call_id","first_index")
) PARTITION BY RANGE ("call_id");
--> statement-breakpoint
CREATE TABLE "logs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"function_id" uuid NOT NULL,
	"container_id" uuid NOT NULL,
	"call_id" uuid,
	"idx" integer,
	"at_ms" bigint NOT NULL,
	"stream" text NOT NULL,
	"text" text NOT NULL
) PARTITION BY RANGE ("id");
--> statement-breakpoint
CREATE TABLE "outputs" (
	"call_id" uuid NOT NULL,
	"queued_at_ms" bigint NOT NULL,
	"finished_at_ms" bigint NOT NULL,
	"started_at_ms" bigint,
	"idx" integer NOT NULL,
	"status" smallint NOT NULL,
	"attempts" smallint NOT NULL,
	"container_id" uuid,
	"payload" "bytea" NOT NULL,
	CONSTRAINT "outputs_call_id_idx_pk" PRIMARY KEY("call_id","idx")
) PARTITION BY RANGE ("call_id");
--> statement-breakpoint
CREATE TABLE "sign_in_codes" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at_ms" bigint NOT NULL,
	"expires_at_ms" bigint NOT NULL,
	"used_at_ms" bigint
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"hash" "bytea" NOT NULL,
	"kind" text NOT NULL,
	"role" text NOT NULL,
	"name" text NOT NULL,
	"user_id" uuid,
	"environment_id" uuid,
	"created_at_ms" bigint NOT NULL,
	"expires_at_ms" bigint,
	CONSTRAINT "tokens_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"created_at_ms" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "apps" ADD CONSTRAINT "apps_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_app_id_apps_id_fk" FOREIGN KEY ("app_id") REFERENCES "public"."apps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_bundle_hash_bundles_hash_fk" FOREIGN KEY ("bundle_hash") REFERENCES "public"."bundles"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "function_owners" ADD CONSTRAINT "function_owners_function_id_functions_id_fk" FOREIGN KEY ("function_id") REFERENCES "public"."functions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "functions" ADD CONSTRAINT "functions_app_id_apps_id_fk" FOREIGN KEY ("app_id") REFERENCES "public"."apps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "functions" ADD CONSTRAINT "functions_deployment_id_deployments_id_fk" FOREIGN KEY ("deployment_id") REFERENCES "public"."deployments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_in_codes" ADD CONSTRAINT "sign_in_codes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tokens" ADD CONSTRAINT "tokens_environment_id_environments_id_fk" FOREIGN KEY ("environment_id") REFERENCES "public"."environments"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "apps_state" ON "apps" USING btree ("environment_id","state","id");--> statement-breakpoint
CREATE INDEX "calls_function" ON "calls" USING btree ("function_id","id");--> statement-breakpoint
CREATE INDEX "calls_app" ON "calls" USING btree ("app_id","id");--> statement-breakpoint
CREATE INDEX "calls_state" ON "calls" USING btree ("state","id");--> statement-breakpoint
CREATE INDEX "calls_unfinished" ON "calls" USING btree ("function_id","id") WHERE state = 'running';--> statement-breakpoint
CREATE INDEX "calls_idempotency" ON "calls" USING btree ("function_id","idempotency_key") WHERE idempotency_key is not null;--> statement-breakpoint
CREATE INDEX "containers_function" ON "containers" USING btree ("function_id","id");--> statement-breakpoint
CREATE INDEX "containers_function_state" ON "containers" USING btree ("function_id","state");--> statement-breakpoint
CREATE INDEX "containers_live" ON "containers" USING btree ("id") WHERE stopped_at_ms is null;--> statement-breakpoint
CREATE INDEX "containers_stopped" ON "containers" USING btree ("stopped_at_ms");--> statement-breakpoint
CREATE INDEX "decisions_function" ON "decisions" USING btree ("function_id","id");--> statement-breakpoint
CREATE INDEX "function_stats_function" ON "function_stats" USING btree ("function_id","id");--> statement-breakpoint
CREATE INDEX "logs_function" ON "logs" USING btree ("function_id","id");--> statement-breakpoint
CREATE INDEX "logs_container" ON "logs" USING btree ("container_id","id");--> statement-breakpoint
CREATE INDEX "logs_call" ON "logs" USING btree ("call_id","id") WHERE call_id is not null;--> statement-breakpoint
CREATE INDEX "tokens_user" ON "tokens" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "tokens_expiry" ON "tokens" USING btree ("expires_at_ms");--> statement-breakpoint
-- Values are opaque and often compressed already: do not spend time on compressing them again.
ALTER TABLE "input_chunks" ALTER COLUMN "inputs" SET STORAGE EXTERNAL;--> statement-breakpoint
ALTER TABLE "outputs" ALTER COLUMN "payload" SET STORAGE EXTERNAL;--> statement-breakpoint
ALTER TABLE "bundles" ALTER COLUMN "content" SET STORAGE EXTERNAL;--> statement-breakpoint
-- Called first in every transaction of the journal. The share lock holds off a take-over until that transaction has
-- ended, so the new owner sees everything the old one has written. The detail lists the owners that are stale.
CREATE FUNCTION "check_owners"("function_ids" uuid[], "epochs" bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	stale text;
BEGIN
	PERFORM 1 FROM function_owners WHERE function_id = ANY (function_ids) ORDER BY function_id FOR SHARE;
	SELECT string_agg(given.function_id || ':' || given.epoch, ',') INTO stale
	FROM unnest(function_ids, epochs) AS given (function_id, epoch)
	WHERE NOT EXISTS (
		SELECT FROM function_owners AS owner WHERE owner.function_id = given.function_id AND owner.epoch = given.epoch
	);
	IF stale IS NOT NULL THEN
		RAISE EXCEPTION 'another orchestrator owns these functions now' USING ERRCODE = 'BW001', DETAIL = stale;
	END IF;
END
$$;
