import { ADAPTED_RATE_HZ, type AudioFrame, TimedMixer } from '../../../audio/index.js';
import type { Clock } from '../../clock.js';
import type { LiveRoute } from '../routes/live-route.js';
import { PRE_ROLL_MS } from './speaker-input.js';

const SAMPLES_PER_MS = ADAPTED_RATE_HZ / 1000;
/** One frame of the mixer. */
const FRAME_MS = 10;

/** Whoever spoke so lately may be the one whose speech the server has just noticed. */
const RECENT_MS = 1_000;

/** What a room's ear is made of. */
export type MixedRoomInputOptions = {
  clock: Clock;
  /** The routes that hear the room. */
  routes: () => readonly LiveRoute[];
  /** Opens one of them, with the words that were said already. */
  open: (route: LiveRoute, preRoll: () => { frame: AudioFrame; atMs: number }) => void;
};

/** The whole room as one speaker: everybody's audio added up, for routes that hear them all. */
export class MixedRoomInput {
  readonly #options: MixedRoomInputOptions;
  readonly #mixer: TimedMixer;
  readonly #mixed: AudioFrame = {
    samples: new Int16Array(0),
    sampleRateHz: ADAPTED_RATE_HZ,
    channelCount: 1,
  };
  /** People whose audio comes. */
  readonly #present = new Set<string>();
  /** Whether each of them speaks, and when that changed last; who began last is last. */
  readonly #spoke = new Map<string, { speaking: boolean; lastMs: number }>();
  /** How many of them speak at present. */
  #speakingCount = 0;
  #quietSinceMs: number;
  /** The last {@link PRE_ROLL_MS} handed out, in frames of 10 ms; the oldest is overwritten next. */
  readonly #recent: Int16Array[] = [];
  #oldest = 0;
  #nextMs = 0;

  constructor(options: MixedRoomInputOptions) {
    this.#options = options;
    this.#quietSinceMs = options.clock.nowMs();
    this.#mixer = new TimedMixer({
      sampleRateHz: ADAPTED_RATE_HZ,
      onMixed: (samples, atMs) => {
        this.#hear(samples, atMs);
      },
    });
  }

  /** Since when nobody has spoken; undefined while somebody does. */
  get quietSinceMs(): number | undefined {
    return this.#speakingCount > 0 ? undefined : this.#quietSinceMs;
  }

  /** One person's audio, 48 kHz mono; `atMs` is the time of its first sample. */
  push(participantId: string, { samples }: AudioFrame, atMs: number): void {
    this.#present.add(participantId);
    this.#mixer.push(samples, atMs);
  }

  /** One person began or ceased to speak, by our ear for them. */
  speaking(participantId: string, speaking: boolean): void {
    const nowMs = this.#options.clock.nowMs();
    if (this.#spoke.get(participantId)?.speaking === true) this.#speakingCount--;
    if (speaking) {
      this.#speakingCount++;
      this.#spoke.delete(participantId); // to the end
    }
    this.#spoke.set(participantId, { speaking, lastMs: nowMs });
    this.#quietSinceMs = nowMs;
  }

  /** One person's audio stops here. After the last one's, what was said is brought to its end. */
  stopped(participantId: string): void {
    if (!this.#present.delete(participantId) || this.#present.size > 0) return;
    this.#mixer.flush();
    this.#recent.length = 0;
    for (const route of this.#options.routes()) route.endOfSpeech();
  }

  /** One person is gone. */
  forget(participantId: string): void {
    this.stopped(participantId);
    this.speaking(participantId, false);
    this.#spoke.delete(participantId);
  }

  /** Whose speech it is that has just been noticed: of those who speak who began last, else who spoke last. */
  whoSpeaks(): string | undefined {
    let found: string | undefined;
    let lastMs = this.#options.clock.nowMs() - RECENT_MS;
    for (const [id, spoke] of this.#spoke) {
      const spokeMs = spoke.speaking ? Infinity : spoke.lastMs;
      if (spokeMs >= lastMs) [found, lastMs] = [id, spokeMs];
    }
    return found;
  }

  #hear(samples: Int16Array, atMs: number): void {
    const { routes, open } = this.#options;
    if (Math.abs(atMs - this.#nextMs) > FRAME_MS) this.#recent.length = 0; // after a hole
    this.#nextMs = atMs + FRAME_MS;
    const frame = this.#mixed;
    frame.samples = samples;
    for (const route of routes()) {
      if (this.#speakingCount > 0 && !route.isOpen) open(route, () => this.#preRoll(atMs));
      route.push(frame, atMs);
    }
    this.#remember(samples);
  }

  #remember(samples: Int16Array): void {
    if (this.#recent.length < PRE_ROLL_MS / FRAME_MS) {
      this.#recent.push(samples.slice());
      this.#oldest = 0;
      return;
    }
    this.#recent[this.#oldest]!.set(samples);
    this.#oldest = (this.#oldest + 1) % this.#recent.length;
  }

  /** A copy of what was handed out just before `atMs`. */
  #preRoll(atMs: number): { frame: AudioFrame; atMs: number } {
    const frames = [...this.#recent.slice(this.#oldest), ...this.#recent.slice(0, this.#oldest)];
    const samples = new Int16Array(frames.length * FRAME_MS * SAMPLES_PER_MS);
    frames.forEach((frame, index) => samples.set(frame, index * frame.length));
    return { frame: { ...this.#mixed, samples }, atMs: atMs - frames.length * FRAME_MS };
  }
}
