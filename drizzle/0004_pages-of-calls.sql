DROP INDEX "calls_app";--> statement-breakpoint
DROP INDEX "calls_state";--> statement-breakpoint
CREATE INDEX "calls_of_function" ON "calls" USING btree ("function_id","kind","state","id");--> statement-breakpoint
CREATE INDEX "calls_of_app" ON "calls" USING btree ("app_id","kind","state","id");--> statement-breakpoint
CREATE INDEX "calls_of_environment" ON "calls" USING btree ("environment_id","kind","state","id");