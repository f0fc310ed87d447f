import { type Clock, VirtualClock } from '../../../src/clock.js';
import { createPhrasebookResponder } from '../../../src/embedded/phrasebook/responders.js';
import type { SessionHost, SessionHostOptions } from '../../../src/embedded/realtime-server/index.js';
import type { SessionOptions } from '../../../src/realtime/connection/session-lifecycle.js';
import type { InterpretingSession } from '../../../src/realtime/session.js';
import type { OpenTransport } from '../../../src/realtime/transport.js';
import { loadBook } from '../../embedded/phrasebook/book.js';
import { silence } from '../../embedded/realtime-server/harness.js';
import { JudgedSpeech } from '../chunks.js';
import { MemoryServer } from '../memory-server.js';
import { record, type Emitted } from '../recorded-events.js';

const STEP_MS = 20;
const book = await loadBook();

/** What surrounds the session. */
export type WorldOptions = {
  server?: Partial<SessionHostOptions>;
  /** How far the server's calendar is ahead of ours. */
  calendarAheadMs?: number;
  patienceMs?: number;
};

/** One translation as it was told: the turn's texts, what was heard of it, and how it ended. */
export type Translation = { text: string; heardSamples: number; outcome: string };

/** How many samples of a phrase's translation are sound. */
export function soundOf(id: string, language = 'en', quietBelow = 1): number {
  return phrase(id, language).filter((sample) => Math.abs(sample) >= quietBelow).length;
}

export function phrase(id: string, language = 'es'): Int16Array {
  const rendering = book.get(id)?.get(language);
  if (rendering === undefined) throw new Error(`no ${id} in ${language}`);
  return rendering.pcm24k;
}

export function textOf(id: string, language = 'en'): string {
  return book.get(id)?.get(language)?.text ?? '';
}

/**
 * A session of a continuous engine against the embedded server, in memory on one virtual clock, with everything that can go
 * wrong. The speaker is heard in frames of 20 ms, silence included.
 */
export class ContinuousWorld {
  readonly clock = new VirtualClock();
  readonly session: InterpretingSession;
  readonly speech: JudgedSpeech;
  readonly emitted: Emitted;
  readonly #server: MemoryServer;
  #sleptMs = 0;
  readonly #quietBelow: number;
  /** When each connection was asked for. */
  readonly openedAtMs: number[] = [];

  constructor(
    options: WorldOptions,
    engine: {
      sessions: 'translation' | 'live';
      /** What is quieter counts as silence. */
      quietBelow: number;
      make: (common: Pick<SessionOptions, 'open' | 'clock' | 'name' | 'patienceMs'>) => InterpretingSession;
    },
  ) {
    const { clock } = this;
    const { calendarAheadMs = 0, patienceMs = 0 } = options;
    this.#quietBelow = engine.quietBelow;
    const serverClock: Clock = {
      nowMs: () => clock.nowMs(),
      epochMs: () => clock.epochMs() + calendarAheadMs,
      setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
      random: () => clock.random(),
    };
    this.#server = new MemoryServer({
      clock: serverClock,
      responder: createPhrasebookResponder(book),
      ...options.server,
    });
    const open: OpenTransport = (handlers) => {
      this.openedAtMs.push(clock.nowMs());
      return this.#server[engine.sessions](handlers);
    };
    this.session = engine.make({
      open,
      clock: {
        nowMs: () => this.#sessionNowMs,
        epochMs: () => clock.epochMs() + this.#sleptMs,
        setTimer: (callback, delayMs) => clock.setTimer(callback, delayMs),
        random: () => clock.random(),
      },
      name: 's',
      patienceMs,
    });
    this.speech = new JudgedSpeech((chunk) => {
      this.session.appendAudio(chunk);
    });
    this.emitted = record(this.session).emitted;
  }

  get host(): SessionHost {
    return this.#server.host;
  }

  get faults(): SessionHost['faultControl'] {
    return this.#server.faults;
  }

  /** Resolves once it is ready. */
  async connect(): Promise<this> {
    await Promise.all([this.session.connect(), this.#server.settle()]);
    return this;
  }

  /** The speaker is heard for as long as `pcm` lasts. */
  async hear(pcm: Int16Array): Promise<void> {
    const samples = STEP_MS * 24;
    for (let from = 0; from + samples <= pcm.length; from += samples) {
      const atMs = this.#sessionNowMs;
      this.clock.advanceBy(STEP_MS);
      this.speech.push(pcm.subarray(from, from + samples), atMs);
      await this.#server.settle();
    }
  }

  /** They are silent for so long. */
  async wait(durationMs: number): Promise<void> {
    await this.hear(silence(durationMs));
  }

  /** The process is held up for so long: timers that were due fire once, late, and nothing arrives meanwhile. */
  sleep(durationMs: number): void {
    this.#sleptMs += durationMs;
  }

  /** They say phrases, each followed by a pause. */
  async say(ids: readonly string[], pauseMs = 3_000): Promise<void> {
    for (const id of ids) {
      await this.hear(phrase(id));
      await this.wait(pauseMs);
    }
  }

  async close(drainMs?: number): Promise<void> {
    const closing = this.session.close(drainMs);
    while (this.session.state.kind !== 'ended') {
      this.clock.advanceBy(STEP_MS);
      await this.#server.settle();
    }
    await closing;
  }

  /** All that became of what was said, in order; what the engine said nothing to is left out. */
  translations(): Translation[] {
    const done = this.emitted.turnDone;
    return this.emitted.turnCommitted.flatMap(({ turnId }) => {
      const outcome = done.find((turn) => turn.turnId === turnId)?.outcome ?? 'open';
      const texts = this.emitted.translationTranscript.filter((emitted) => emitted.turnId === turnId);
      const heardSamples = this.emitted.audio
        .filter((audio) => audio.turnId === turnId)
        .reduce(
          (sum, { pcm }) => sum + pcm.filter((sample) => Math.abs(sample) >= this.#quietBelow).length,
          0,
        );
      return outcome === 'empty' ? [] : [{ text: texts.at(-1)?.text ?? '', heardSamples, outcome }];
    });
  }

  /** The states since it was ready first. */
  states(): string[] {
    return this.emitted.state.map(({ kind }) => kind).slice(2);
  }

  notices(kind: string): string[] {
    return this.emitted.notice.filter((notice) => notice.kind === kind).map(({ message }) => message);
  }

  get #sessionNowMs(): number {
    return this.clock.nowMs() + this.#sleptMs;
  }
}

/** What is expected of phrases that were translated once, and heard whole. */
export function whole(ids: readonly string[], quietBelow = 1): Translation[] {
  return ids.map((id) => ({
    text: textOf(id),
    heardSamples: soundOf(id, 'en', quietBelow),
    outcome: 'completed',
  }));
}
