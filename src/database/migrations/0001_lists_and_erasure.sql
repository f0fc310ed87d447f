DROP INDEX "audit_list";--> statement-breakpoint
DROP INDEX "bots_list";--> statement-breakpoint
DROP INDEX "deliveries_list";--> statement-breakpoint
DROP INDEX "notes_time";--> statement-breakpoint
DROP INDEX "outbox_list";--> statement-breakpoint
DROP INDEX "segments_time";--> statement-breakpoint
ALTER TABLE "people" ADD COLUMN "words_erased_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "audit_list" ON "audit" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE INDEX "bots_list" ON "bots" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE INDEX "deliveries_list" ON "deliveries" USING btree ("webhook_id","at");--> statement-breakpoint
CREATE INDEX "notes_time" ON "notes" USING btree ("workspace_id","at");--> statement-breakpoint
CREATE INDEX "outbox_list" ON "outbox" USING btree ("workspace_id","id");--> statement-breakpoint
CREATE INDEX "segments_time" ON "segments" USING btree ("workspace_id","started_at");