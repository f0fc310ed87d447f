import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BenchChild, type StartChild, withChildren } from './child-process.js';
import type {
  BotOrder,
  BotReport,
  ParticipantOrder,
  ParticipantReport,
  PlayoutReport,
  RealtimeOrder,
  RealtimeReport,
  RoomAddress,
  RoomServerReport,
} from './children/messages.js';

export type Bot = BenchChild<BotOrder, BotReport>;
export type BenchParticipant = BenchChild<ParticipantOrder, ParticipantReport>;
export type Realtime = BenchChild<RealtimeOrder, RealtimeReport>;

const START_TIMEOUT_MS = 30_000;
/** Joining takes long where many processes start at a time. */
export const JOIN_TIMEOUT_MS = 60_000;

/** How long the long measurements last: 60 s, unless another default is given, or `PARLEY_BENCH_SECONDS` for trying. */
export function longMeasurementMs(defaultSeconds = 60): number {
  const seconds = Number(process.env['PARLEY_BENCH_SECONDS'] ?? defaultSeconds);
  if (!(seconds >= 4 && seconds <= 600)) throw new Error('PARLEY_BENCH_SECONDS must be 4 to 600');
  return seconds * 1000;
}

/**
 * What the benchmarks of a meeting share: the embedded servers, the bot and participants, each in a process of its own.
 */
export class DemoMeeting {
  readonly address: RoomAddress;
  readonly realtime: Realtime;
  readonly realtimeUrl: string;
  readonly #start: StartChild;

  private constructor(start: StartChild, address: RoomAddress, realtime: Realtime, realtimeUrl: string) {
    this.#start = start;
    this.address = address;
    this.realtime = realtime;
    this.realtimeUrl = realtimeUrl;
  }

  /** Starts the servers, and ends everything with `measure`, or after `deadlineMs`. */
  static async run<Result>(
    deadlineMs: number,
    measure: (stage: DemoMeeting) => Promise<Result>,
  ): Promise<Result> {
    const cacheDir = mkdtempSync(join(tmpdir(), 'parley-bench-'));
    try {
      return await withChildren(deadlineMs, async (start) => {
        const server = start<never, RoomServerReport>('room-server-child', [cacheDir]);
        const realtime = start<RealtimeOrder, RealtimeReport>('realtime-child');
        const { address } = await server.next('started', START_TIMEOUT_MS);
        const { url } = await realtime.next('started', START_TIMEOUT_MS);
        return measure(new DemoMeeting(start, address, realtime, url));
      });
    } finally {
      rmSync(cacheDir, { recursive: true, force: true });
    }
  }

  /** A bot that has not joined. */
  startBot(): Bot {
    return this.#start('bot-child');
  }

  async joinBot(marks: boolean): Promise<Bot> {
    const bot = this.startBot();
    await bot.ask(this.joinOrder(marks), 'joined', JOIN_TIMEOUT_MS);
    return bot;
  }

  joinOrder(marks: boolean): BotOrder & { kind: 'join' } {
    return { kind: 'join', address: this.address, realtimeUrl: this.realtimeUrl, marks };
  }

  async joinParticipant(id: string, language: string, hearsBot: boolean): Promise<BenchParticipant> {
    const participant: BenchParticipant = this.#start('participant-child');
    const order: ParticipantOrder = {
      kind: 'join',
      address: this.address,
      id,
      language,
      hearsBot,
      speaks: true,
    };
    await participant.ask(order, 'joined', JOIN_TIMEOUT_MS);
    return participant;
  }

  /** A playout clock in a process that does nothing else: what is late there is the machine's doing. */
  measureIdlePlayout(durationMs: number): Promise<PlayoutReport> {
    const child = this.#start<never, PlayoutReport>('playout-child', ['idle', String(durationMs)]);
    return child.next('measured', durationMs + START_TIMEOUT_MS);
  }
}
