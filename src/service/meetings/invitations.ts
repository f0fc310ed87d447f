/** Invitations become bots: checked against the meetings and limits that there are, and written down whole or not at all. */
import { parseMeetingSettings } from '../../bot/meeting-settings.js';
import type { Database, Orm } from '../../database/database.js';
import type { PgBossFleet } from '../../fleet/pg-boss.js';
import { type BotRow, countLiveBots, insertBot } from '../../records/store/bots.js';
import { insertWebhook } from '../../records/store/webhooks.js';
import { findWorkspace } from '../../records/store/workspaces.js';
import type { SecretBox } from '../auth/secret-box.js';
import { botOf } from '../http/bots/bot-views.js';
import { type FieldCode, Problem } from '../http/problem.js';
import { jobOf, MAX_LATE_MS } from './bot-life.js';
import type { InviteRequest } from './meetings.js';
import { participantIdOf } from './participant-id.js';
import type { MeetingPlace, MeetingPlaces } from './places.js';

/** Bots of a workspace that live at the same time, where the workspace says nothing. */
const DEFAULT_MAX_BOTS = 20;

/** What invitations need. */
export type InvitationsOptions = {
  readonly database: Database;
  readonly places: MeetingPlaces;
  readonly secrets: SecretBox;
  readonly serviceSecret: string;
  /** Where it is there, a bot has a job from the beginning. */
  readonly fleet?: PgBossFleet | undefined;
};

/** See the head of this file. */
export class Invitations {
  readonly #options: InvitationsOptions;

  constructor(options: InvitationsOptions) {
    this.#options = options;
  }

  /** Writes the bot down; `isNew` is false where the deduplication key has one that is not over. Rejects with Problem. */
  async make(request: InviteRequest): Promise<{ bot: BotRow; isNew: boolean }> {
    const { database, serviceSecret } = this.#options;
    const { workspaceId, actor, joinAt, metadata, record, retentionDays, deduplicationKey } = request;
    if (joinAt !== undefined && joinAt.getTime() < Date.now() - MAX_LATE_MS)
      throw fieldProblem('joinAt', 'is over: give a time that is to come, or none for now', 'in_the_past');
    const workspace = await findWorkspace(database.orm, workspaceId);
    const settings = parseMeetingSettings({ ...workspace?.defaults, ...request.settings });
    const { place, meetingId } = await this.#find(request);
    const made = await database.transaction(async (tx) => {
      const most = limitOf(workspace?.limits['maxBots']);
      const living = await countLiveBots(tx, workspaceId);
      const added = await insertBot(tx, {
        ...{ workspaceId, place: place.name, meetingId, name: settings.name, settings: { ...settings } },
        ...{ options: { record }, metadata: { ...metadata }, createdBy: actor },
        joinAt: joinAt ?? null,
        priority: joinAt === undefined ? 10 : 20,
        retentionDays: retentionDays ?? null,
        dedupKey: deduplicationKey ?? null,
        participantId: participantIdOf(serviceSecret, place.name, meetingId),
      });
      if ('existing' in added) return added;
      // Whoever is over the limit leaves nothing behind: the transaction is taken back.
      if (joinAt === undefined && living >= most)
        throw new Problem(
          'too_many_bots',
          `the workspace has ${living} bots in meetings, and may have ${most}`,
          { retryAfterS: 60 },
        );
      await this.#addWebhooks(tx, added.bot, request);
      await this.#options.fleet?.engine.enqueue(tx, jobOf(added.bot));
      return added;
    });
    if ('existing' in made) return existingBot(made.existing, deduplicationKey);
    return { bot: made.bot, isNew: true };
  }

  /** Where a meeting is, under the id that its service gives it. */
  async #find({
    meetingId,
    place: wanted,
  }: InviteRequest): Promise<{ place: MeetingPlace; meetingId: string }> {
    const { all } = this.#options.places;
    const places = wanted === undefined ? all : all.filter(({ name }) => name === wanted);
    if (places.length === 0)
      throw fieldProblem('place', `there is no ${wanted!} here: ${all.map(({ name }) => name).join(', ')}`);
    for (const place of places) {
      if (!place.roomsByApi) return { place, meetingId };
      const room = await place.findRoom(meetingId);
      if (room !== undefined) return { place, meetingId: room.roomId };
    }
    throw fieldProblem(
      'meetingId',
      `no such meeting is known to ${places.map(({ description }) => description).join(' or ')}`,
    );
  }

  async #addWebhooks(tx: Orm, bot: BotRow, request: InviteRequest): Promise<void> {
    for (const { url, events, secret } of request.webhooks)
      await insertWebhook(tx, {
        ...{ workspaceId: bot.workspaceId, botId: bot.id, url, events: [...events] },
        secret: this.#options.secrets.seal(secret),
      });
  }
}

function existingBot(existing: BotRow, deduplicationKey: string | undefined): { bot: BotRow; isNew: false } {
  if (deduplicationKey !== undefined && existing.dedupKey === deduplicationKey)
    return { bot: existing, isNew: false };
  throw new Problem('bot_exists', `${existing.id} is in this meeting: it is ${existing.state}`, {
    more: { bot: botOf(existing) },
  });
}

function limitOf(limit: unknown): number {
  return typeof limit === 'number' ? limit : DEFAULT_MAX_BOTS;
}

function fieldProblem(path: string, problem: string, code: FieldCode = 'invalid'): Problem {
  return new Problem('invalid_request', `${path}: ${problem}`, { errors: [{ path, problem, code }] });
}
