CREATE TABLE "document_chunks" (
	"document_id" text NOT NULL,
	"index" integer NOT NULL,
	"workspace_id" text NOT NULL,
	"headings" text[] DEFAULT '{}' NOT NULL,
	"page" integer,
	"text" text NOT NULL,
	"embedding" "bytea",
	"embedding_model" text,
	"tokens" text DEFAULT '' NOT NULL,
	"tsv" "tsvector" GENERATED ALWAYS AS (array_to_tsvector(string_to_array(tokens, ' '))) STORED,
	CONSTRAINT "document_chunks_pk" PRIMARY KEY("document_id","index")
);
--> statement-breakpoint
CREATE TABLE "documents" (
	"id" text PRIMARY KEY NOT NULL,
	"workspace_id" text NOT NULL,
	"name" text NOT NULL,
	"title" text,
	"format" text NOT NULL,
	"language" text,
	"bytes" integer NOT NULL,
	"sha256" text NOT NULL,
	"pages" integer,
	"chunk_count" integer NOT NULL,
	"warnings" text[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "minutes" (
	"bot_id" text NOT NULL,
	"language" text NOT NULL,
	"content" jsonb NOT NULL,
	"made_by" text NOT NULL,
	"made_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "minutes_pk" PRIMARY KEY("bot_id","language")
);
--> statement-breakpoint
ALTER TABLE "notes" ADD COLUMN "who" text;--> statement-breakpoint
ALTER TABLE "notes" ADD COLUMN "due" text;--> statement-breakpoint
ALTER TABLE "document_chunks" ADD CONSTRAINT "document_chunks_document_id_documents_id_fk" FOREIGN KEY ("document_id") REFERENCES "public"."documents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_workspace_id_workspaces_id_fk" FOREIGN KEY ("workspace_id") REFERENCES "public"."workspaces"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "minutes" ADD CONSTRAINT "minutes_bot_id_bots_id_fk" FOREIGN KEY ("bot_id") REFERENCES "public"."bots"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "document_chunks_workspace" ON "document_chunks" USING btree ("workspace_id");--> statement-breakpoint
CREATE INDEX "document_chunks_words" ON "document_chunks" USING gin ("tsv") WITH (fastupdate=false);--> statement-breakpoint
CREATE UNIQUE INDEX "documents_once" ON "documents" USING btree ("workspace_id","sha256");