/** What a host wants of a bot: its row says so, and the meeting does it, on this machine or on another one. */
import type { AgentAnswer } from '../../agent/meeting/agent-options.js';
import { type MeetingSettings, parseMeetingSettings, patchSettings } from '../../bot/meeting-settings.js';
import type { UpdateReport } from '../../bot/settings-change.js';
import type { Clock } from '../../clock.js';
import type { Database, Orm } from '../../database/database.js';
import { isDatabaseAway } from '../../database/errors.js';
import { messageOf, ParleyError } from '../../errors.js';
import type { Order } from '../../fleet/orders.js';
import type { PgBossFleet } from '../../fleet/pg-boss.js';
import type { Logger } from '../../log.js';
import type { PersonSettings } from '../../meeting/meeting-change.js';
import { withWord } from '../../meeting-process/host-word.js';
import { commandSchema, type MeetingCommand } from '../../meeting-process/protocol.js';
import type { BotState } from '../../records/store/bot-states.js';
import { type BotRow, keepHostWord, updateSettings } from '../../records/store/bots.js';
import type { LiveFeeds } from '../events/live-feeds.js';
import { type FieldError, Problem } from '../http/problem.js';
import { BEFORE_START, type HostWord, hostWordOf, jobOf, stopCommand } from './bot-life.js';
import type { BotUpdates } from './bot-updates.js';
import type { AgentQuestion, ApprovalWord, BotChange, ChangeResult } from './meetings.js';
import type { MeetingSupervisor } from './meeting-supervisor.js';
import type { SerialWork } from './serial-work.js';

/** States in which a meeting has a process that takes commands. */
const COMMANDABLE: readonly BotState[] = ['staged', 'joining', 'active', 'recovering'];
/** Saying something may take longer than a request should. */
const SAY_WAIT_MS = 500;

/** What is needed to do what a host wants. */
export type HostWishesOptions = {
  readonly database: Database;
  readonly supervisor: MeetingSupervisor;
  readonly feeds: LiveFeeds;
  readonly updates: BotUpdates;
  readonly work: SerialWork;
  readonly workerId: string;
  readonly fleet?: PgBossFleet | undefined;
  readonly clock: Clock;
  readonly log: Logger;
};

/** See the head of this file. All methods reject with a Problem, or a ParleyError, that says what to do. */
export class HostWishes {
  readonly #options: HostWishesOptions;

  constructor(options: HostWishesOptions) {
    this.#options = options;
  }

  /** Changes a bot's row, and has the running meeting take it; `bot` is as it stands then. */
  async change(
    bot: BotRow,
    change: BotChange,
    ifRevision?: number,
  ): Promise<{ bot: BotRow; result: ChangeResult }> {
    const { database, updates, log } = this.#options;
    const current = parseMeetingSettings(bot.settings);
    const isRunning = !BEFORE_START.includes(bot.state);
    const { settings, report } = isRunning
      ? patchSettings(current, change.settings)
      : replaced(current, change.settings);
    const refused = refusedOf(report);
    if (isRunning && change.joinAt !== undefined)
      refused.push({
        path: 'joinAt',
        problem: 'can be moved only while the bot is scheduled',
        code: 'fixed',
      });
    if (isRunning && change.record !== undefined)
      refused.push({
        path: 'record',
        problem: 'cannot change in a running meeting: people were told on joining',
        code: 'fixed',
      });
    if (refused.length > 0)
      throw new Problem('conflict', `${refused[0]!.path}: ${refused[0]!.problem}`, { errors: refused });
    const { fleet } = this.#options;
    const changed = await database.transaction(async (tx) => {
      const updated = await updateSettings(
        tx,
        bot.id,
        {
          settings: { ...settings },
          name: settings.name,
          ...(change.joinAt === undefined ? {} : { joinAt: change.joinAt }),
          ...(change.record === undefined ? {} : { options: { ...bot.options, record: change.record } }),
          ...(change.metadata === undefined ? {} : { metadata: change.metadata }),
          ...(change.retentionDays === undefined ? {} : { retentionDays: change.retentionDays }),
        },
        ifRevision ?? bot.revision,
      );
      if (updated.ok && change.joinAt !== undefined) await fleet?.engine.reschedule(tx, jobOf(updated.bot));
      return updated;
    });
    if (!changed.ok) {
      if (changed.why === 'revision')
        throw new Problem('changed_meanwhile', 'the bot was changed meanwhile: read it again');
      throw new Problem(
        'conflict',
        `the bot is ${changed.bot?.state ?? 'gone'}: it cannot be changed like this`,
      );
    }
    const { revision } = changed.bot;
    updates.tell(changed.bot);
    if (COMMANDABLE.includes(changed.bot.state) && Object.keys(change.settings).length > 0)
      this.#apply(changed.bot, change.settings, current).catch((err: unknown) => {
        log.error({ err, botId: bot.id }, 'settings that the meeting refused could not be taken back');
      });
    const others = Object.keys(change).filter(
      (name) => name !== 'settings' && change[name as keyof BotChange] !== undefined,
    );
    const changes = { ...report, ...Object.fromEntries(others.map((name) => [name, 'applied'])) };
    return { bot: changed.bot, result: { revision, changes } };
  }

  async say(bot: BotRow, text: string, languages?: readonly string[]): Promise<void> {
    // What became of it is heard and read in the meeting.
    const said = this.#command(bot, {
      kind: 'say',
      text,
      ...(languages === undefined ? {} : { languages: [...languages] }),
    });
    const quick = new Promise<void>((resolve) => this.#options.clock.setTimer(resolve, SAY_WAIT_MS));
    said.catch((error: unknown) =>
      this.#options.feeds.find(bot.id)?.tell('change', { botId: bot.id, say: { refused: messageOf(error) } }),
    );
    await Promise.race([said, quick]);
  }

  async mute(bot: BotRow, muted: boolean, language?: string): Promise<void> {
    const command = { kind: 'mute' as const, muted, ...(language === undefined ? {} : { language }) };
    const answer = (await this.#command(bot, command)) as HostWord | undefined;
    if (answer?.muted === undefined) return;
    const now = { muted: answer.muted };
    await this.#keepWord(bot.id, (options) => ({ ...options, ...now }), { kind: 'muted', detail: now });
  }

  /** The meeting process tells answers as the library has them. */
  async ask(bot: BotRow, { text, from, language }: AgentQuestion): Promise<AgentAnswer> {
    const answer = await this.#command(bot, {
      ...{ kind: 'ask', text },
      ...(from === undefined ? {} : { from }),
      ...(language === undefined ? {} : { language }),
    });
    return answer as AgentAnswer;
  }

  async inform(bot: BotRow, text: string): Promise<void> {
    const answer = (await this.#command(bot, { kind: 'inform', text })) as HostWord | undefined;
    if (answer?.told === undefined) return;
    const now = { told: answer.told };
    await this.#keepWord(bot.id, (options) => ({ ...options, ...now }), { kind: 'informed', detail: {} });
  }

  async approve(bot: BotRow, word: ApprovalWord): Promise<boolean> {
    const answer = await this.#command(bot, { kind: 'approve', ...word });
    return (answer as { waited: boolean }).waited;
  }

  async hush(bot: BotRow): Promise<void> {
    await this.#command(bot, { kind: 'hush' });
  }

  async setPerson(bot: BotRow, participantId: string, settings: PersonSettings): Promise<void> {
    const { spokenLanguages, ...rest } = settings;
    const spoken =
      spokenLanguages === undefined
        ? {}
        : { spokenLanguages: spokenLanguages === null ? null : [...spokenLanguages] };
    const given = { ...rest, ...spoken };
    await this.#command(bot, { kind: 'setPerson', participantId, settings: given });
    await this.#keepWord(
      bot.id,
      (options) => ({ ...options, people: withWord(peopleIn(options), participantId, given) }),
      { kind: 'person', detail: { participantId } },
    );
  }

  /** Leaves the meeting, after `say`. False where nothing of it runs that could be told. Never waits for the meeting. */
  leave({ id: botId, workerId }: BotRow, say: string | undefined): boolean {
    const { fleet, supervisor, log } = this.#options;
    const command = stopCommand(say);
    const isHere = supervisor.status(botId) !== undefined;
    if (!isHere && fleet === undefined) return false;
    // One that takes the bot later sees by itself that it is to leave.
    if (!isHere && workerId === null) return true;
    const asked = isHere
      ? supervisor.command(botId, command)
      : fleet!.orders.ask(workerId!, { botId, command });
    asked.catch((err: unknown) => {
      log.warn({ err, botId }, 'a bot did not take the request to leave');
    });
    return true;
  }

  /** What somebody on another machine wants of a bot here. */
  async follow({ botId, command, revision }: Order): Promise<unknown> {
    const answer = this.#options.supervisor.command(botId, commandSchema.parse(command));
    if (revision !== undefined) await this.#tellOutcome(botId, revision, answer);
    return answer;
  }

  async #apply(bot: BotRow, patch: BotChange['settings'], before: MeetingSettings): Promise<void> {
    const answer = this.#command(bot, { kind: 'update', patch: patch as never }, bot.revision);
    const report = await this.#tellOutcome(bot.id, bot.revision, answer);
    const refused = refusedOf(report).map(({ path }) => path);
    if (refused.length === 0) return;
    // What the meeting did not take is not what is in force.
    const { settings } = patchSettings(
      before,
      Object.fromEntries(Object.entries(patch).filter(([name]) => !refused.includes(name))),
    );
    const inForce = await this.#options.database.transaction((tx) =>
      updateSettings(tx, bot.id, { settings: { ...settings } }),
    );
    if (inForce.ok) this.#options.updates.tell(inForce.bot);
  }

  /** Readers are told what the meeting made of a change; resolves to that. Never rejects. */
  async #tellOutcome(botId: string, revision: number, answer: Promise<unknown>): Promise<UpdateReport> {
    const tell = (outcome: object): void =>
      this.#options.feeds.find(botId)?.tell('change', { botId, revision, ...outcome });
    try {
      const { report } = (await answer) as { report: UpdateReport };
      tell({ changes: report });
      return report;
    } catch (error) {
      const code = error instanceof ParleyError || error instanceof Problem ? error.code : 'internal';
      tell({ refused: messageOf(error), code });
      return {};
    }
  }

  /** The meeting has taken it: whoever carries it on does, too. */
  async #keepWord(botId: string, ...word: HostWordChange): Promise<void> {
    const keep = async (): Promise<void> => {
      const kept = await this.#options.database.transaction((tx) => keepHostWord(tx, botId, ...word));
      if (kept.ok) this.#options.updates.tell(kept.bot);
    };
    await keep().catch((error: unknown) => {
      if (!isDatabaseAway(error)) throw error;
      this.#options.work.add(botId, keep);
    });
  }

  /** `revision`: of a change of settings. */
  #command(bot: BotRow, command: MeetingCommand, revision?: number): Promise<unknown> {
    const { fleet, workerId, supervisor } = this.#options;
    const isElsewhere = bot.workerId !== null && bot.workerId !== workerId;
    if (COMMANDABLE.includes(bot.state) && fleet !== undefined && isElsewhere && bot.workerId !== null)
      return fleet.orders.ask(bot.workerId, {
        botId: bot.id,
        command,
        ...(revision === undefined ? {} : { revision }),
      });
    if (!COMMANDABLE.includes(bot.state) || supervisor.status(bot.id) === undefined)
      return Promise.reject(
        new Problem('conflict', `the bot is ${bot.state}: this needs one that is in its meeting`, {
          reason: 'bot_not_in_meeting',
        }),
      );
    return supervisor.command(bot.id, command);
  }
}

type HostWordChange = Parameters<typeof keepHostWord> extends [Orm, string, ...infer Change] ? Change : never;

function peopleIn(options: BotRow['options']): NonNullable<HostWord['people']> {
  return hostWordOf({ options }).people ?? [];
}

/** The settings that were not taken, and why. */
function refusedOf(report: UpdateReport): FieldError[] {
  return Object.entries(report).flatMap(([path, outcome]) =>
    typeof outcome === 'object' && 'refused' in outcome
      ? [{ path, problem: outcome.refused, code: outcome.code }]
      : [],
  );
}

/** Settings of a bot that did not begin: all of them can be replaced. */
function replaced(current: MeetingSettings, patch: BotChange['settings']): ReturnType<typeof patchSettings> {
  const given = Object.entries(patch);
  const settings = parseMeetingSettings(
    Object.fromEntries([
      ...Object.entries(current).filter(([name]) => !Object.hasOwn(patch, name)),
      ...given.filter(([, value]) => value !== null && value !== undefined),
    ]),
  );
  return { settings, report: Object.fromEntries(given.map(([name]) => [name, 'applied' as const])) };
}
