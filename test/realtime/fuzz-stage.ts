import { readFileSync } from 'node:fs';
import { readWav } from '../../audio/index.js';
import { type TimerHandle, VirtualClock } from '../../src/clock.js';
import { InterpreterRoute } from '../../src/interpreter/route/route.js';
import { OutputChannel } from '../../src/interpreter/playback/output-channel.js';
import { SpeakerInput } from '../../src/meeting/listening/speaker-input.js';
import type { CutItem, InterpretingSession } from '../../src/realtime/session.js';
import { MAX_HELD_MS } from '../../src/realtime/uplink/uplink.js';
import type { FuzzServer } from './fuzz-server.js';

/** The level of everything that the server says. */
export const VOICE_LEVEL = 10_000;
/** One voice, and what a resampler adds at its edges; two at once would be twice the level. */
const LOUDEST = 13_000;
const FRAME_MS = 10;
const MAX_PENDING_MS = 130_000;
const MAX_TIMERS = 40;
/** Silence in front of a connection's first audio, the chunk being filled, and a tail. */
const MARGIN_MS = 2_000;

/** A phrase, without the silence around it. */
const SPEECH = readWav(
  readFileSync(new URL('../../fixtures/es-where-is-the-station.wav', import.meta.url)),
).samples.subarray(48 * 520, 48 * 2_200);
const SPEECH_FRAMES = Math.floor(SPEECH.length / 480);

/** A clock that knows how many timers are set. */
export class CountingClock extends VirtualClock {
  timers = 0;

  override setTimer(callback: () => void, delayMs: number): TimerHandle {
    this.timers++;
    let isSet = true;
    const over = (): void => {
      if (isSet) this.timers--;
      isSet = false;
    };
    const timer = super.setTimer(() => {
      over();
      callback();
    }, delayMs);
    return {
      cancel: () => {
        over();
        timer.cancel();
      },
    };
  }
}

/**
 * A session of either engine on the stage of a property-based test: somebody who speaks, a voice that is played, and checks of
 * everything that the port of sessions promises, whatever the server and the caller do.
 */
export class FuzzStage {
  readonly session: InterpretingSession;
  readonly route: InterpreterRoute;
  readonly voice = new OutputChannel({ bargeIn: 'others', maxBacklogMs: 8_000 });
  readonly #input: SpeakerInput;
  readonly #clock: CountingClock;
  readonly #server: FuzzServer;
  #spokenFrames = 0;
  readonly #silent = new Int16Array(480);
  readonly #played = new Int16Array(480);
  readonly #receivedMs = new Map<string, number>();
  /** Outputs of which nothing more may come. */
  readonly #over = new Set<string>();
  readonly #committed = new Set<string>();
  readonly #done = new Set<string>();
  readonly #started = new Set<string>();
  #ended = false;
  #appendedMs = 0;
  #allowedMs = 0;
  #problem: string | undefined;

  constructor(session: InterpretingSession, clock: CountingClock, server: FuzzServer) {
    this.session = session;
    this.#clock = clock;
    this.#server = server;
    const cut = session.cut.bind(session);
    session.cut = (items) => {
      this.#cut(items);
      cut(items);
    };
    this.#watch();
    this.route = new InterpreterRoute({ speakerId: 'ana', session, voice: this.voice });
    this.#input = new SpeakerInput({
      speaking: () => undefined,
      chunk: (chunk) => {
        this.route.push(chunk);
      },
    });
  }

  /** Opens the session; a refusal is no problem. */
  async connect(): Promise<void> {
    void this.session.connect().catch(() => undefined);
    await this.settle();
  }

  /** The speaker's frames, speech or silence; time passes. */
  speak(durationMs: number, loud: boolean): void {
    for (let passedMs = 0; passedMs < durationMs; passedMs += FRAME_MS) {
      const from = (this.#spokenFrames++ % SPEECH_FRAMES) * 480;
      const samples = loud ? SPEECH.subarray(from, from + 480) : this.#silent;
      const atMs = this.#clock.nowMs();
      this.pass(FRAME_MS);
      this.#input.push({ samples, sampleRateHz: 48_000, channelCount: 1 }, atMs);
    }
    this.#allowedMs += durationMs;
  }

  /** Time passes, and what the voice has to say is played. */
  pass(durationMs: number): void {
    for (let passedMs = 0; passedMs < durationMs; passedMs += FRAME_MS) {
      this.#clock.advanceBy(FRAME_MS);
      this.voice.pull(this.#played, this.#clock.nowMs());
      for (const sample of this.#played) {
        if (sample > LOUDEST || sample < -LOUDEST) this.#fail(`two voices at once: a sample of ${sample}`);
      }
    }
    this.#allowedMs += durationMs;
  }

  /** Lets promises that are settled go on, and looks whether all is as it should be. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    this.check();
  }

  check(): void {
    if (this.voice.pendingMs > MAX_PENDING_MS) this.#fail(`${this.voice.pendingMs} ms wait to be heard`);
    if (this.#clock.timers > MAX_TIMERS) this.#fail(`${this.#clock.timers} timers are set`);
    const appendedMs = this.#server.appendedMs - this.#appendedMs;
    if (appendedMs > MAX_HELD_MS + this.#allowedMs + MARGIN_MS) this.#fail(`${appendedMs} ms were held back`);
    this.#appendedMs = this.#server.appendedMs;
    this.#allowedMs = 0;
    if (this.#problem !== undefined) throw new Error(this.#problem);
  }

  /** However things stand, closing ends the session within `drainMs`, and leaves nothing behind. */
  async close(drainMs: number): Promise<void> {
    const startedMs = this.#clock.nowMs();
    let closed = false;
    void this.route.close(drainMs).then(() => (closed = true));
    await this.settle();
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by the callback above
    while (!closed && this.#clock.nowMs() - startedMs < drainMs + MARGIN_MS) {
      this.pass(100);
      await this.settle();
    }
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by the callback above
    if (!closed) this.#fail(`not closed after ${drainMs} ms`);
    const { state } = this.session;
    if (state.kind !== 'ended') this.#fail(`closed, and ${state.kind}`);
    this.#server.connection?.say({ type: 'parley.after_the_end' });
    await this.settle();
    if (this.#clock.timers > 0) this.#fail(`${this.#clock.timers} timers are left`);
    if (this.#server.connections.some((connection) => !connection.isClosed))
      this.#fail('a connection is left open');
    for (const turnId of this.#committed) if (!this.#done.has(turnId)) this.#fail(`${turnId} never ended`);
    this.check();
  }

  #cut(items: readonly CutItem[]): void {
    for (const { outputId, playedMs } of items) {
      const receivedMs = this.#receivedMs.get(outputId) ?? 0;
      if (playedMs > receivedMs + FRAME_MS)
        this.#fail(`played ${playedMs} ms of ${receivedMs} ms of ${outputId}`);
      this.#over.add(outputId);
    }
  }

  #watch(): void {
    const { events } = this.session;
    events.on('speechStarted', ({ turnId }) => {
      this.#once(this.#started, turnId, 'began');
    });
    events.on('turnCommitted', ({ turnId }) => {
      this.#once(this.#committed, turnId, 'was committed');
    });
    events.on('turnDone', ({ turnId }) => {
      this.#once(this.#done, turnId, 'ended');
    });
    events.on('audio', ({ outputId, turnId, pcm }) => {
      if (this.#over.has(outputId)) this.#fail(`audio of ${outputId}, which was over`);
      if (this.#done.has(turnId)) this.#fail(`audio of ${turnId}, which was done`);
      this.#receivedMs.set(outputId, (this.#receivedMs.get(outputId) ?? 0) + pcm.length / 24);
      if (this.#ended) this.#fail('audio after the end');
    });
    events.on('audioEnded', ({ outputId }) => {
      this.#over.add(outputId);
    });
    events.on('state', ({ kind }) => {
      if (this.#ended) this.#fail(`${kind} after the end`);
      this.#ended = kind === 'ended';
    });
  }

  #once(seen: Set<string>, turnId: string, what: string): void {
    if (seen.has(turnId)) this.#fail(`${turnId} ${what} twice`);
    seen.add(turnId);
  }

  /** Thrown at the next check: a listener's exception would be caught by the session. */
  #fail(problem: string): void {
    this.#problem ??= problem;
  }
}
