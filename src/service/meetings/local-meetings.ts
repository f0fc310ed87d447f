/** Meetings on this machine: when a bot begins here, goes on, and is let go. */
import { addressesIn, secretsIn, type ToolSettings } from '../../agent/tools/configured/tool-settings.js';
import type { AgentAnswer } from '../../agent/meeting/agent-options.js';
import { MAX_NOTES } from '../../agent/notes/note.js';
import type { Clock, TimerHandle } from '../../clock.js';
import type { Database, Orm } from '../../database/database.js';
import { sqlState, UNIQUE_VIOLATION } from '../../database/errors.js';
import { ParleyError } from '../../errors.js';
import type { Order } from '../../fleet/orders.js';
import type { PgBossFleet } from '../../fleet/pg-boss.js';
import type { Logger } from '../../log.js';
import type { PersonSettings } from '../../meeting/meeting-change.js';
import {
  askToLeave,
  type BotRow,
  changeState,
  claim,
  findBotById,
  listUnfinishedBots,
} from '../../records/store/bots.js';
import { isOver } from '../../records/store/bot-states.js';
import { agentNoteOf, listNotes } from '../../records/store/notes.js';
import type { MeetingRequest } from '../../supervisor/supervisor.js';
import { openSecrets } from '../agent/agent-secrets.js';
import { withWorkspaceTools } from '../agent/workspace-tools.js';
import type { SecretBox } from '../auth/secret-box.js';
import type { LiveFeeds } from '../events/live-feeds.js';
import { Problem } from '../http/problem.js';
import type { ServiceMetrics } from '../service-metrics.js';
import {
  BEFORE_START,
  isKept,
  isLeaving,
  isMissed,
  jobOf,
  PREPARE_MS,
  requestOf,
  stopCommand,
} from './bot-life.js';
import { BotUpdates } from './bot-updates.js';
import { HostWishes } from './host-wishes.js';
import { Invitations } from './invitations.js';
import { MeetingOutcomes } from './meeting-outcomes.js';
import type { MeetingSupervisor } from './meeting-supervisor.js';
import type {
  AgentQuestion,
  ApprovalWord,
  BotChange,
  ChangeResult,
  InviteRequest,
  Meetings,
} from './meetings.js';
import type { MeetingPlace, MeetingPlaces } from './places.js';
import type { Recorder } from './recorder.js';
import { SerialWork } from './serial-work.js';

/** Longest a timer is set: later times are looked at again. */
const MAX_TIMER_MS = 24 * 3_600_000;
/** Meetings of a service that ended without leaving them come back by themselves within this; then they are taken up anew. */
const ADOPTION_MS = 15_000;
/** A scheduled bot whose meeting still has another one is tried again after this, until it has missed the meeting. */
const BUSY_MS = 2_000;

/** What meetings are run with. */
export type LocalMeetingsOptions = {
  readonly database: Database;
  readonly supervisor: MeetingSupervisor;
  readonly places: MeetingPlaces;
  readonly feeds: LiveFeeds;
  readonly recorder: Recorder;
  readonly metrics: ServiceMetrics;
  readonly secrets: SecretBox;
  readonly serviceSecret: string;
  readonly workerId: string;
  /** Meetings at the same time. */
  readonly slots: number;
  /** Hands bots to workers, this machine or others. Absent: all of them run here, at once. */
  readonly fleet?: PgBossFleet | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Tools that settings name may be at any address. */
  readonly toolsAtPrivateAddresses: boolean;
  /** A meeting is over, and all of it is kept. */
  readonly onOver?: ((bot: BotRow) => void) | undefined;
};

/** Runs meetings here. */
export class LocalMeetings implements Meetings {
  readonly slots: number;
  readonly #options: LocalMeetingsOptions;
  readonly #work: SerialWork;
  readonly #updates: BotUpdates;
  readonly #invitations: Invitations;
  readonly #wishes: HostWishes;
  readonly #outcomes: MeetingOutcomes;
  readonly #timers = new Map<string, TimerHandle>();
  #isClosed = false;

  constructor(options: LocalMeetingsOptions) {
    this.#options = options;
    this.slots = options.slots;
    this.#work = new SerialWork(options);
    this.#updates = new BotUpdates(options);
    const shared = { ...options, updates: this.#updates, work: this.#work };
    this.#invitations = new Invitations(options);
    this.#wishes = new HostWishes(shared);
    this.#outcomes = new MeetingOutcomes(shared);
  }

  get running(): number {
    return this.#options.supervisor.list().length;
  }

  /** Meetings whose words no disk keeps at present, until they are in the database. */
  get journalsFailing(): number {
    return this.#outcomes.journalsFailing;
  }

  /** Takes up what was going on when the service ended: what is scheduled, what waits, and meetings that nobody carries. */
  async resume(): Promise<void> {
    const { database, clock, supervisor } = this.#options;
    const unfinished = await listUnfinishedBots(database.orm);
    const { fleet } = this.#options;
    if (fleet !== undefined) {
      // Of a service that ran without jobs; one that has a job keeps it.
      for (const bot of unfinished) await database.transaction((tx) => fleet.engine.enqueue(tx, jobOf(bot)));
      fleet.engine.nudge();
      return;
    }
    for (const bot of unfinished) {
      if (bot.state === 'scheduled') this.#schedule(bot);
      else if (bot.state === 'queued') this.#start(bot.id);
    }
    const carried = unfinished.filter(({ state }) => state !== 'scheduled' && state !== 'queued');
    if (carried.length === 0) return;
    const timer = clock.setTimer(() => {
      this.#timers.delete('adoption');
      for (const { id } of carried) if (supervisor.status(id) === undefined) this.#takeUp(id);
    }, ADOPTION_MS);
    this.#timers.set('adoption', timer);
  }

  async invite(request: InviteRequest): Promise<{ bot: BotRow; isNew: boolean }> {
    if (this.#isClosed)
      throw new Problem('service_unavailable', 'the service is ending: ask again in a minute', {
        retryAfterS: 60,
      });
    const { fleet } = this.#options;
    const made = await this.#invitations.make(request);
    if (!made.isNew) return made;
    this.#updates.tell(made.bot);
    if (fleet !== undefined) fleet.engine.nudge();
    else if (made.bot.state === 'scheduled') this.#schedule(made.bot);
    else this.#start(made.bot.id);
    return made;
  }

  async change(bot: BotRow, change: BotChange, ifRevision?: number): Promise<ChangeResult> {
    const { bot: changed, result } = await this.#wishes.change(bot, change, ifRevision);
    if (changed.state === 'scheduled' && this.#options.fleet === undefined) this.#schedule(changed);
    return result;
  }

  async leave(bot: BotRow, { say }: { say?: string | undefined }): Promise<BotRow> {
    const { database } = this.#options;
    if (isOver(bot.state))
      throw new Problem('conflict', `the bot is ${bot.state} already`, { reason: 'bot_over' });
    if (BEFORE_START.includes(bot.state)) {
      this.#timers.get(bot.id)?.cancel();
      this.#timers.delete(bot.id);
      const cancelled = await this.#updates.changeState(
        { botId: bot.id, from: [...BEFORE_START], to: 'cancelled', reason: 'cancelled' },
        async (tx) => {
          await this.#options.fleet?.engine.cancel(tx, bot.id);
        },
      );
      if (cancelled !== undefined) {
        this.#options.feeds.finish(bot.id);
        return cancelled;
      }
    }
    const asked = await database.transaction((tx) => askToLeave(tx, bot.id));
    const now = asked.ok ? asked.bot : bot;
    if (!this.#wishes.leave(now, say) && !isOver(now.state))
      this.#outcomes.ended(bot.id, now.epoch, { reason: 'asked', exitCode: 0 });
    return (await findBotById(database.orm, bot.id)) ?? bot;
  }

  say(bot: BotRow, text: string, languages?: readonly string[]): Promise<void> {
    return this.#wishes.say(bot, text, languages);
  }

  mute(bot: BotRow, muted: boolean, language?: string): Promise<void> {
    return this.#wishes.mute(bot, muted, language);
  }

  ask(bot: BotRow, ask: AgentQuestion): Promise<AgentAnswer> {
    return this.#wishes.ask(bot, ask);
  }

  approve(bot: BotRow, word: ApprovalWord): Promise<boolean> {
    return this.#wishes.approve(bot, word);
  }

  inform(bot: BotRow, text: string): Promise<void> {
    return this.#wishes.inform(bot, text);
  }

  hush(bot: BotRow): Promise<void> {
    return this.#wishes.hush(bot);
  }

  setPerson(bot: BotRow, participantId: string, settings: PersonSettings): Promise<void> {
    return this.#wishes.setPerson(bot, participantId, settings);
  }

  forget(botId: string): Promise<void> {
    return this.#options.supervisor.forgetJournal(botId);
  }

  /** What somebody on another machine wants of a bot here. */
  follow(order: Order): Promise<unknown> {
    return this.#wishes.follow(order);
  }

  /** Leaves all meetings that run here, in good order. */
  leaveAll(): void {
    const { supervisor, log } = this.#options;
    for (const { botId } of supervisor.list())
      supervisor.command(botId, stopCommand(undefined)).catch((err: unknown) => {
        log.warn({ err, botId }, 'a bot did not take the request to leave');
      });
  }

  /** Meetings are left, or go on for whoever supervises next; nothing is taken any more. */
  async close(how: 'leave' | 'keep' = 'leave'): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    await this.#options.supervisor.close({ meetings: how, drainMs: 2_000 });
    await this.#work.idle();
    await this.#options.recorder.flush();
  }

  #schedule(bot: BotRow): void {
    const { clock } = this.#options;
    this.#timers.get(bot.id)?.cancel();
    const dueMs = (bot.joinAt?.getTime() ?? 0) - PREPARE_MS - Date.now();
    const fire = (): void => {
      this.#timers.delete(bot.id);
      if (dueMs > MAX_TIMER_MS) this.#schedule(bot);
      else this.#work.add(bot.id, () => this.#due(bot.id));
    };
    this.#timers.set(bot.id, clock.setTimer(fire, Math.min(Math.max(0, dueMs), MAX_TIMER_MS)));
  }

  async #due(botId: string): Promise<void> {
    const bot = await findBotById(this.#options.database.orm, botId);
    if (bot?.state !== 'scheduled') return;
    if (isMissed(bot)) {
      await this.#updates.changeState({ botId, from: 'scheduled', to: 'ended', reason: 'missed' });
      return;
    }
    let queued: BotRow | undefined;
    try {
      queued = await this.#updates.changeState({ botId, from: 'scheduled', to: 'queued' });
    } catch (error) {
      if (sqlState(error) !== UNIQUE_VIOLATION) throw error;
      this.#options.log.info({ botId }, 'another bot is in the meeting: this one is tried again');
      const again = (): void => this.#work.add(botId, () => this.#due(botId));
      this.#timers.set(botId, this.#options.clock.setTimer(again, BUSY_MS));
      return;
    }
    if (queued !== undefined) await this.#run(queued);
  }

  #start(botId: string): void {
    this.#work.add(botId, async () => {
      const bot = await findBotById(this.#options.database.orm, botId);
      if (bot?.state === 'queued') await this.#run(bot);
    });
  }

  /** A meeting that a former service had, and whose process did not come back. */
  #takeUp(botId: string): void {
    this.#work.add(botId, async () => {
      const bot = await findBotById(this.#options.database.orm, botId);
      if (bot === undefined || isOver(bot.state)) return;
      if (isLeaving(bot)) await this.#outcomes.finish(bot, { reason: 'asked', exitCode: 0 });
      else {
        if (bot.state !== 'starting')
          await this.#updates.changeState({ botId, to: bot.state === 'active' ? 'recovering' : 'queued' });
        await this.#run(bot);
      }
    });
  }

  async #run(bot: BotRow): Promise<void> {
    const { database, supervisor, workerId, places, slots, recorder } = this.#options;
    const place = places.all.find(({ name }) => name === bot.place);
    if (place === undefined) {
      await this.#outcomes.finish(bot, {
        reason: 'misconfigured',
        exitCode: 2,
        failure: { code: 'config', message: `there is no ${bot.place} here any more` },
      });
      return;
    }
    if (this.running >= slots) {
      await this.#outcomes.finish(bot, {
        reason: 'no_capacity',
        exitCode: 69,
        failure: { code: 'service_unavailable', message: `all ${slots} places for meetings are taken` },
      });
      return;
    }
    const epoch = await database.transaction((tx) => claim(tx, bot.id, workerId));
    if (epoch === undefined) return;
    if (bot.state === 'queued') await this.#updates.changeState({ botId: bot.id, epoch, to: 'starting' });
    recorder.open(bot.id, isKept(bot));
    supervisor.start(await this.#requestOf(bot, epoch, place));
  }

  /** Brings a bot that a worker takes into a state in which it can be claimed; false: it is over. */
  async beginClaim(tx: Orm, bot: BotRow): Promise<boolean> {
    if (isOver(bot.state)) return false;
    if (bot.state !== 'scheduled') return true;
    const isLate = isMissed(bot);
    const changed = await changeState(
      tx,
      isLate
        ? { botId: bot.id, from: 'scheduled', to: 'ended', reason: 'missed' }
        : { botId: bot.id, from: 'scheduled', to: 'queued' },
    );
    return changed.ok && !isLate;
  }

  /** What a bot that this machine has claimed is started with; undefined: it is to leave, or it cannot be here. */
  async requestFor(botId: string, epoch: number): Promise<MeetingRequest | undefined> {
    const { database, places, recorder } = this.#options;
    const bot = await findBotById(database.orm, botId);
    if (bot?.epoch !== epoch || isOver(bot.state)) return undefined;
    const place = places.all.find(({ name }) => name === bot.place);
    if (place === undefined) throw new ParleyError('config', `there is no ${bot.place} here any more`);
    if (isLeaving(bot)) {
      await this.#outcomes.finish(bot, { reason: 'asked', exitCode: 0 });
      return undefined;
    }
    if (bot.state === 'queued') await this.#updates.changeState({ botId, epoch, to: 'starting' });
    else if (bot.state !== 'starting') await this.#updates.changeState({ botId, epoch, to: 'recovering' });
    recorder.open(botId, isKept(bot));
    return this.#requestOf(bot, epoch, place);
  }

  async #requestOf(bot: BotRow, epoch: number, place: MeetingPlace): Promise<MeetingRequest> {
    const { database, places } = this.#options;
    const equipped = await withWorkspaceTools(database.orm, bot);
    const request = requestOf(equipped, epoch, place, places.backend, await this.#agentOf(equipped));
    return { ...request, ...(await this.#notesOf(bot)) };
  }

  /** The agent of a meeting that is taken up again goes on with its notes. */
  async #notesOf({ id, joinedAt }: BotRow): Promise<Pick<MeetingRequest, 'notes'>> {
    if (joinedAt === null) return {};
    const notes = (await listNotes(this.#options.database.orm, id)).filter(({ by }) => by === 'agent');
    return { notes: notes.slice(-MAX_NOTES).map(agentNoteOf) };
  }

  /** What tools of its settings are called with: its workspace's secrets, those alone that they name. */
  async #agentOf(bot: BotRow): Promise<MeetingRequest['agent']> {
    const { database, secrets: box, toolsAtPrivateAddresses, log } = this.#options;
    const names = secretsIn(bot.settings as ToolSettings).map(({ name }) => name);
    const isNeeded = names.length > 0 || addressesIn(bot.settings).length > 0;
    if (!isNeeded) return undefined;
    const secrets = await openSecrets(database.orm, bot.workspaceId, names, box, (name) => {
      log.error({ botId: bot.id, secret: name }, 'a secret was sealed with another secret of the service');
    });
    return { secrets, toolsAtPrivateAddresses };
  }

  /** A bot that this machine has claimed cannot be started. */
  async failed(botId: string, epoch: number, error: ParleyError): Promise<void> {
    const bot = await findBotById(this.#options.database.orm, botId);
    if (bot?.epoch !== epoch || isOver(bot.state)) return;
    const failure = { code: error.code, message: error.message };
    await this.#outcomes.finish(bot, { reason: 'misconfigured', exitCode: 2, failure });
  }
}
