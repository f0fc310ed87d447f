import { REALTIME_RATE_HZ, REALTIME_SAMPLES_PER_MS } from '../../audio/rates.js';
import { TimedMixer } from '../../audio/index.js';
import type { Clock, TimerHandle } from '../clock.js';
import { BoundedMap } from '../bounded-map.js';
import type { OutputChannel } from '../interpreter/playback/output-channel.js';
import { ChunkCutter } from '../meeting/listening/chunk-cutter.js';
import { EchoGuard } from '../meeting/listening/echo-guard.js';
import { SpeakerInputs } from '../meeting/listening/speaker-inputs.js';
import { type AudioChunk, CHUNK_MS } from '../realtime/uplink/audio-chunk.js';
import type { Room } from '../room/room.js';

/** Silence is sent so much later than it was: audio that comes after all takes less. */
const LATE_MS = 200;
/** Of a silence that was missed, as when the process stood still, so much is made up for. */
const MAX_FILLED_MS = 1_000;
/** How much somebody's audio may come later than another's. */
const WAIT_MS = 60;
/** Stalled microphones are looked for this often. */
const CHECK_MS = 250;
const MAX_PEOPLE = 1_000;

type RoomInputOptions = {
  clock: Clock;
  room: Room;
  /** The agent's own voice, which is not to be heard. */
  voice: OutputChannel;
  /** The next of what the agent hears. */
  onChunk: (chunk: AudioChunk) => void;
  onProblem: (message: string) => void;
};

/** One person whose audio comes: where in the mix their next piece belongs, and whether there is speech in it. */
type Person = { readonly endMs: number; readonly voiced: boolean; readonly pauseMs: number };

/**
 * What an agent hears of a room: everybody's microphones, without the agent's own voice, as one stream that never stops while
 * somebody is there: silence where nobody speaks, so that the server can tell where turns end.
 * Needs `loadResampler()` and `loadSpeechDetector()` to have resolved.
 */
export class RoomInput {
  readonly #options: RoomInputOptions;
  readonly #echo: EchoGuard;
  readonly #inputs: SpeakerInputs;
  readonly #mixer: TimedMixer;
  readonly #cutter: ChunkCutter;
  readonly #people = new BoundedMap<Person>(MAX_PEOPLE);
  readonly #silence = new Int16Array(CHUNK_MS * REALTIME_SAMPLES_PER_MS);
  /** Behind the newest sample that was mixed; undefined while nobody is there. */
  #mixedToMs: number | undefined;
  #timer: TimerHandle | undefined;
  #checkedAtMs = -Infinity;
  #unheard = 0;
  readonly #stop: (() => void)[] = [];

  constructor(options: RoomInputOptions) {
    this.#options = options;
    const { clock, voice, room, onChunk } = options;
    this.#echo = new EchoGuard(() => [voice]);
    voice.onFrame((frame, atMs) => {
      this.#echo.published(voice, frame, atMs);
    });
    this.#cutter = new ChunkCutter(onChunk);
    this.#mixer = new TimedMixer({
      sampleRateHz: REALTIME_RATE_HZ,
      waitMs: WAIT_MS,
      onMixed: (samples, atMs) => {
        this.#onMixed(samples, atMs);
      },
    });
    this.#inputs = new SpeakerInputs({
      clock,
      guard: (id, onCleaned) => this.#echo.microphone(id, onCleaned),
      handlers: {
        speaking: () => undefined, // the server decides who may interrupt
        heard: (id, speechMs) => {
          voice.heard(id, speechMs);
        },
        chunk: (id, _speaker, chunk) => {
          this.#mix(id, chunk);
        },
        stopped: (id) => {
          voice.heard(id, 0);
          this.#people.delete(id);
        },
        unusable: (id, why) => {
          this.#unheard++;
          options.onProblem(`the audio of ${id} cannot be used: ${why}`);
        },
      },
    });
    room.listen((id, frame, atMs) => {
      this.#inputs.push(id, frame, atMs);
    });
    this.#stop.push(
      room.events.on('audioStopped', (id) => {
        this.#inputs.stop(id);
      }),
      room.events.on('participantLeft', ({ id }) => {
        this.#inputs.stop(id);
        this.#inputs.forget(id);
      }),
    );
  }

  /** Audio that came too late to be mixed, in milliseconds. */
  get lateMs(): number {
    return this.#mixer.lateSamples / REALTIME_SAMPLES_PER_MS;
  }

  /** People whose audio has a format that cannot be used. */
  get unheard(): number {
    return this.#unheard;
  }

  /** We are in the room: silence flows from now on. */
  begin(): void {
    this.#tick();
  }

  /** Nothing more is heard. */
  close(): void {
    this.#timer?.cancel();
    for (const stop of this.#stop) stop();
    for (const id of [...this.#inputs.participantIds]) this.#inputs.forget(id);
    this.#echo.close();
  }

  /**
   * Somebody's samples follow each other, whatever their times say: those of a busy machine or network jump about, and a gap in a word
   * is worse than a word that is mixed a little early or late. What comes later than everything else is heard late rather than
   * not at all.
   */
  #mix(id: string, { pcm, atMs, durationMs, voiced, pauseMs }: AudioChunk): void {
    const mixedToMs = this.#mixedToMs ?? -Infinity;
    let startMs = this.#people.get(id)?.endMs ?? atMs;
    if (startMs < mixedToMs - WAIT_MS) startMs = mixedToMs;
    this.#people.set(id, { endMs: startMs + durationMs, voiced, pauseMs });
    this.#push(pcm, startMs);
  }

  #push(pcm: Int16Array, atMs: number): void {
    this.#mixer.push(pcm, atMs);
    this.#mixedToMs = Math.max(this.#mixedToMs ?? -Infinity, atMs + pcm.length / REALTIME_SAMPLES_PER_MS);
  }

  #onMixed(samples: Int16Array, atMs: number): void {
    let voiced = false;
    let pauseMs = Infinity;
    for (const person of this.#people.values()) {
      voiced ||= person.voiced;
      pauseMs = Math.min(pauseMs, person.pauseMs);
    }
    this.#cutter.push(samples, atMs, voiced, pauseMs);
  }

  #tick(): void {
    const { clock } = this.#options;
    const nowMs = clock.nowMs();
    this.#timer = clock.setTimer(() => {
      this.#tick();
    }, CHUNK_MS);
    if (nowMs - this.#checkedAtMs >= CHECK_MS) {
      this.#checkedAtMs = nowMs;
      this.#inputs.tick(() => undefined);
    }
    this.#fill(nowMs - LATE_MS);
  }

  /** Silence up to this moment, where nobody's audio comes. */
  #fill(toMs: number): void {
    if (!this.#somebodyIsHere) {
      this.#mixedToMs = undefined;
      this.#mixer.flush();
      this.#cutter.flush();
      return;
    }
    if (this.#people.size > 0) return; // theirs comes, however late
    let atMs = Math.max(this.#mixedToMs ?? toMs - CHUNK_MS, toMs - MAX_FILLED_MS);
    for (; atMs < toMs; atMs += CHUNK_MS) {
      const length = Math.round(Math.min(CHUNK_MS, toMs - atMs) * REALTIME_SAMPLES_PER_MS);
      if (length > 0) this.#push(this.#silence.subarray(0, length), atMs);
    }
  }

  get #somebodyIsHere(): boolean {
    for (const { isBot } of this.#options.room.participants.values()) if (!isBot) return true;
    return false;
  }
}
