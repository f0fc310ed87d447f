/** Meetings on this machine: invitations become processes, and what these tell goes into the database and to readers. */
import { type MeetingSettings, parseMeetingSettings, patchSettings } from '../../bot/meeting-settings.js';
import type { UpdateReport } from '../../bot/settings-change.js';
import type { Clock, TimerHandle } from '../../clock.js';
import type { Database, Orm } from '../../database/database.js';
import type { PgBossFleet } from '../../fleet/pg-boss.js';
import { messageOf, ParleyError } from '../../errors.js';
import type { Logger } from '../../log.js';
import type { PersonSettings } from '../../meeting/meeting-change.js';
import { commandSchema, type MeetingCommand, type MeetingEnd } from '../../meeting-process/protocol.js';
import { updateAttempt } from '../../records/store/attempts.js';
import {
  addBotEvent,
  askToLeave,
  type BotRow,
  changeState,
  claim,
  countLiveBots,
  findBotById,
  insertBot,
  listUnfinishedBots,
  type StateChange,
  updateSettings,
} from '../../records/store/bots.js';
import { type BotState, isOver } from '../../records/store/bot-states.js';
import { addToOutbox } from '../../records/store/outbox.js';
import { findWorkspace } from '../../records/store/workspaces.js';
import { insertWebhook } from '../../records/store/webhooks.js';
import type { MeetingRequest, Supervisor } from '../../supervisor/supervisor.js';
import type { MeetingAttempt, MeetingState } from '../../supervisor/supervised-meeting.js';
import type { SecretBox } from '../auth/secret-box.js';
import type { LiveFeeds } from '../events/live-feeds.js';
import { botOf } from '../http/bots/bot-views.js';
import { type FieldCode, type FieldError, Problem } from '../http/problem.js';
import type { ServiceMetrics } from '../service-metrics.js';
import {
  endOf,
  isKept,
  isLeaving,
  isMissed,
  jobOf,
  MAX_LATE_MS,
  PREPARE_MS,
  requestOf,
  stopCommand,
} from './bot-life.js';
import type { BotChange, ChangeResult, InviteRequest, Meetings } from './meetings.js';
import { participantIdOf } from './participant-id.js';
import type { MeetingPlace, MeetingPlaces } from './places.js';
import type { Recorder } from './recorder.js';
import { SerialWork } from './serial-work.js';

/** Bots of a workspace that live at the same time, where the workspace says nothing. */
const DEFAULT_MAX_BOTS = 20;
/** Longest a timer is set: later times are looked at again. */
const MAX_TIMER_MS = 24 * 3_600_000;
/** Meetings of a service that ended without leaving them come back by themselves within this; then they are taken up anew. */
const ADOPTION_MS = 15_000;
/** States in which a meeting has a process that takes commands. */
const COMMANDABLE: readonly BotState[] = ['staged', 'joining', 'active', 'recovering'];
const BEFORE_START: readonly BotState[] = ['scheduled', 'queued'];

/** What runs the processes of meetings. */
export type MeetingSupervisor = Pick<
  Supervisor,
  'start' | 'command' | 'acknowledge' | 'abandon' | 'status' | 'list' | 'forgetJournal' | 'events' | 'close'
>;

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
};

/** Runs meetings here. */
export class LocalMeetings implements Meetings {
  readonly slots: number;
  readonly #options: LocalMeetingsOptions;
  readonly #work: SerialWork;
  readonly #timers = new Map<string, TimerHandle>();
  readonly #journalsFailing = new Set<string>();
  #isClosed = false;

  constructor(options: LocalMeetingsOptions) {
    this.#options = options;
    this.slots = options.slots;
    const { supervisor, feeds, recorder, clock, log } = options;
    this.#work = new SerialWork({ clock, log });
    supervisor.events.on('event', (botId, epoch, event) => {
      feeds.push(botId, epoch, event);
      recorder.take(botId, epoch, event);
    });
    supervisor.events.on('state', (botId, epoch, state, detail) =>
      this.#onState(botId, epoch, state, detail),
    );
    supervisor.events.on('attempt', (attempt) => this.#onAttempt(attempt));
    supervisor.events.on('ended', (botId, epoch, end) => this.#onEnded(botId, epoch, end));
    supervisor.events.on('journal', (botId, failing, message) => {
      if (failing) {
        this.#journalsFailing.add(botId);
        log.error(
          { botId },
          `a meeting goes on without a journal, and its words are only in memory: ${message ?? ''}`,
        );
      } else if (this.#journalsFailing.delete(botId)) log.info({ botId }, 'a meeting has its journal again');
    });
    supervisor.events.on('ended', (botId) => this.#journalsFailing.delete(botId));
  }

  get running(): number {
    return this.#options.supervisor.list().length;
  }

  /** Meetings whose words no disk keeps at present, until they are in the database. */
  get journalsFailing(): number {
    return this.#journalsFailing.size;
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
    const { database, serviceSecret } = this.#options;
    const { workspaceId, actor, joinAt, metadata, record, retentionDays, deduplicationKey } = request;
    if (this.#isClosed)
      throw new Problem('service_unavailable', 'the service is ending: ask again in a minute', {
        retryAfterS: 60,
      });
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
    if ('existing' in made) return this.#existing(made.existing, deduplicationKey);
    this.#told(made.bot);
    if (this.#options.fleet !== undefined) this.#options.fleet.engine.nudge();
    else if (made.bot.state === 'scheduled') this.#schedule(made.bot);
    else this.#start(made.bot.id);
    return { bot: made.bot, isNew: true };
  }

  async change(bot: BotRow, change: BotChange, ifRevision?: number): Promise<ChangeResult> {
    const { database } = this.#options;
    const current = parseMeetingSettings(bot.settings);
    const isRunning = !BEFORE_START.includes(bot.state);
    const { settings, report } = isRunning
      ? patchSettings(current, change.settings)
      : replaced(current, change.settings);
    const refused = Object.entries(report).flatMap(([path, outcome]): FieldError[] =>
      typeof outcome === 'object' && 'refused' in outcome ? [{ path, problem: outcome.refused }] : [],
    );
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
    this.#told(changed.bot);
    if (changed.bot.state === 'scheduled' && fleet === undefined) this.#schedule(changed.bot);
    if (COMMANDABLE.includes(changed.bot.state) && Object.keys(change.settings).length > 0)
      void this.#apply(changed.bot, change.settings, current);
    const others = Object.keys(change).filter(
      (name) => name !== 'settings' && change[name as keyof BotChange] !== undefined,
    );
    return {
      revision,
      changes: { ...report, ...Object.fromEntries(others.map((name) => [name, 'applied'])) },
    };
  }

  async leave(bot: BotRow, { say }: { say?: string | undefined }): Promise<BotRow> {
    const { database, supervisor } = this.#options;
    if (isOver(bot.state))
      throw new Problem('conflict', `the bot is ${bot.state} already`, { reason: 'bot_over' });
    if (BEFORE_START.includes(bot.state)) {
      this.#timers.get(bot.id)?.cancel();
      this.#timers.delete(bot.id);
      const cancelled = await this.#changeState(
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
    if (supervisor.status(bot.id) !== undefined) {
      supervisor.command(bot.id, stopCommand(say)).catch((err: unknown) => {
        this.#options.log.warn({ err, botId: bot.id }, 'a bot did not take the request to leave');
      });
    } else if (this.#options.fleet !== undefined) this.#leaveElsewhere(asked.ok ? asked.bot : bot, say);
    else if (asked.ok && !isOver(asked.bot.state))
      this.#onEnded(bot.id, asked.bot.epoch, { reason: 'asked', exitCode: 0 });
    return (await findBotById(database.orm, bot.id)) ?? bot;
  }

  async say(bot: BotRow, text: string, languages?: readonly string[]): Promise<void> {
    // What became of it is heard and read in the meeting; saying it may take longer than a request should.
    const said = this.#command(bot, {
      kind: 'say',
      text,
      ...(languages === undefined ? {} : { languages: [...languages] }),
    });
    const quick = new Promise<void>((resolve) => this.#options.clock.setTimer(resolve, 500));
    said.catch((error: unknown) =>
      this.#options.feeds.find(bot.id)?.tell('change', { botId: bot.id, say: { refused: messageOf(error) } }),
    );
    await Promise.race([said, quick]);
  }

  async mute(bot: BotRow, muted: boolean, language?: string): Promise<void> {
    await this.#command(bot, { kind: 'mute', muted, ...(language === undefined ? {} : { language }) });
  }

  async setPerson(bot: BotRow, participantId: string, settings: PersonSettings): Promise<void> {
    const { spokenLanguages, ...rest } = settings;
    const spoken =
      spokenLanguages === undefined
        ? {}
        : { spokenLanguages: spokenLanguages === null ? null : [...spokenLanguages] };
    await this.#command(bot, { kind: 'setPerson', participantId, settings: { ...rest, ...spoken } });
  }

  forget(botId: string): Promise<void> {
    return this.#options.supervisor.forgetJournal(botId);
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

  #existing(existing: BotRow, deduplicationKey: string | undefined): { bot: BotRow; isNew: false } {
    if (deduplicationKey !== undefined && existing.dedupKey === deduplicationKey)
      return { bot: existing, isNew: false };
    throw new Problem('bot_exists', `${existing.id} is in this meeting: it is ${existing.state}`, {
      more: { bot: botOf(existing) },
    });
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
      await this.#changeState({ botId, from: 'scheduled', to: 'ended', reason: 'missed' });
      return;
    }
    const queued = await this.#changeState({ botId, from: 'scheduled', to: 'queued' });
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
      if (isLeaving(bot)) await this.#finish(bot, { reason: 'asked', exitCode: 0 });
      else {
        if (bot.state !== 'starting')
          await this.#changeState({ botId, to: bot.state === 'active' ? 'recovering' : 'queued' });
        await this.#run(bot);
      }
    });
  }

  async #run(bot: BotRow): Promise<void> {
    const { database, supervisor, workerId, places, slots, recorder } = this.#options;
    const place = places.all.find(({ name }) => name === bot.place);
    if (place === undefined) {
      await this.#finish(bot, {
        reason: 'misconfigured',
        exitCode: 2,
        failure: { code: 'config', message: `there is no ${bot.place} here any more` },
      });
      return;
    }
    if (this.running >= slots) {
      await this.#finish(bot, {
        reason: 'no_capacity',
        exitCode: 69,
        failure: { code: 'service_unavailable', message: `all ${slots} places for meetings are taken` },
      });
      return;
    }
    const epoch = await database.transaction((tx) => claim(tx, bot.id, workerId));
    if (epoch === undefined) return;
    if (bot.state === 'queued') await this.#changeState({ botId: bot.id, epoch, to: 'starting' });
    recorder.open(bot.id, isKept(bot));
    supervisor.start(requestOf(bot, epoch, place, places.backend));
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
      await this.#finish(bot, { reason: 'asked', exitCode: 0 });
      return undefined;
    }
    if (bot.state === 'queued') await this.#changeState({ botId, epoch, to: 'starting' });
    else if (bot.state !== 'starting') await this.#changeState({ botId, epoch, to: 'recovering' });
    recorder.open(botId, isKept(bot));
    return requestOf(bot, epoch, place, places.backend);
  }

  /** A bot that this machine has claimed cannot be started. */
  async failed(botId: string, epoch: number, error: ParleyError): Promise<void> {
    const bot = await findBotById(this.#options.database.orm, botId);
    if (bot?.epoch !== epoch || isOver(bot.state)) return;
    const failure = { code: error.code, message: error.message };
    await this.#finish(bot, { reason: 'misconfigured', exitCode: 2, failure });
  }

  /** What somebody on another machine wants of a bot here. */
  async follow(botId: string, command: unknown): Promise<unknown> {
    return this.#options.supervisor.command(botId, commandSchema.parse(command));
  }

  async #apply(bot: BotRow, patch: BotChange['settings'], before: MeetingSettings): Promise<void> {
    const { feeds, database } = this.#options;
    const tell = (outcome: object): void =>
      feeds.find(bot.id)?.tell('change', { botId: bot.id, revision: bot.revision, ...outcome });
    try {
      const answer = await this.#command(bot, { kind: 'update', patch: patch as never });
      const { report } = answer as { report: UpdateReport };
      tell({ changes: report });
      const refused = Object.keys(report).filter(
        (name) => typeof report[name] === 'object' && 'refused' in report[name],
      );
      if (refused.length === 0) return;
      // What the meeting did not take is not what is in force.
      const { settings } = patchSettings(
        before,
        Object.fromEntries(Object.entries(patch).filter(([name]) => !refused.includes(name))),
      );
      await database.transaction((tx) => updateSettings(tx, bot.id, { settings: { ...settings } }));
    } catch (error) {
      tell({ refused: messageOf(error) });
    }
  }

  #command(bot: BotRow, command: MeetingCommand): Promise<unknown> {
    const { fleet, workerId, supervisor } = this.#options;
    const isElsewhere = bot.workerId !== null && bot.workerId !== workerId;
    if (COMMANDABLE.includes(bot.state) && fleet !== undefined && isElsewhere && bot.workerId !== null)
      return fleet.orders.ask(bot.workerId, { botId: bot.id, command });
    if (!COMMANDABLE.includes(bot.state) || supervisor.status(bot.id) === undefined)
      return Promise.reject(
        new Problem('conflict', `the bot is ${bot.state}: this needs one that is in its meeting`, {
          reason: 'bot_not_in_meeting',
        }),
      );
    return supervisor.command(bot.id, command);
  }

  /** Its worker is told; one that takes the bot later sees by itself that it is to leave. */
  #leaveElsewhere({ id: botId, workerId }: BotRow, say: string | undefined): void {
    const { fleet, log } = this.#options;
    if (workerId === null) return;
    fleet?.orders.ask(workerId, { botId, command: stopCommand(say) }).catch((err: unknown) => {
      log.warn({ err, botId }, 'a bot elsewhere did not take the request to leave');
    });
  }

  #onState(
    botId: string,
    epoch: number,
    state: MeetingState,
    detail: { waitingFor?: string; message?: string },
  ): void {
    const { waitingFor, message } = detail;
    this.#work.add(botId, async () => {
      const { database, metrics } = this.#options;
      const bot = await findBotById(database.orm, botId);
      if (bot === undefined || isOver(bot.state)) return;
      if (bot.state === state) {
        if ((waitingFor ?? null) === bot.waitingFor) return;
        const told = await database.transaction((tx) =>
          addBotEvent(tx, { botId, epoch, kind: 'waiting', waitingFor: waitingFor ?? null }),
        );
        if (told.ok) this.#told(told.bot);
        return;
      }
      if (state === 'recovering') metrics.restarted('process_lost');
      const changed = await this.#changeState({
        ...{ botId, epoch, to: state },
        ...(waitingFor === undefined ? {} : { waitingFor }),
        ...(message === undefined ? {} : { detail: { message } }),
      });
      if (changed !== undefined && state === 'active' && bot.joinedAt === null)
        metrics.joined((Date.now() - (bot.joinAt ?? bot.createdAt).getTime()) / 1_000);
    });
  }

  #onAttempt(attempt: MeetingAttempt): void {
    const { botId, epoch, pid } = attempt;
    this.#work.add(botId, async () => {
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

  #onEnded(botId: string, epoch: number, end: MeetingEnd): void {
    if (end.reason === 'fenced') return; // another process has the meeting
    this.#work.add(botId, async () => {
      const bot = await findBotById(this.#options.database.orm, botId);
      if (bot !== undefined && !isOver(bot.state) && bot.epoch === epoch) await this.#finish(bot, end);
    });
  }

  async #finish(bot: BotRow, end: MeetingEnd): Promise<void> {
    const { database, recorder, feeds } = this.#options;
    const { id: botId } = bot;
    const [to, reason] = endOf(bot.state, end);
    await recorder.finish(botId);
    const message = end.failure?.message ?? end.message;
    await this.#changeState({
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
  }

  /** Changes the state and tells everyone; undefined where that is not allowed any more. */
  async #changeState(change: StateChange, also?: (tx: Orm) => Promise<void>): Promise<BotRow | undefined> {
    const result = await this.#options.database.transaction(async (tx) => {
      const changed = await changeState(tx, change);
      if (changed.ok) await also?.(tx);
      return changed;
    });
    if (!result.ok) return undefined;
    this.#options.metrics.botState(result.bot.state);
    this.#told(result.bot);
    return result.bot;
  }

  #told(bot: BotRow): void {
    this.#options.feeds.feedOf(bot.id).tell('bot', botOf(bot));
  }
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

function limitOf(limit: unknown): number {
  return typeof limit === 'number' ? limit : DEFAULT_MAX_BOTS;
}

function fieldProblem(path: string, problem: string, code: FieldCode = 'invalid'): Problem {
  return new Problem('invalid_request', `${path}: ${problem}`, { errors: [{ path, problem, code }] });
}
