CREATE TABLE "tool_calls" (
	"bot_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"seq" integer NOT NULL,
	"call_id" text NOT NULL,
	"tool" text NOT NULL,
	"level" text,
	"asked_by" text,
	"arguments" text NOT NULL,
	"result" text,
	"state" text NOT NULL,
	"decided_by" text,
	"duration_ms" integer,
	"was_late" boolean DEFAULT false NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "tool_calls_pk" PRIMARY KEY("bot_id","epoch","seq")
);
--> statement-breakpoint
ALTER TABLE "tool_calls" ADD CONSTRAINT "tool_calls_bot_id_bots_id_fk" FOREIGN KEY ("bot_id") REFERENCES "public"."bots"("id") ON DELETE cascade ON UPDATE no action;