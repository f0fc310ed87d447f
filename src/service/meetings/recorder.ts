import type { BotEvent } from '../../bot/event-log.js';
import type { Clock, TimerHandle } from '../../clock.js';
import type { Database } from '../../database/database.js';
import { isDatabaseAway } from '../../database/errors.js';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../log.js';
import { keepEvents } from '../../records/store/keep-events.js';

/** Words are in the database so soon; what nobody looks for in a hurry, later. */
const SOON_MS = 250;
const LATER_MS = 2_000;
const RETRY_MS = 1_000;
const MAX_BATCH = 200;
/** Events of one meeting that wait for a database that is away: hours. What is beyond is in the meeting's journal. */
const MAX_WAITING = 50_000;

const SOON: ReadonlySet<BotEvent['type']> = new Set([
  'started',
  'joined',
  'changed',
  'left',
  'tool',
  'ended',
]);
/** Of a meeting of which nothing is kept that somebody said or is called. */
const WITHOUT_WORDS: ReadonlySet<BotEvent['type']> = new Set(['started', 'state', 'status', 'ended']);

type Waiting = { epoch: number; event: BotEvent };
type Meeting = {
  readonly isKept: boolean;
  waiting: Waiting[];
  /** The first ones were refused together: each is tried alone, so that one which cannot be kept costs itself only. */
  suspects: number;
  timer: TimerHandle | undefined;
  dueMs: number;
  writing: Promise<void> | undefined;
};

/** What is kept of an event where nothing is kept that somebody said or is called: what a tool was called with is left out. */
function withoutWords(event: BotEvent): BotEvent | undefined {
  if (WITHOUT_WORDS.has(event.type)) return event;
  if (event.type !== 'tool') return undefined;
  const call = { ...event, arguments: '' };
  delete call.askedBy;
  delete call.result;
  if (call.level === undefined) call.tool = ''; // one that is not there is called as the model likes
  if (!/^(?:key|user):/.test(call.decidedBy ?? '')) delete call.decidedBy;
  return call;
}

/** Brings events of meetings into the database, in their order and in batches. */
export class Recorder {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #onKept: (botId: string, epoch: number, seq: number) => void;
  readonly #meetings = new Map<string, Meeting>();
  #dropped = 0;
  #isDatabaseAway = false;

  /** `onKept` is called when events up to `seq` are in the database. */
  constructor(options: {
    database: Database;
    clock: Clock;
    log: Logger;
    onKept: (botId: string, epoch: number, seq: number) => void;
  }) {
    this.#database = options.database;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#onKept = options.onKept;
  }

  /** Events that were one too many, or that could not be written. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Events that wait to be written. */
  get waiting(): number {
    return [...this.#meetings.values()].reduce((sum, { waiting }) => sum + waiting.length, 0);
  }

  /** Says whether words of this meeting are kept; without a word they are. */
  open(botId: string, isKept: boolean): void {
    if (!this.#meetings.has(botId))
      this.#meetings.set(botId, {
        isKept,
        waiting: [],
        suspects: 0,
        timer: undefined,
        dueMs: Infinity,
        writing: undefined,
      });
  }

  /** Takes an event. Never waits. */
  take(botId: string, epoch: number, event: BotEvent): void {
    this.open(botId, true);
    const meeting = this.#meetings.get(botId)!;
    const kept = meeting.isKept ? event : withoutWords(event);
    if (kept === undefined) return;
    if (meeting.waiting.length >= MAX_WAITING) {
      this.#dropped++;
      return;
    }
    meeting.waiting.push({ epoch, event: kept });
    const isSoon = SOON.has(event.type) || (event.type === 'caption' && event.final);
    this.#plan(botId, meeting, isSoon ? SOON_MS : LATER_MS);
  }

  /** Everything of this meeting is written, and no more comes. */
  async finish(botId: string): Promise<void> {
    await this.flush(botId);
    this.#meetings.get(botId)?.timer?.cancel();
    this.#meetings.delete(botId);
  }

  /** Resolves when what waits is written, of one meeting or of all. */
  async flush(botId?: string): Promise<void> {
    const ids = botId === undefined ? [...this.#meetings.keys()] : [botId];
    for (const id of ids) {
      const meeting = this.#meetings.get(id);
      while (meeting !== undefined && (meeting.writing !== undefined || meeting.waiting.length > 0))
        await (meeting.writing ?? this.#begin(id, meeting));
    }
  }

  #plan(botId: string, meeting: Meeting, delayMs: number): void {
    const dueMs = this.#clock.nowMs() + delayMs;
    if (meeting.writing !== undefined || dueMs >= meeting.dueMs) return;
    meeting.timer?.cancel();
    meeting.dueMs = dueMs;
    meeting.timer = this.#clock.setTimer(() => void this.#begin(botId, meeting), delayMs);
  }

  #begin(botId: string, meeting: Meeting): Promise<void> {
    meeting.timer?.cancel();
    meeting.dueMs = Infinity;
    meeting.writing ??= this.#write(botId, meeting).finally(() => {
      meeting.writing = undefined;
      if (meeting.waiting.length > 0) this.#plan(botId, meeting, SOON_MS);
    });
    return meeting.writing;
  }

  async #write(botId: string, meeting: Meeting): Promise<void> {
    const [first] = meeting.waiting;
    if (first === undefined) return;
    const { epoch } = first;
    const end = meeting.waiting.findIndex((each) => each.epoch !== epoch);
    const most = meeting.suspects > 0 ? 1 : MAX_BATCH;
    const batch = meeting.waiting.slice(0, Math.min(end === -1 ? Infinity : end, most));
    const isDone = (): void => {
      meeting.waiting = meeting.waiting.slice(batch.length);
      meeting.suspects = Math.max(0, meeting.suspects - batch.length);
    };
    const events = batch.map(({ event }) => event);
    try {
      const seq = await this.#database.transaction((tx) => keepEvents(tx, { botId, epoch }, events));
      this.#setDatabaseAway(false);
      isDone();
      if (seq !== undefined) this.#onKept(botId, epoch, Math.max(seq, events.at(-1)!.seq));
    } catch (error) {
      if (isDatabaseAway(error)) {
        this.#setDatabaseAway(true, error);
        await new Promise<void>((resolve) => this.#clock.setTimer(resolve, RETRY_MS));
        return; // they wait
      }
      if (batch.length > 1) {
        meeting.suspects = batch.length;
        return;
      }
      this.#log.error({ err: error, botId, epoch, event: first.event.type }, 'an event could not be kept');
      this.#dropped++;
      isDone();
    }
  }

  #setDatabaseAway(isAway: boolean, error?: unknown): void {
    if (isAway === this.#isDatabaseAway) return;
    this.#isDatabaseAway = isAway;
    if (isAway)
      this.#log.error(
        `meetings go on, and their words wait: the database cannot take them (${messageOf(error)})`,
      );
    else this.#log.info('the database takes the words of meetings again');
  }
}
