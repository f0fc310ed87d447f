/**
 * Every table of the service. `npm run db:generate` writes the SQL of a change into `migrations/`; SQL of PostgreSQL 13 is the
 * newest that may stand here. Ids are made in Node (`src/ids.ts`), times are given by the database.
 */
import { sql } from 'drizzle-orm';
import {
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';

/** A moment, to the millisecond: what a JavaScript date holds, so that paging by time skips and repeats nothing. */
const moment = (name: string) => timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
const createdAt = () => moment('created_at').notNull().defaultNow();
const bytes = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => 'bytea' });
const searchVector = customType<{ data: string }>({ dataType: () => 'tsvector' });
/** JSON without U+0000, which PostgreSQL does not take. */
const jsonText = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'jsonb',
  toDriver: (value) => JSON.stringify(value).replace(/(?<!\\)((?:\\\\)*)\\u0000/g, '$1'),
});
/** JSON that comes from outside is read with zod: a column promises no more than that it is JSON. */
type Json = Readonly<Record<string, unknown>>;
const json = (name: string) => jsonText(name).$type<Json>();
/** Words for search, made by `src/search/words.ts` and separated by spaces: lexemes as they are, whatever the server's locale. */
const tokens = () => text('tokens').notNull().default('');
const vector = () =>
  searchVector('tsv').generatedAlwaysAs(sql`array_to_tsvector(string_to_array(tokens, ' '))`);

/** What became of a call of a tool. `asking`: it waits for somebody's yes; `approved`: it has one, and runs. */
export const TOOL_CALL_STATES = [
  'running',
  'asking',
  'approved',
  'done',
  'failed',
  'unknown_tool',
  'invalid_arguments',
  'denied',
  'unanswered',
  'hosts_only',
] as const;
export type ToolCallState = (typeof TOOL_CALL_STATES)[number];

/** What belongs to the installation as a whole, such as its secret. */
export const service = pgTable('service', {
  key: text('key').primaryKey(),
  value: jsonText('value').notNull(),
});

export const workspaces = pgTable('workspaces', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  limits: json('limits').notNull().default({}),
  /** Days that meetings are kept; null: for ever. */
  retentionDays: integer('retention_days'),
  /** Settings of new meetings where the invitation says nothing. */
  defaults: json('defaults').notNull().default({}),
  createdAt: createdAt(),
});
const workspaceId = () =>
  text('workspace_id')
    .notNull()
    .references(() => workspaces.id, { onDelete: 'cascade' });

export const users = pgTable(
  'users',
  {
    id: text('id').primaryKey(),
    workspaceId: workspaceId(),
    email: text('email'),
    name: text('name').notNull(),
    role: text('role').$type<'owner' | 'admin' | 'host' | 'viewer'>().notNull(),
    /** Who they are at an OpenID provider. */
    oidcIssuer: text('oidc_issuer'),
    oidcSubject: text('oidc_subject'),
    createdAt: createdAt(),
    disabledAt: moment('disabled_at'),
  },
  (table) => [
    uniqueIndex('users_email').on(table.workspaceId, table.email),
    uniqueIndex('users_oidc').on(table.oidcIssuer, table.oidcSubject),
  ],
);

export const passkeys = pgTable(
  'passkeys',
  {
    /** The credential's id, base64url. */
    id: text('id').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    publicKey: bytes('public_key').notNull(),
    counter: integer('counter').notNull(),
    transports: text('transports').array().notNull().default([]),
    name: text('name').notNull(),
    createdAt: createdAt(),
    lastUsedAt: moment('last_used_at'),
  },
  (table) => [index('passkeys_user').on(table.userId)],
);

/** Signed-in browsers. Of a session's secret only its SHA-256 is kept. */
export const sessions = pgTable(
  'sessions',
  {
    hash: text('hash').primaryKey(),
    userId: text('user_id')
      .notNull()
      .references(() => users.id, { onDelete: 'cascade' }),
    createdAt: createdAt(),
    seenAt: moment('seen_at').notNull().defaultNow(),
    expiresAt: moment('expires_at').notNull(),
    userAgent: text('user_agent').notNull().default(''),
  },
  (table) => [index('sessions_user').on(table.userId), index('sessions_expiry').on(table.expiresAt)],
);

/** Links and challenges that hold once: set-up links, invitations, passkey challenges. Only their SHA-256 is kept. */
export const oneTimeTokens = pgTable(
  'one_time_tokens',
  {
    hash: text('hash').primaryKey(),
    kind: text('kind').notNull(),
    detail: json('detail').notNull().default({}),
    createdAt: createdAt(),
    expiresAt: moment('expires_at').notNull(),
    usedAt: moment('used_at'),
  },
  (table) => [index('one_time_tokens_expiry').on(table.expiresAt)],
);

/** Of a key only its SHA-256 and the first characters are kept. */
export const apiKeys = pgTable(
  'api_keys',
  {
    id: text('id').primaryKey(),
    workspaceId: workspaceId(),
    name: text('name').notNull(),
    prefix: text('prefix').notNull(),
    hash: text('hash').notNull().unique('api_keys_hash'),
    scopes: text('scopes').array().notNull(),
    createdBy: text('created_by'),
    createdAt: createdAt(),
    expiresAt: moment('expires_at'),
    lastUsedAt: moment('last_used_at'),
    revokedAt: moment('revoked_at'),
  },
  (table) => [index('api_keys_workspace').on(table.workspaceId, table.id)],
);

/** Answers to requests that carried an `Idempotency-Key`; without a status the first request is still being worked on. */
export const idempotency = pgTable(
  'idempotency',
  {
    workspaceId: workspaceId(),
    key: text('key').notNull(),
    requestHash: text('request_hash').notNull(),
    status: integer('status'),
    response: jsonText('response'),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ name: 'idempotency_pk', columns: [table.workspaceId, table.key] }),
    index('idempotency_age').on(table.createdAt),
  ],
);

export const bots = pgTable(
  'bots',
  {
    id: text('id').primaryKey(),
    workspaceId: workspaceId(),
    /** Where the meeting is: `videosdk`, or the embedded room. */
    place: text('place').notNull(),
    meetingId: text('meeting_id').notNull(),
    name: text('name'),
    state: text('state').notNull(),
    /** Of a meeting that is over: why. */
    reason: text('reason'),
    /** In `joining`: what it waits for. */
    waitingFor: text('waiting_for'),
    joinAt: moment('join_at'),
    priority: integer('priority').notNull().default(10),
    /** Settings of the meeting, as `interpret` takes them. */
    settings: json('settings').notNull(),
    /** What the service itself does for this meeting: when to leave, budget, minutes, agent. */
    options: json('options').notNull().default({}),
    metadata: json('metadata').notNull().default({}),
    /** Counts changes of the settings. */
    revision: integer('revision').notNull().default(1),
    /** Counts claims: who writes with an older one is fenced. */
    epoch: integer('epoch').notNull().default(0),
    /** Counts the rows of `bot_events`. */
    eventSeq: integer('event_seq').notNull().default(0),
    workerId: text('worker_id'),
    /** The same for every incarnation, so that the meeting itself lets only one in. */
    participantId: text('participant_id').notNull(),
    dedupKey: text('dedup_key'),
    createdBy: text('created_by'),
    createdAt: createdAt(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
    leaveAskedAt: moment('leave_asked_at'),
    joinedAt: moment('joined_at'),
    endedAt: moment('ended_at'),
    /** Where it is not the workspace's. */
    retentionDays: integer('retention_days'),
    eraseAfter: moment('erase_after'),
    erasedAt: moment('erased_at'),
  },
  (table) => {
    const live = sql`state in ('queued', 'starting', 'staged', 'joining', 'active', 'recovering', 'leaving', 'processing')`;
    return [
      uniqueIndex('bots_one_per_meeting').on(table.workspaceId, table.place, table.meetingId).where(live),
      uniqueIndex('bots_dedup')
        .on(table.workspaceId, table.dedupKey)
        .where(sql`state not in ('ended', 'failed', 'cancelled')`),
      index('bots_list').on(table.workspaceId, table.id),
      index('bots_meeting').on(table.workspaceId, table.meetingId),
      index('bots_live')
        .on(table.state)
        .where(sql`state not in ('ended', 'failed', 'cancelled')`),
      index('bots_worker').on(table.workerId).where(live),
      index('bots_erase')
        .on(table.eraseAfter)
        .where(sql`erased_at is null`),
    ];
  },
);
const botId = () =>
  text('bot_id')
    .notNull()
    .references(() => bots.id, { onDelete: 'cascade' });

/** Every change of a bot, in order. */
export const botEvents = pgTable(
  'bot_events',
  {
    botId: botId(),
    seq: integer('seq').notNull(),
    at: moment('at').notNull().defaultNow(),
    kind: text('kind').notNull(),
    fromState: text('from_state'),
    toState: text('to_state'),
    reason: text('reason'),
    epoch: integer('epoch').notNull(),
    detail: json('detail').notNull().default({}),
  },
  (table) => [primaryKey({ name: 'bot_events_pk', columns: [table.botId, table.seq] })],
);

/** Every process that ran a meeting. */
export const botAttempts = pgTable(
  'bot_attempts',
  {
    botId: botId(),
    epoch: integer('epoch').notNull(),
    workerId: text('worker_id').notNull(),
    pid: integer('pid'),
    startedAt: moment('started_at').notNull().defaultNow(),
    endedAt: moment('ended_at'),
    exitCode: integer('exit_code'),
    signal: text('signal'),
    rssMib: integer('rss_mib'),
    /** The last of its stdout and stderr. */
    log: text('log').notNull().default(''),
    /** On the worker's disk: what is not in the database yet. */
    journalPath: text('journal_path'),
    /** Events of its journal that are in the database. */
    acknowledgedSeq: integer('acknowledged_seq').notNull().default(0),
  },
  (table) => [primaryKey({ name: 'bot_attempts_pk', columns: [table.botId, table.epoch] })],
);

export const people = pgTable(
  'people',
  {
    botId: botId(),
    participantId: text('participant_id').notNull(),
    /** Untrusted. */
    name: text('name').notNull(),
    isBot: boolean('is_bot').notNull().default(false),
    speaks: text('speaks').array().notNull().default([]),
    prefers: text('prefers'),
    joinedAt: moment('joined_at').notNull(),
    leftAt: moment('left_at'),
    /** What they were told, and when: recording, and what it is for. */
    consent: json('consent').notNull().default({}),
    /** What they said until then was erased, and does not come back. */
    wordsErasedAt: moment('words_erased_at'),
  },
  (table) => [primaryKey({ name: 'people_pk', columns: [table.botId, table.participantId] })],
);

/** Final captions. Of several translations of a speech each is a row; a correction replaces the row of its segment. */
export const segments = pgTable(
  'segments',
  {
    botId: botId(),
    epoch: integer('epoch').notNull(),
    segmentId: text('segment_id').notNull(),
    /** The event's number in its process. */
    seq: integer('seq').notNull(),
    workspaceId: text('workspace_id').notNull(),
    turnId: text('turn_id').notNull(),
    part: integer('part').notNull(),
    kind: text('kind').$type<'speech' | 'notice'>().notNull(),
    speakerId: text('speaker_id').notNull(),
    speakerName: text('speaker_name').notNull(),
    sourceLanguage: text('source_language').notNull(),
    targetLanguage: text('target_language').notNull(),
    /** Both are empty where it was withdrawn. */
    sourceText: text('source_text').notNull(),
    translatedText: text('translated_text').notNull(),
    isOriginal: boolean('is_original').notNull(),
    mark: text('mark'),
    /** Of what is marked `cut`: why. */
    cutReason: text('cut_reason'),
    startedAt: moment('started_at').notNull(),
    endedAt: moment('ended_at').notNull(),
    tokens: tokens(),
    tsv: vector(),
  },
  (table) => [
    primaryKey({ name: 'segments_pk', columns: [table.botId, table.epoch, table.segmentId] }),
    index('segments_order').on(table.botId, table.epoch, table.seq),
    index('segments_time').on(table.workspaceId, table.startedAt),
    index('segments_words').using('gin', table.tsv).with({ fastupdate: false }),
  ],
);

export const notes = pgTable(
  'notes',
  {
    id: text('id').primaryKey(),
    botId: botId(),
    workspaceId: text('workspace_id').notNull(),
    kind: text('kind').$type<'note' | 'decision' | 'action' | 'question'>().notNull(),
    text: text('text').notNull(),
    /** Of an action: who is to do it, and until when, as people said it. Untrusted. */
    who: text('who'),
    due: text('due'),
    /** Who wrote it: a user, a participant, or the agent. */
    by: text('by').notNull(),
    /** What of the meeting it is about. */
    at: moment('at').notNull().defaultNow(),
    segmentEpoch: integer('segment_epoch'),
    segmentId: text('segment_id'),
    createdAt: createdAt(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
    tokens: tokens(),
    tsv: vector(),
  },
  (table) => [
    index('notes_bot').on(table.botId, table.at),
    index('notes_time').on(table.workspaceId, table.at),
    index('notes_words').using('gin', table.tsv).with({ fastupdate: false }),
  ],
);

/** What a meeting came to, in one language: made anew, it replaces what was there. */
export const minutes = pgTable(
  'minutes',
  {
    botId: botId(),
    /** A BCP 47 tag. */
    language: text('language').notNull(),
    /** As `src/agent/minutes/minutes.ts` has it. */
    content: json('content').notNull(),
    /** Who wrote it: a model, or `extract`. */
    madeBy: text('made_by').notNull(),
    madeAt: moment('made_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ name: 'minutes_pk', columns: [table.botId, table.language] })],
);

/** Calls of tools by the agent of a meeting. What they were called with and gave back is untrusted, and may be words of people. */
export const toolCalls = pgTable(
  'tool_calls',
  {
    botId: botId(),
    epoch: integer('epoch').notNull(),
    /** The number of its first event in its process. */
    seq: integer('seq').notNull(),
    /** As the model calls it. */
    callId: text('call_id').notNull(),
    tool: text('tool').notNull(),
    /** Null for a tool that is not there. */
    level: text('level').$type<'read' | 'write' | 'confirm' | 'host'>(),
    /** The participant who asked for it. */
    askedBy: text('asked_by'),
    /** JSON text as the model wrote it: it need not be JSON. */
    arguments: text('arguments').notNull(),
    /** What it gave back, or why it gave back nothing. */
    result: text('result'),
    state: text('state').$type<ToolCallState>().notNull(),
    /** Who said yes or no: a participant, `host`, a key or a user. */
    decidedBy: text('decided_by'),
    durationMs: integer('duration_ms'),
    /** The model had been told that it was still running. */
    wasLate: boolean('was_late').notNull().default(false),
    at: moment('at').notNull(),
  },
  (table) => [primaryKey({ name: 'tool_calls_pk', columns: [table.botId, table.epoch, table.seq] })],
);

/** Documents that the agent answers from. Of their files only the text is kept. */
export const documents = pgTable(
  'documents',
  {
    id: text('id').primaryKey(),
    workspaceId: workspaceId(),
    /** Of the file, and what it says of itself: untrusted. */
    name: text('name').notNull(),
    title: text('title'),
    format: text('format').notNull(),
    /** A BCP 47 tag, as far as it was recognised. */
    language: text('language'),
    bytes: integer('bytes').notNull(),
    sha256: text('sha256').notNull(),
    pages: integer('pages'),
    chunkCount: integer('chunk_count').notNull(),
    /** What its owner should know. */
    warnings: text('warnings').array().notNull().default([]),
    createdAt: createdAt(),
  },
  (table) => [uniqueIndex('documents_once').on(table.workspaceId, table.sha256)],
);

/** What tools of agents are called with, by name; sealed with the service's secret. */
export const agentSecrets = pgTable(
  'agent_secrets',
  {
    workspaceId: workspaceId(),
    name: text('name').notNull(),
    sealed: text('sealed').notNull(),
    createdAt: createdAt(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ name: 'agent_secrets_pk', columns: [table.workspaceId, table.name] })],
);

/** Tools that agents of a workspace have where a meeting names none of its own: HTTP services (`http`) and MCP servers (`mcp`). */
export const agentTools = pgTable(
  'agent_tools',
  {
    id: text('id').primaryKey(),
    workspaceId: workspaceId(),
    kind: text('kind').$type<'http' | 'mcp'>().notNull(),
    name: text('name').notNull(),
    /** As `src/agent/tools/configured/tool-settings.ts` has it; its secrets are named, and kept elsewhere. */
    settings: json('settings').notNull(),
    createdAt: createdAt(),
    updatedAt: moment('updated_at').notNull().defaultNow(),
  },
  (table) => [uniqueIndex('agent_tools_name').on(table.workspaceId, table.kind, table.name)],
);

/** Passages of documents. `tokens` holds words and, behind a bar, their pieces. */
export const documentChunks = pgTable(
  'document_chunks',
  {
    documentId: text('document_id')
      .notNull()
      .references(() => documents.id, { onDelete: 'cascade' }),
    index: integer('index').notNull(),
    workspaceId: text('workspace_id').notNull(),
    headings: text('headings').array().notNull().default([]),
    page: integer('page'),
    text: text('text').notNull(),
    /** What it means: 32-bit floats, little-endian, by this model. */
    embedding: bytes('embedding'),
    embeddingModel: text('embedding_model'),
    tokens: tokens(),
    tsv: vector(),
  },
  (table) => [
    primaryKey({ name: 'document_chunks_pk', columns: [table.documentId, table.index] }),
    index('document_chunks_workspace').on(table.workspaceId),
    index('document_chunks_words').using('gin', table.tsv).with({ fastupdate: false }),
  ],
);

/** What a meeting's processes used so far, by model and kind: totals, not increments. */
export const usage = pgTable(
  'usage',
  {
    botId: botId(),
    epoch: integer('epoch').notNull(),
    model: text('model').notNull(),
    kind: text('kind').notNull(),
    units: doublePrecision('units').notNull(),
    usd: doublePrecision('usd').notNull(),
    at: moment('at').notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'usage_pk', columns: [table.botId, table.epoch, table.model, table.kind] }),
    index('usage_time').on(table.at),
  ],
);

/** What was asked of a worker: to wait until its meetings end, or to hand them over. What runs then still is left. */
export type WorkerDrain = {
  readonly mode: 'wait' | 'handover';
  readonly timeoutMs: number;
  readonly askedAt: string;
};

export const workers = pgTable('workers', {
  id: text('id').primaryKey(),
  address: text('address'),
  version: text('version').notNull(),
  slots: integer('slots').notNull(),
  used: integer('used').notNull().default(0),
  /** Share of its cores that is busy, 0 to 1. */
  load: doublePrecision('load').notNull().default(0),
  rssMib: integer('rss_mib').notNull().default(0),
  state: text('state').$type<'running' | 'full' | 'draining' | 'gone'>().notNull(),
  /** How it is to empty itself, where somebody asked for that. */
  drain: jsonText('drain').$type<WorkerDrain>(),
  startedAt: moment('started_at').notNull().defaultNow(),
  seenAt: moment('seen_at').notNull().defaultNow(),
});

export const audit = pgTable(
  'audit',
  {
    id: text('id').primaryKey(),
    workspaceId: text('workspace_id').notNull(),
    at: moment('at').notNull().defaultNow(),
    actorKind: text('actor_kind').$type<'user' | 'key' | 'system' | 'link'>().notNull(),
    actorId: text('actor_id').notNull(),
    action: text('action').notNull(),
    target: text('target').notNull().default(''),
    detail: json('detail').notNull().default({}),
  },
  (table) => [index('audit_list').on(table.workspaceId, table.id)],
);

/** What is to be told to others, written in the transaction in which it became true. Its id is the event's, at every try. */
export const outbox = pgTable(
  'outbox',
  {
    id: text('id').primaryKey(),
    workspaceId: workspaceId(),
    botId: text('bot_id').references(() => bots.id, { onDelete: 'cascade' }),
    /** Of `bot_events`. */
    seq: integer('seq'),
    type: text('type').notNull(),
    body: json('body').notNull(),
    createdAt: createdAt(),
    /** Deliveries have been planned. */
    takenAt: moment('taken_at'),
  },
  (table) => [
    index('outbox_waiting')
      .on(table.id)
      .where(sql`taken_at is null`),
    index('outbox_list').on(table.workspaceId, table.id),
    index('outbox_bot').on(table.botId),
  ],
);

export const webhooks = pgTable(
  'webhooks',
  {
    id: text('id').primaryKey(),
    workspaceId: workspaceId(),
    /** Of an invitation that named it: for this bot alone. */
    botId: text('bot_id').references(() => bots.id, { onDelete: 'cascade' }),
    url: text('url').notNull(),
    /** Types of events; empty: all that are not opt-in. */
    events: text('events').array().notNull().default([]),
    /** Signs, so it is needed as it is: sealed by who writes it. */
    secret: text('secret').notNull(),
    previousSecret: text('previous_secret'),
    previousSecretUntil: moment('previous_secret_until'),
    createdAt: createdAt(),
    failingSince: moment('failing_since'),
    disabledAt: moment('disabled_at'),
    disabledReason: text('disabled_reason'),
  },
  (table) => [
    index('webhooks_workspace').on(table.workspaceId, table.id),
    index('webhooks_bot').on(table.botId),
  ],
);

/** Every try to deliver an event. */
export const deliveries = pgTable(
  'deliveries',
  {
    outboxId: text('outbox_id')
      .notNull()
      .references(() => outbox.id, { onDelete: 'cascade' }),
    webhookId: text('webhook_id')
      .notNull()
      .references(() => webhooks.id, { onDelete: 'cascade' }),
    attempt: integer('attempt').notNull(),
    state: text('state').$type<'waiting' | 'delivered' | 'failed' | 'given_up'>().notNull(),
    /** HTTP status of the answer. */
    status: integer('status'),
    durationMs: integer('duration_ms'),
    /** The first of the answer's body, or what went wrong. Untrusted. */
    response: text('response').notNull().default(''),
    at: moment('at').notNull().defaultNow(),
    nextAt: moment('next_at'),
  },
  (table) => [
    primaryKey({ name: 'deliveries_pk', columns: [table.outboxId, table.webhookId, table.attempt] }),
    index('deliveries_list').on(table.webhookId, table.at),
    index('deliveries_waiting')
      .on(table.nextAt)
      .where(sql`state = 'waiting'`),
  ],
);
