/** What processes of meetings tell becomes the state and the history of their bots. */
import type { Database } from '../../database/database.js';
import type { Logger } from '../../log.js';
import type { MeetingEnd } from '../../meeting-process/protocol.js';
import { updateAttempt } from '../../records/store/attempts.js';
import { addBotEvent, type BotRow, findBotById } from '../../records/store/bots.js';
import { isOver } from '../../records/store/bot-states.js';
import { addToOutbox } from '../../records/store/outbox.js';
import type { MeetingAttempt, MeetingState } from '../../supervisor/supervisor-events.js';
import type { LiveFeeds } from '../events/live-feeds.js';
import type { ServiceMetrics } from '../service-metrics.js';
import { endOf, isKept } from './bot-life.js';
import type { BotUpdates } from './bot-updates.js';
import type { MeetingSupervisor } from './meeting-supervisor.js';
import type { Recorder } from './recorder.js';
import type { SerialWork } from './serial-work.js';

/** What is needed to keep what becomes of meetings. */
export type MeetingOutcomesOptions = {
  readonly database: Database;
  readonly supervisor: MeetingSupervisor;
  readonly feeds: LiveFeeds;
  readonly recorder: Recorder;
  readonly updates: BotUpdates;
  readonly work: SerialWork;
  readonly metrics: ServiceMetrics;
  readonly log: Logger;
  /** A meeting is over, and all of it is kept. */
  readonly onOver?: ((bot: BotRow) => void) | undefined;
};

/** See the head of this file. */
export class MeetingOutcomes {
  readonly #options: MeetingOutcomesOptions;
  readonly #journalsFailing = new Set<string>();

  constructor(options: MeetingOutcomesOptions) {
    this.#options = options;
    const { supervisor, feeds, recorder } = options;
    supervisor.events.on('event', (botId, epoch, event) => {
      feeds.push(botId, epoch, event);
      recorder.take(botId, epoch, event);
    });
    supervisor.events.on('state', (botId, epoch, state, detail) =>
      this.#onState(botId, epoch, state, detail),
    );
    supervisor.events.on('attempt', (attempt) => this.#onAttempt(attempt));
    supervisor.events.on('ended', (botId, epoch, end) => this.ended(botId, epoch, end));
    supervisor.events.on('journal', (botId, failing, message) => this.#onJournal(botId, failing, message));
  }

  /** Meetings whose words no disk keeps at present, until they are in the database. */
  get journalsFailing(): number {
    return this.#journalsFailing.size;
  }

  /** A meeting has ended: of a claim that is not the present one nothing follows. */
  ended(botId: string, epoch: number, end: MeetingEnd): void {
    this.#journalsFailing.delete(botId);
    if (end.reason === 'fenced') {
      this.#options.feeds.release(botId);
      return; // another process has the meeting
    }
    this.#options.work.add(botId, async () => {
      const bot = await findBotById(this.#options.database.orm, botId);
      if (bot !== undefined && !isOver(bot.state) && bot.epoch === epoch) await this.finish(bot, end);
    });
  }

  /** A bot is over: what waits of it is written first. */
  async finish(bot: BotRow, end: MeetingEnd): Promise<void> {
    const { database, recorder, feeds, updates } = this.#options;
    const { id: botId } = bot;
    const [to, reason] = endOf(bot.state, end);
    await recorder.finish(botId);
    const message = end.failure?.message ?? end.message;
    await updates.changeState({
      ...{ botId, to, reason },
      ...(message === undefined ? {} : { detail: { message } }),
    });
    if (bot.joinedAt !== null && isKept(bot)) {
      const { id, meetingId, metadata } = bot;
      const about = { id, meetingId, state: to, metadata };
      await addToOutbox(database.orm, [
        { workspaceId: bot.workspaceId, botId, type: 'transcript.ready', data: { bot: about } },
      ]);
    }
    feeds.finish(botId);
    this.#options.onOver?.(bot);
  }

  #onState(
    botId: string,
    epoch: number,
    state: MeetingState,
    detail: { waitingFor?: string; message?: string },
  ): void {
    const { waitingFor, message } = detail;
    this.#options.work.add(botId, async () => {
      const { database, metrics, updates } = this.#options;
      const bot = await findBotById(database.orm, botId);
      if (bot === undefined || isOver(bot.state)) return;
      if (bot.state === state) {
        if ((waitingFor ?? null) === bot.waitingFor) return;
        const told = await database.transaction((tx) =>
          addBotEvent(tx, { botId, epoch, kind: 'waiting', waitingFor: waitingFor ?? null }),
        );
        if (told.ok) updates.tell(told.bot);
        return;
      }
      if (state === 'recovering') metrics.restarted('process_lost');
      const changed = await updates.changeState({
        ...{ botId, epoch, to: state },
        ...(waitingFor === undefined ? {} : { waitingFor }),
        ...(message === undefined ? {} : { detail: { message } }),
      });
      if (changed !== undefined && state === 'active' && bot.joinedAt === null)
        metrics.joined((Date.now() - (bot.joinAt ?? bot.createdAt).getTime()) / 1_000);
    });
  }

  #onJournal(botId: string, failing: boolean, message = ''): void {
    const { log } = this.#options;
    if (failing) {
      this.#journalsFailing.add(botId);
      log.error(
        { botId },
        `a meeting goes on without a journal, and its words are only in memory: ${message}`,
      );
    } else if (this.#journalsFailing.delete(botId)) log.info({ botId }, 'a meeting has its journal again');
  }

  #onAttempt(attempt: MeetingAttempt): void {
    const { botId, epoch, pid } = attempt;
    this.#options.work.add(botId, async () => {
      const { database } = this.#options;
      if (attempt.kind === 'started') {
        await updateAttempt(database.orm, { botId, epoch }, { pid });
        return;
      }
      const { exit, rssBytes, log } = attempt;
      await updateAttempt(
        database.orm,
        { botId, epoch },
        {
          ...{ ended: true, exitCode: exit.code ?? null, signal: exit.signal ?? null, log },
          ...(rssBytes === undefined ? {} : { rssMib: Math.round(rssBytes / 1_048_576) }),
        },
      );
    });
  }
}
