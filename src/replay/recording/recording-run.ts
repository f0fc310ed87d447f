/** One recording, step by step: its frames into a route, the voice's frames out, on the recording's clock. */
import { setImmediate as turn } from 'node:timers/promises';
import type { AudioFrame } from '../../../audio/index.js';
import { ParleyError } from '../../errors.js';
import type { BargeInPolicy } from '../../interpreter/playback/barge-in.js';
import { InterpreterRoute } from '../../interpreter/route/route.js';
import type { TurnRecord } from '../../interpreter/route/turn-record.js';
import { OutputChannel } from '../../interpreter/playback/output-channel.js';
import { SpeakerInput } from '../../meeting/listening/speaker-input.js';
import type { InterpretingSession } from '../../realtime/session.js';
import { FRAME_SAMPLES, type RecordedFrames } from './recorded-frames.js';
import { NoticeTally } from '../notice-tally.js';
import { STEP_MS, type Pace } from '../pace.js';
import { PeakTrack } from '../output/waveform.js';
import { whilePending } from '../while-pending.js';
import { ROOM_RATE_HZ } from '../../../audio/rates.js';

/** After the end of the recording, playback may go on for as long as the recording and this much more. */
const TAIL_MS = 120_000;
/** Opening the connection in this process takes no time on its clock, so a real one bounds it. */
const STUCK_AFTER_MS = 20_000;

/** One who speaks in a recording, and the session that interprets them. */
export type RecordedSpeaker = { speakerId: string; session: InterpretingSession };

/** What a run is made of. */
type RecordingRunOptions = {
  /** As many voices as there are speakers, in the same order. */
  frames: Pick<RecordedFrames, 'ready' | 'next'>;
  pace: Pace;
  speakers: readonly RecordedSpeaker[];
  bargeIn: BargeInPolicy;
  /** Takes every frame of the translation, 48 kHz mono from time 0 on; it is valid during the call. */
  output: (frame: Int16Array) => void;
  /** Ends the run early. */
  signal: AbortSignal;
  /** Checked at every step: an error returned here ends the run. */
  failure: () => ParleyError | undefined;
  onStep: (atMs: number) => void;
};

/** A turn, and who spoke. */
export type SpokenTurn = { speakerId: string; turn: TurnRecord };

/** What came out of a run. */
export type RecordingRunResult = {
  /** In the order in which they began. */
  turns: readonly SpokenTurn[];
  /** How long the run took on the recording's clock: at least as long as the input. */
  durationMs: number;
  /** One peak per 10 ms, see {@link PeakTrack}. */
  inputPeaks: Uint8Array;
  outputPeaks: Uint8Array;
  /** Largest sample of the input, 0 to 32,768. */
  inputPeak: number;
  /** What the sessions reported, one line each. */
  warnings: readonly string[];
};

/** Runs a recording to its end: connects, steps until all is said and heard, closes. */
export async function runRecording(options: RecordingRunOptions): Promise<RecordingRunResult> {
  const run = new RecordingRun(options);
  await run.connect();
  return run.toEnd();
}

/** One speaker's way from frames to the output channel. */
type SpeakerPath = RecordedSpeaker & { route: InterpreterRoute; input: SpeakerInput };

class RecordingRun {
  readonly #options: RecordingRunOptions;
  readonly #voice: OutputChannel;
  readonly #speakers: readonly SpeakerPath[];
  readonly #notices = new NoticeTally();
  readonly #inputPeaks = new PeakTrack();
  readonly #outputPeaks = new PeakTrack();
  readonly #frame: AudioFrame = { samples: new Int16Array(0), sampleRateHz: ROOM_RATE_HZ, channelCount: 1 };
  readonly #out = new Int16Array(FRAME_SAMPLES);
  readonly #outs = [this.#out];
  #stepCount = 0;
  #inputOver = false;

  constructor(options: RecordingRunOptions) {
    this.#options = options;
    this.#voice = new OutputChannel({ bargeIn: options.bargeIn });
    this.#speakers = options.speakers.map((speaker) => this.#pathOf(speaker));
  }

  #pathOf({ speakerId, session }: RecordedSpeaker): SpeakerPath {
    const route = new InterpreterRoute({ speakerId, session, voice: this.#voice });
    const input = new SpeakerInput({
      speaking: () => undefined,
      chunk: (chunk) => {
        route.push(chunk);
      },
    });
    session.events.on('speechStarted', () => this.#voice.heard(speakerId, Infinity));
    session.events.on('speechStopped', () => this.#voice.heard(speakerId, 0));
    session.events.on('notice', (notice) => {
      this.#notices.add(notice);
    });
    return { speakerId, session, route, input };
  }

  /** The clock stands at 0 meanwhile. */
  async connect(): Promise<void> {
    const { pace } = this.#options;
    const startedMs = performance.now();
    const connecting = Promise.all(this.#speakers.map(({ session }) => session.connect()));
    await this.#whilePending(connecting, async () => {
      await pace.settle();
      await turn();
      if (performance.now() - startedMs > STUCK_AFTER_MS)
        throw new ParleyError('service_unavailable', 'the session did not open: the other end stays silent');
    });
  }

  async toEnd(): Promise<RecordingRunResult> {
    this.#options.pace.start();
    while (!this.#inputOver) await this.#step();
    const lastMs = this.#stepCount * STEP_MS * 2 + TAIL_MS;
    const busy = (): boolean => !this.#speakers.every(({ route }) => route.idle) || !this.#voice.idle;
    while (busy() && this.#stepCount * STEP_MS < lastMs) await this.#step();
    const finished = !busy();
    const closing = Promise.all(
      this.#speakers.map(({ route }) => (finished ? route.close() : route.close(0))),
    );
    await this.#whilePending(closing, () => this.#step());
    for (const { input } of this.#speakers) input.close();
    const warnings = this.#notices.lines();
    if (!finished) warnings.push('the last translation did not come to its end and was given up');
    return {
      turns: this.#turns(),
      durationMs: this.#stepCount * STEP_MS,
      inputPeaks: this.#inputPeaks.peaks,
      outputPeaks: this.#outputPeaks.peaks,
      inputPeak: this.#inputPeaks.largest,
      warnings,
    };
  }

  /** A frame is complete, and pushed, at the end of its 10 ms; a frame pulled is heard from now on. */
  async #step(): Promise<void> {
    const { pace, signal, failure, onStep, output } = this.#options;
    const atMs = this.#stepCount * STEP_MS;
    await pace.reach(atMs);
    const out = this.#out;
    this.#voice.pull(out, atMs);
    this.#outputPeaks.push(this.#outs);
    output(out);
    if (atMs > 0 && !this.#inputOver) {
      const { frames } = this.#options;
      this.#pushInput(frames.ready ?? (await frames.next()), atMs - STEP_MS);
    }
    await pace.settle();
    this.#stepCount++;
    if (signal.aborted) throw new ParleyError('internal', 'interrupted');
    const failed = failure() ?? this.#sessionFailure();
    if (failed !== undefined) throw failed;
    onStep(atMs);
  }

  #pushInput(frames: readonly Int16Array[] | undefined, atMs: number): void {
    if (frames === undefined) {
      this.#inputOver = true;
      for (const { input, route } of this.#speakers) {
        input.stop();
        route.endOfSpeech();
      }
      return;
    }
    this.#inputPeaks.push(frames);
    this.#speakers.forEach(({ input }, index) => {
      this.#frame.samples = frames[index]!;
      input.push(this.#frame, atMs);
    });
  }

  #sessionFailure(): ParleyError | undefined {
    for (const { session } of this.#speakers) {
      if (session.state.kind === 'ended') return session.state.error;
    }
    return undefined;
  }

  #turns(): SpokenTurn[] {
    return this.#speakers
      .flatMap(({ speakerId, route }) => route.turns.map((each) => ({ speakerId, turn: each })))
      .sort((a, b) => a.turn.startMs - b.turn.startMs);
  }

  #whilePending<T>(promise: Promise<T>, work: () => Promise<void>): Promise<T> {
    return whilePending(promise, () => {
      const failed = this.#options.failure();
      if (failed !== undefined) throw failed;
      if (this.#options.signal.aborted) throw new ParleyError('internal', 'interrupted');
      return work();
    });
  }
}
