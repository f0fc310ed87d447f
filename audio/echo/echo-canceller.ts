import { meanPower } from '../pcm.js';
import { StreamingResampler } from '../resampler.js';
import { EchoFilter } from './echo-filter.js';
import { EchoGate, type EchoPath, type HeardBlock } from './echo-gate.js';
import { BLOCK_SAMPLES, BLOCK_SAMPLES_48K, ECHO_RATE_HZ, powerOf, SILENCE_POWER } from './echo-grid.js';
import type { EchoReference } from './echo-reference.js';
import { EchoSearch, SEARCHED_BLOCKS } from './echo-search.js';
import { ECHO_LAG_SAMPLES, HeldSound, type OnCancelled } from './held-sound.js';
import { NoiseFloor } from './noise-floor.js';
import { WINDOW_SAMPLES } from './whitener.js';

/** The room sounds on for this long after the last of what was published: 400 ms. */
const TAIL_BLOCKS = 25;
/** Checks are made at every other block, and half as often while sound is let through. */
const LOOK_EVERY_BLOCKS = 2;
/** The filter begins this much before the delay that was found: 2 ms. */
const BEFORE_DELAY_SAMPLES = 32;
/** Backgrounds louder than this are somebody (-45 dBFS). */
const MAX_NOISE_POWER = 32_768 ** 2 * 10 ** -4.5;
/** Somebody who was so much louder than the background lately (10 dB) is speaking; 0.9 dB of it fade with each frame. */
const SPEECH_RATIO = 10;
const RECENT_DECAY = 0.8;
/** With so little left of the echo (13 dB less), learning from every fourth block is enough. */
const LEARNED_RATIO = 0.05;
/** Longer inputs go in slices. */
const SLICE_SAMPLES = 4_800;

/**
 * Takes what was published out of one microphone. While nothing is published, sound passes at once and as it is, and so it
 * does once it is known that this microphone does not hear what is published.
 *
 * Otherwise it is worked on in blocks of 16 ms. Until it is known whether there is echo, what is heard while something is
 * published is held back until a search over all delays has told whose sound it is (200 to 500 ms), and then handed out all
 * at once, so that nothing of a person's speech is lost. Once the delay is known, an adaptive filter predicts the echo; what
 * is left is silenced as long as nobody speaks, and passes less the predicted echo when somebody does, 100 ms of their
 * beginning included. Every sample that goes in comes out once, silenced or not, at its own position.
 *
 * Needs `loadResampler()` to have resolved.
 */
export class EchoCanceller {
  readonly #reference: EchoReference;
  readonly #onAudio: OnCancelled;
  readonly #held: HeldSound;
  readonly #gate = new EchoGate();
  readonly #search = new EchoSearch();
  readonly #filter = new EchoFilter();
  readonly #down = new StreamingResampler(48_000, ECHO_RATE_HZ);
  /** Samples until the next block of the reference begins; undefined while sound passes at once. */
  #ahead: number | undefined;
  #position = 0;
  /** Sound that had ended goes on while something is published: it may be echo from its first sample on. */
  #resumes = false;
  /** Index of the block that is being filled, as the reference counts them. */
  #index = 0;
  #firstIndex = 0;
  readonly #block = new Float32Array(BLOCK_SAMPLES);
  #filled = 0;
  /** The echo that is expected in the block, as far as there is any, and what is left without it. */
  readonly #echo = new Float32Array(BLOCK_SAMPLES);
  #predicted = false;
  readonly #rest = new Float32Array(BLOCK_SAMPLES);
  /** Blocks of the held sound whose echo was predicted, and whether it does good to take it out. */
  #predictedBlocks = 0;
  #helps = false;
  /** The last of what was heard, and of what was left of it. */
  readonly #heardWindow = new Float32Array(WINDOW_SAMPLES);
  readonly #restWindow = new Float32Array(WINDOW_SAMPLES);
  /** The delay that the filter works with. */
  #filterDelay: number | undefined;
  readonly #noise = new NoiseFloor(SILENCE_POWER / 4, MAX_NOISE_POWER);
  /** Mean square of the loudest that was heard lately. */
  #recentPower = 0;
  readonly #heard: HeardBlock = {
    rawPower: 0,
    power: 0,
    publishedPower: 0,
    noisePower: 0,
    check: undefined,
    scoreAtDelay: 0,
  };

  constructor(reference: EchoReference, onAudio: OnCancelled) {
    this.#reference = reference;
    this.#onAudio = onAudio;
    this.#held = new HeldSound(onAudio);
  }

  /** What is known of this microphone. */
  get path(): EchoPath {
    return this.#gate.path;
  }

  /**
   * Takes what the microphone heard next.
   *
   * @param samples mono int16 at 48 kHz
   * @param position of the first sample on the timeline of the reference, to the sample; it continues what came before, unless
   *   that was flushed
   */
  push(samples: Int16Array, position: number): void {
    if (this.#ahead === undefined) {
      if (!this.#soundsAt(Math.floor(this.#reference.locate(position) / BLOCK_SAMPLES_48K))) {
        this.#resumes = false;
        this.#follow(meanPower(samples));
        this.#onAudio(samples, position);
        return;
      }
      this.#engage(position);
    }
    const head = Math.min(this.#ahead!, samples.length);
    if (head > 0) {
      this.#ahead! -= head;
      this.#position += head;
      const passing = samples.subarray(0, head);
      this.#onAudio(this.#resumes ? passing.map(() => 0) : passing, this.#position - head);
      if (this.#ahead === 0) this.#held.begin(this.#position, this.#resumes);
    }
    for (let at = head; at < samples.length; at += SLICE_SAMPLES) {
      this.#take(samples.subarray(at, at + SLICE_SAMPLES));
    }
  }

  /** The microphone's sound ends here: what is held back is handed out. */
  flush(): void {
    if (this.#ahead === undefined) return;
    this.#ahead = undefined;
    this.#resumes = this.#gate.path.kind !== 'none';
    this.#recentPower = 0;
    if (this.#gate.open || this.#gate.path.kind === 'none') this.#pass(this.#held.taken);
    else this.#held.silence(this.#held.taken);
  }

  /** Frees the filters. Nothing may be pushed afterwards. */
  close(): void {
    this.#down.close();
    this.#held.close();
  }

  /** Whether something of what was published may be heard at a block. */
  #soundsAt(index: number): boolean {
    const { path } = this.#gate;
    const delay = path.kind === 'echo' ? delayBlocks(path.delaySamples) : SEARCHED_BLOCKS;
    return index <= this.#reference.lastActiveBlock + delay + TAIL_BLOCKS;
  }

  #engage(position: number): void {
    const at = this.#reference.locate(position);
    this.#firstIndex = Math.ceil(at / BLOCK_SAMPLES_48K);
    this.#index = this.#firstIndex;
    this.#ahead = this.#firstIndex * BLOCK_SAMPLES_48K - at;
    this.#position = position;
    this.#held.begin(position, this.#resumes);
    this.#filled = 0;
    this.#predictedBlocks = 0;
    this.#heardWindow.fill(0);
    this.#restWindow.fill(0);
    this.#down.reset();
    this.#search.clear();
    this.#gate.begin(this.#recentPower > SPEECH_RATIO * Math.max(this.#noise.power, SILENCE_POWER));
  }

  #take(samples: Int16Array): void {
    this.#held.take(samples);
    for (const sample of this.#down.process(samples)) {
      this.#block[this.#filled++] = sample;
      if (this.#filled < BLOCK_SAMPLES) continue;
      this.#filled = 0;
      this.#judge();
      this.#index++;
    }
    this.#passOn();
    if (this.#soundsAt(this.#index) || !this.#gate.settled) return;
    this.#pass(this.#held.taken);
    this.#ahead = undefined;
  }

  /** Whoever is let through is not held back longer than the expected echo is late. */
  #passOn(): void {
    const { path, open } = this.#gate;
    if (path.kind === 'none') this.#pass(this.#held.taken);
    const echoTo = this.#predictedBlocks * BLOCK_SAMPLES_48K - ECHO_LAG_SAMPLES;
    if (path.kind === 'echo' && open) this.#pass(Math.min(this.#held.taken, echoTo));
  }

  #judge(): void {
    const heard = this.#heard;
    const block = this.#index - this.#firstIndex;
    if (this.#predictedBlocks === block) this.#predict(this.#index);
    this.#predicted &&= this.#gate.path.kind === 'echo';
    heard.rawPower = powerOf(this.#block);
    for (let i = 0; i < BLOCK_SAMPLES; i++) {
      this.#rest[i] = this.#predicted ? this.#block[i]! - this.#echo[i]! : this.#block[i]!;
    }
    heard.power = this.#predicted ? powerOf(this.#rest) : heard.rawPower;
    this.#helps = heard.power <= heard.rawPower;
    heard.noisePower = this.#noise.power;
    heard.publishedPower = this.#publishedPower();
    append(this.#heardWindow, this.#block);
    append(this.#restWindow, this.#rest);
    this.#check();
    const wasOpen = this.#gate.open;
    const { kind, waiting } = this.#gate.judge(heard);
    const judged = (block + 1 - waiting) * BLOCK_SAMPLES_48K;
    if (kind === 'pass') this.#pass(this.#gate.path.kind === 'echo' ? judged - ECHO_LAG_SAMPLES : judged);
    if (kind === 'silence') {
      this.#held.silence(judged);
      const learned = heard.power < LEARNED_RATIO * heard.rawPower;
      const due = !learned || this.#index % 4 === 0;
      if (this.#predicted && !wasOpen && due) this.#filter.adapt(this.#reference, this.#index, this.#rest);
    }
    this.#followPath();
    this.#follow(heard.power);
    // The next block's echo is known already unless it comes within a block.
    if (this.#reference.blockCount > this.#index + 1 - this.#filter.firstBlock)
      this.#predict(this.#index + 1);
  }

  /** Predicts the echo in the next block. */
  #predict(index: number): void {
    this.#predicted =
      this.#gate.path.kind === 'echo' && this.#filter.predict(this.#reference, index, this.#echo);
    this.#held.expect(this.#predicted && this.#helps ? this.#echo : undefined);
    this.#predictedBlocks++;
  }

  #check(): void {
    const heard = this.#heard;
    const { path, checksRaw, open } = this.#gate;
    const every = open || path.kind === 'none' ? 2 * LOOK_EVERY_BLOCKS : LOOK_EVERY_BLOCKS;
    heard.check = undefined;
    if (this.#index % every !== 0 || !this.#gate.wantsCheck(heard)) return;
    // With a delay to be watched, what was heard before must not blur what is heard now.
    if (path.kind === 'echo') this.#search.clear();
    const window = checksRaw ? this.#heardWindow : this.#restWindow;
    heard.check = this.#search.check(this.#reference, this.#index, window);
    heard.scoreAtDelay = path.kind === 'echo' ? this.#search.scoreNear(path.delaySamples) : 0;
  }

  /** The loudest that may be heard now of what was published. */
  #publishedPower(): number {
    const { path } = this.#gate;
    const from = path.kind === 'echo' ? delayBlocks(path.delaySamples) : 0;
    const to = path.kind === 'echo' ? from + 1 : SEARCHED_BLOCKS;
    let power = 0;
    for (let delay = from; delay <= to; delay++) {
      power = Math.max(power, this.#reference.powerAt(this.#index - delay));
    }
    return power;
  }

  /** The filter begins anew where another delay was found. */
  #followPath(): void {
    const { path, coupling } = this.#gate;
    if (path.kind !== 'echo' || path.delaySamples === this.#filterDelay) return;
    this.#filterDelay = path.delaySamples;
    this.#filter.begin(delayBlocks(Math.max(0, path.delaySamples - BEFORE_DELAY_SAMPLES)), coupling);
  }

  #follow(power: number): void {
    this.#recentPower = Math.max(power, RECENT_DECAY * this.#recentPower);
    this.#noise.follow(power);
  }

  #pass(to: number): void {
    this.#held.pass(to, this.#gate.path.kind === 'echo');
  }
}

/** How many blocks lie between what is published and its echo, at least. */
function delayBlocks(delaySamples: number): number {
  return Math.floor(delaySamples / BLOCK_SAMPLES);
}

function append(window: Float32Array, block: Float32Array): void {
  window.copyWithin(0, BLOCK_SAMPLES);
  window.set(block, WINDOW_SAMPLES - BLOCK_SAMPLES);
}
