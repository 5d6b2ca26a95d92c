CREATE TABLE "autoscaler_overrides" (
	"function_id" uuid NOT NULL,
	"setting" text NOT NULL,
	"value" integer NOT NULL,
	"set_by" text NOT NULL,
	"at_ms" bigint NOT NULL,
	CONSTRAINT "autoscaler_overrides_function_id_setting_pk" PRIMARY KEY("function_id","setting")
);
--> statement-breakpoint
ALTER TABLE "autoscaler_overrides" ADD CONSTRAINT "autoscaler_overrides_function_id_functions_id_fk" FOREIGN KEY ("function_id") REFERENCES "public"."functions"("id") ON DELETE cascade ON UPDATE no action;