import { REALTIME_RATE_HZ } from '../../../audio/rates.js';
import { TimedMixer } from '../../../audio/index.js';
import type { Clock } from '../../clock.js';
import { type AudioChunk, PRE_ROLL_MS } from '../../realtime/uplink/audio-chunk.js';
import { RecentAudio } from '../../realtime/uplink/recent-audio.js';
import type { LiveRoute } from '../routes/live-route.js';
import { ChunkCutter } from './chunk-cutter.js';

/** Whoever spoke so lately may be the one whose speech the server has just noticed. */
const RECENT_MS = 1_000;

/** What the input of a whole room is made of. */
type MixedRoomInputOptions = {
  clock: Clock;
  /** The routes that hear the room. */
  routes: () => readonly LiveRoute[];
  /** Opens one of them, with the words that were said already. */
  open: (route: LiveRoute, preRoll: (take: (chunk: AudioChunk) => void) => void) => void;
};

/** Somebody whose audio comes. */
type Present = { voiced: boolean; pauseMs: number };

/** The whole room as one speaker: everybody's chunks added up, for routes that hear them all. */
export class MixedRoomInput {
  readonly #options: MixedRoomInputOptions;
  readonly #mixer: TimedMixer;
  readonly #cutter: ChunkCutter;
  /** The last chunks handed out. */
  readonly #recent = new RecentAudio(PRE_ROLL_MS);
  readonly #present = new Map<string, Present>();
  /** Whether each of them speaks, and when that changed last; who began last is last. */
  readonly #spoke = new Map<string, { speaking: boolean; lastMs: number }>();
  /** How many of them speak at present. */
  #speakingCount = 0;
  #quietSinceMs: number;
  #nextMs = 0;

  constructor(options: MixedRoomInputOptions) {
    this.#options = options;
    this.#quietSinceMs = options.clock.nowMs();
    this.#cutter = new ChunkCutter((chunk) => {
      this.#handOut(chunk);
    });
    this.#mixer = new TimedMixer({
      sampleRateHz: REALTIME_RATE_HZ,
      onMixed: (samples, atMs) => {
        let voiced = false;
        let pauseMs = Infinity;
        for (const present of this.#present.values()) {
          voiced ||= present.voiced;
          pauseMs = Math.min(pauseMs, present.pauseMs);
        }
        this.#cutter.push(samples, atMs, voiced, pauseMs);
      },
    });
  }

  /** Audio that came too late to be mixed, in milliseconds. */
  get lateMs(): number {
    return (this.#mixer.lateSamples * 1_000) / REALTIME_RATE_HZ;
  }

  /** Since when nobody has spoken; undefined while somebody does. */
  get quietSinceMs(): number | undefined {
    return this.#speakingCount > 0 ? undefined : this.#quietSinceMs;
  }

  /** One person's next chunk. */
  push(participantId: string, { pcm, atMs, voiced, pauseMs }: AudioChunk): void {
    this.#present.set(participantId, { voiced, pauseMs });
    this.#mixer.push(pcm, atMs);
  }

  /** One person began or ceased to speak. */
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
    if (!this.#present.has(participantId)) return;
    if (this.#present.size === 1) {
      this.#mixer.flush();
      this.#cutter.flush();
      this.#recent.clear();
    }
    this.#present.delete(participantId);
    if (this.#present.size > 0) return;
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

  #handOut(chunk: AudioChunk): void {
    const { routes, open } = this.#options;
    if (!chunk.follows(this.#nextMs)) this.#recent.clear(); // after a hole
    this.#nextMs = chunk.endMs;
    for (const route of routes()) {
      if (this.#speakingCount > 0 && !route.isOpen) {
        open(route, (take) => {
          this.#recent.replay(-Infinity, take);
        });
      }
      route.push(chunk);
    }
    this.#recent.append(chunk);
  }
}
