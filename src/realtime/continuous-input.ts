/**
 * The way up to a continuous engine: 200 ms of audio for every 200 ms of the meeting, silence where the speaker's frames
 * stay away (muted, late), since the model's time stands still without input and resumes as if there had been no gap. In
 * saving mode nothing is sent during long silences; see TranslationConfig.
 */
import type { Clock, TimerHandle } from '../clock.js';
import type { SessionCounters } from './session.js';
import { type SpeechBound, SpeechWatch } from './speech-watch.js';
import { Uplink, type UplinkLine } from './uplink.js';

/** The engine's own frame: shorter messages would be buffered there, longer ones split. */
export const TRANSLATION_CHUNK_MS = 200;
const SAMPLES_PER_MS = 24;
/** Frames this late are not coming: silence takes their place. Later than a network's usual jitter. */
const LATE_MS = 400;
/** Silence is fed up to so long ago, so that frames which come after all find their place. */
const MARGIN_MS = 200;
/** Holes below this are jitter of the times, not of the audio. */
const JITTER_MS = 30;
/** The most silence fed at once. */
const MAX_FILL_MS = 1_000;
/** Sent of what came before speech, when sending resumes. */
const PRE_ROLL_MS = 600;

type Kept = { pcm: Int16Array; atMs: number };

/** What continuous input is made of. */
export type ContinuousInputOptions = {
  clock: Clock;
  counters: SessionCounters;
  pauseAfterSilenceMs: number | undefined;
  /** Nothing that was said is still to be translated: only then may sending pause. */
  mayPause: () => boolean;
  onBound: (bound: SpeechBound) => void;
  onDropped: () => void;
};

/** See the file's comment. */
export class ContinuousInput {
  readonly #options: ContinuousInputOptions;
  readonly #uplink: Uplink;
  readonly #watch = new SpeechWatch();
  readonly #onBound: (bound: SpeechBound) => void;
  /** The meeting's time behind the last sample taken or fed; undefined before the first. */
  #endMs: number | undefined;
  #paused = false;
  readonly #preRoll: Kept[] = []; // oldest first
  #preRollMs = 0;
  #timer: TimerHandle | undefined;

  constructor(options: ContinuousInputOptions) {
    this.#options = options;
    const { clock, counters, onDropped } = options;
    this.#uplink = new Uplink({
      chunkMs: TRANSLATION_CHUNK_MS,
      appendType: 'session.input_audio_buffer.append',
      leadMs: 0,
      clock,
      counters,
      onDropped,
    });
    this.#onBound = (bound) => {
      if (bound.kind === 'started') this.#resume();
      options.onBound(bound);
    };
  }

  /** Milliseconds that wait for the line. */
  get heldMs(): number {
    return this.#uplink.heldMs;
  }

  /** The speaker is speaking, short pauses included. */
  get speaking(): boolean {
    return this.#watch.speaking;
  }

  /** Sending pauses: a long silence in saving mode. */
  get paused(): boolean {
    return this.#paused;
  }

  /** The meeting's time just behind the last sample. */
  get endMs(): number {
    return this.#endMs ?? this.#options.clock.nowMs();
  }

  /** The line is configured: what was held back goes out, and from now on there is no hole. */
  open(line: UplinkLine): void {
    this.#uplink.open(line);
    this.#endMs ??= this.#options.clock.nowMs();
    this.#timer ??= this.#options.clock.setTimer(this.#tick, TRANSLATION_CHUNK_MS);
  }

  /** The speaker's audio, read at once. */
  append(pcm: Int16Array, atMs: number): void {
    const gapMs = this.#endMs === undefined ? 0 : atMs - this.#endMs;
    if (this.#endMs === undefined) this.#endMs = atMs;
    else if (Math.abs(gapMs) > JITTER_MS) this.#fillTo(atMs);
    this.#take(pcm, Math.abs(gapMs) > JITTER_MS ? atMs : this.#endMs);
  }

  /** Sends what has not made a whole message yet. */
  flush(): void {
    this.#resume();
    this.#uplink.flush();
  }

  /** Nothing more is taken, fed or sent. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#uplink.close();
    this.#watch.close();
    this.#preRoll.length = 0;
  }

  readonly #tick = (): void => {
    const { clock } = this.#options;
    this.#timer = clock.setTimer(this.#tick, TRANSLATION_CHUNK_MS);
    if (clock.nowMs() - this.endMs > LATE_MS) this.#fillTo(clock.nowMs() - MARGIN_MS);
    this.#considerPause();
  };

  #fillTo(untilMs: number): void {
    const missingMs = untilMs - this.endMs;
    if (missingMs <= 0) return;
    const fedMs = Math.min(missingMs, MAX_FILL_MS);
    this.#options.counters.silenceFedMs += fedMs;
    this.#take(new Int16Array(Math.round(fedMs * SAMPLES_PER_MS)), untilMs - fedMs);
  }

  #take(pcm: Int16Array, atMs: number): void {
    this.#endMs = atMs + pcm.length / SAMPLES_PER_MS;
    if (this.#paused) this.#keep(pcm, atMs);
    else this.#uplink.append(pcm, atMs);
    this.#watch.push(pcm, atMs, this.#onBound);
  }

  #considerPause(): void {
    const { pauseAfterSilenceMs, mayPause } = this.#options;
    if (pauseAfterSilenceMs === undefined || this.#paused || this.#watch.speaking) return;
    if (this.#watch.pauseMs < pauseAfterSilenceMs || !mayPause()) return;
    this.#uplink.flush();
    this.#paused = true;
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    for (const { pcm, atMs } of this.#preRoll) this.#uplink.append(pcm, atMs);
    this.#preRoll.length = 0;
    this.#preRollMs = 0;
  }

  #keep(pcm: Int16Array, atMs: number): void {
    this.#preRoll.push({ pcm: pcm.slice(), atMs });
    this.#preRollMs += pcm.length / SAMPLES_PER_MS;
    while (this.#preRoll.length > 1) {
      const oldestMs = this.#preRoll[0]!.pcm.length / SAMPLES_PER_MS;
      if (this.#preRollMs - oldestMs < PRE_ROLL_MS) return;
      this.#preRoll.shift();
      this.#preRollMs -= oldestMs;
    }
  }
}
