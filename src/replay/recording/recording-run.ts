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
import { FRAME_SAMPLES } from './file-frames.js';
import { NoticeTally } from '../notice-tally.js';
import { STEP_MS, type Pace } from '../pace.js';
import { PeakTrack } from '../output/waveform.js';
import { whilePending } from '../while-pending.js';

/** Frames of output kept in one block: 10 s. */
const BLOCK_FRAMES = 1000;
/** After the end of the recording, playback may go on for as long as the recording and this much more. */
const TAIL_MS = 120_000;
/** Opening the connection in this process takes no time on its clock, so a real one bounds it. */
const STUCK_AFTER_MS = 20_000;

/** What a run is made of. */
type RecordingRunOptions = {
  /** 10 ms, 48 kHz, mono. */
  frames: Iterator<Int16Array, undefined>;
  pace: Pace;
  session: InterpretingSession;
  speakerId: string;
  bargeIn: BargeInPolicy;
  /** Ends the run early; what came until then is lost. */
  signal: AbortSignal;
  /** Checked at every step: an error returned here ends the run. */
  failure: () => ParleyError | undefined;
  onStep: (atMs: number) => void;
};

/** What came out of a run. */
export type RecordingRunResult = {
  turns: readonly TurnRecord[];
  /** 48 kHz mono, from time 0, at least as long as the input. */
  output: Int16Array;
  /** One peak per 10 ms, see {@link PeakTrack}. */
  inputPeaks: Uint8Array;
  outputPeaks: Uint8Array;
  /** What the session reported, one line each. */
  warnings: readonly string[];
};

/** Runs a recording to its end: connects, steps until all is said and heard, closes. */
export async function runRecording(options: RecordingRunOptions): Promise<RecordingRunResult> {
  const run = new RecordingRun(options);
  await run.connect();
  return run.toEnd();
}

class RecordingRun {
  readonly #options: RecordingRunOptions;
  readonly #voice: OutputChannel;
  readonly #route: InterpreterRoute;
  readonly #input: SpeakerInput;
  readonly #notices = new NoticeTally();
  readonly #inputPeaks = new PeakTrack();
  readonly #outputPeaks = new PeakTrack();
  readonly #blocks: Int16Array[] = [];
  readonly #frame: AudioFrame = { samples: new Int16Array(0), sampleRateHz: 48_000, channelCount: 1 };
  #stepCount = 0;
  #inputOver = false;

  constructor(options: RecordingRunOptions) {
    this.#options = options;
    this.#voice = new OutputChannel({ bargeIn: options.bargeIn });
    const { session, speakerId } = options;
    this.#route = new InterpreterRoute({ speakerId, session, voice: this.#voice, cutsLongSpeech: false });
    this.#input = new SpeakerInput({
      speaking: () => undefined,
      chunk: (chunk) => {
        this.#route.push(chunk);
      },
    });
    session.events.on('speechStarted', () => this.#voice.heard(speakerId, Infinity));
    session.events.on('speechStopped', () => this.#voice.heard(speakerId, 0));
    session.events.on('notice', (notice) => {
      this.#notices.add(notice);
    });
  }

  /** The clock stands at 0 meanwhile. */
  async connect(): Promise<void> {
    const { session, pace } = this.#options;
    const startedMs = performance.now();
    await this.#whilePending(session.connect(), async () => {
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
    const busy = (): boolean => !this.#route.idle || !this.#voice.idle;
    while (busy() && this.#stepCount * STEP_MS < lastMs) await this.#step();
    const finished = !busy();
    const closing = finished ? this.#route.close() : this.#route.close(0);
    await this.#whilePending(closing, () => this.#step());
    this.#input.close();
    const warnings = this.#notices.lines();
    if (!finished) warnings.push('the last translation did not come to its end and was given up');
    return {
      turns: this.#route.turns,
      output: this.#output(),
      inputPeaks: this.#inputPeaks.peaks,
      outputPeaks: this.#outputPeaks.peaks,
      warnings,
    };
  }

  /** A frame is complete, and pushed, at the end of its 10 ms; a frame pulled is heard from now on. */
  async #step(): Promise<void> {
    const { pace, session, signal, failure, onStep } = this.#options;
    const atMs = this.#stepCount * STEP_MS;
    await pace.reach(atMs);
    const out = this.#nextOutputFrame();
    this.#voice.pull(out, atMs);
    this.#outputPeaks.push(out);
    if (atMs > 0 && !this.#inputOver) this.#pushInput(atMs - STEP_MS);
    await pace.settle();
    this.#stepCount++;
    if (signal.aborted) throw new ParleyError('internal', 'interrupted');
    const failed = failure() ?? (session.state.kind === 'ended' ? session.state.error : undefined);
    if (failed !== undefined) throw failed;
    onStep(atMs);
  }

  #pushInput(atMs: number): void {
    const next = this.#options.frames.next();
    if (next.done === true) {
      this.#inputOver = true;
      this.#input.stop();
      this.#route.endOfSpeech();
    } else {
      this.#inputPeaks.push(next.value);
      this.#frame.samples = next.value;
      this.#input.push(this.#frame, atMs);
    }
  }

  #nextOutputFrame(): Int16Array {
    const inBlock = this.#stepCount % BLOCK_FRAMES;
    if (inBlock === 0) this.#blocks.push(new Int16Array(BLOCK_FRAMES * FRAME_SAMPLES));
    return this.#blocks.at(-1)!.subarray(inBlock * FRAME_SAMPLES, (inBlock + 1) * FRAME_SAMPLES);
  }

  #output(): Int16Array {
    const output = new Int16Array(this.#stepCount * FRAME_SAMPLES);
    this.#blocks.forEach((block, index) => {
      const start = index * block.length;
      output.set(block.subarray(0, output.length - start), start);
    });
    return output;
  }

  #whilePending(promise: Promise<void>, work: () => Promise<void>): Promise<void> {
    return whilePending(promise, () => {
      const failed = this.#options.failure();
      if (failed !== undefined) throw failed;
      if (this.#options.signal.aborted) throw new ParleyError('internal', 'interrupted');
      return work();
    });
  }
}
