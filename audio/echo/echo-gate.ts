import { SILENCE_POWER } from './echo-grid.js';
import { EchoEvidence, isSameDelay } from './echo-evidence.js';
import type { EchoCheck } from './echo-search.js';

/**
 * What is known of a microphone: nothing yet; that it does not hear what is published; or that it does, and how much later
 * (in samples at 16 kHz).
 */
export type EchoPath = { kind: 'unknown' } | { kind: 'none' } | { kind: 'echo'; delaySamples: number };

/** One block of a microphone, as the gate judges it. Powers are mean squares. */
export type HeardBlock = {
  /** What was heard, and what is left of it without the expected echo. */
  rawPower: number;
  power: number;
  /** The loudest of what was published and may be heard now. */
  publishedPower: number;
  /** The background of this microphone. */
  noisePower: number;
  /** A check of the sound up to this block; undefined where none was taken. */
  check: Readonly<EchoCheck> | undefined;
  /** The check's score at the known delay. */
  scoreAtDelay: number;
};

/** What becomes of the blocks that wait, all but the `waiting` newest: they wait on, are let through, or are silenced. */
type GateDecision = { kind: 'wait' | 'pass' | 'silence'; waiting: number };

/** Louder than what can be explained by so much (power, 6 dB): somebody speaks. */
const MARGIN = 4;
/** A known delay scores less when something else is heard than the echo, and so much when nothing else is. */
const NEAR_SCORE = 5;
const STRONG_SCORE = 10;
/** Before the path is known, so much is heard before somebody is let through: 192 ms. */
const HOLD_BLOCKS = 12;
/** The same where it may be echo: checks show it, or it is quieter than what is published by 10 dB; 384 ms. */
const LONG_HOLD_BLOCKS = 24;
const QUIET_RATIO = 0.1;
/** The same where it is quieter by 17 dB; 512 ms. */
const LONGEST_HOLD_BLOCKS = 32;
const QUIETER_RATIO = 0.02;
/** Checks over this much make up for a second piece of evidence when the hold is over: 128 ms. */
const ENOUGH_SPAN_BLOCKS = 8;
/** The soft beginning of a sound is held back with it: 48 ms. */
const LOOKBACK_BLOCKS = 3;
/** Once the path is known, 96 ms are held back. */
const LOOKAHEAD_BLOCKS = 6;
const SUSPECT_BLOCKS = 3;
const SUSPECT_WINDOW = 0b1111;
/** A pause this long closes the gate: 256 ms. */
const HANGOVER_BLOCKS = 16;
/** Silent this long while something is published: the path is none. 1.6 s. */
const NONE_BLOCKS = 100;
/** A path that was found is proven by so many checks; these many in a row that do not show it refute it. */
const PROVING_CHECKS = 20;
const REFUTING_CHECKS = 4;
/** What is let through is echo after all when so many checks in a row show it. */
const CLOSING_CHECKS = 3;
/** Published louder than this, what comes back tells something (-60 dBFS). */
const AUDIBLE_POWER = 32_768 ** 2 * 10 ** -6;
/** Reverberation fades by so much per block at the slowest (60 dB in 440 ms). */
const ROOM_DECAY = 0.6;
/** What is left of the echo is believed to shrink no faster than this per block (3 dB in 0.73 s). */
const REST_DECAY = 0.985;

/** Decides block by block who speaks: the person, or only the room. See {@link EchoPath} for what it comes to know. */
export class EchoGate {
  #path: EchoPath = { kind: 'unknown' };
  readonly #evidence = new EchoEvidence();
  #open = false;
  #index = 0;
  /** Blocks since the last that was louder than can be explained; the last of them as bits. */
  #sinceSuspect = Infinity;
  #suspects = 0;
  #waiting = 0;
  #loudestWaiting = 0;
  #quietBlocks = 0;
  /** The reverberant level of what is published, and as ratios to it how loud the echo is and what is left of it. */
  #published = 0;
  #coupling = 1;
  #rest = 1;
  /** Checks that have shown the path; in a row, that have shown it or not. */
  #proof = 0;
  #shownInRow = 0;
  #missedInRow = 0;
  readonly #decision: GateDecision = { kind: 'wait', waiting: 0 };

  get path(): EchoPath {
    return this.#path;
  }

  /** Somebody is being let through. */
  get open(): boolean {
    return this.#open;
  }

  /** About how loud the echo is, as a ratio of powers to what is published. */
  get coupling(): number {
    return this.#coupling;
  }

  /** Nothing that waits may be somebody's first sound. */
  get settled(): boolean {
    return this.#waiting === 0 || this.#sinceSuspect >= this.#waiting;
  }

  /** Checks should be of what was heard itself, not of what is left of it: the path is not proven. */
  get checksRaw(): boolean {
    return this.#path.kind !== 'echo' || this.#proof < PROVING_CHECKS;
  }

  /** Something is published from here on. `speaking`: somebody was heard already before. */
  begin(speaking: boolean): void {
    this.#open = speaking;
    this.#sinceSuspect = speaking ? 0 : Infinity;
    this.#suspects = 0;
    this.#waiting = 0;
    this.#loudestWaiting = 0;
    this.#published = 0;
    this.#shownInRow = 0;
    this.#missedInRow = 0;
  }

  /** Whether a check is worth its cost. */
  wantsCheck({ power, rawPower, noisePower }: HeardBlock): boolean {
    if (this.#path.kind !== 'echo' || this.#proof >= PROVING_CHECKS) return power > this.#bound(noisePower);
    return rawPower > Math.max(SILENCE_POWER, MARGIN * noisePower);
  }

  /** Judges the next block. The result is overwritten by the next call. */
  judge(block: HeardBlock): GateDecision {
    this.#index++;
    this.#published = Math.max(block.publishedPower, this.#published * ROOM_DECAY);
    const suspect = block.power > this.#bound(block.noisePower);
    this.#suspects = (this.#suspects << 1) | (suspect ? 1 : 0);
    this.#sinceSuspect = suspect ? 0 : this.#sinceSuspect + 1;
    if (this.#sinceSuspect > HANGOVER_BLOCKS) this.#open = false;
    this.#waiting++;
    this.#loudestWaiting = Math.max(this.#loudestWaiting, block.power);
    if (block.check !== undefined) this.#evidence.add(block.check, this.#index);
    switch (this.#path.kind) {
      case 'unknown':
        return this.#judgeUnknown(block);
      case 'none':
        return this.#judgeNone();
      case 'echo':
        return this.#judgeEcho(block, suspect, this.#path.delaySamples);
    }
  }

  #judgeUnknown(block: HeardBlock): GateDecision {
    if (this.#open) {
      if (this.#evidence.pieces >= 3) this.#learn();
      return this.#decide('pass', 0);
    }
    if (this.#sinceSuspect >= this.#waiting) {
      if (block.publishedPower > SILENCE_POWER && ++this.#quietBlocks >= NONE_BLOCKS)
        this.#path = { kind: 'none' };
      return this.#decide('pass', Math.min(this.#waiting, LOOKBACK_BLOCKS));
    }
    this.#quietBlocks = 0;
    if (this.#evidence.pieces >= 2) return this.#found();
    const quiet = this.#loudestWaiting < block.publishedPower * QUIET_RATIO;
    if (this.#waiting < this.#holdBlocks(block.publishedPower)) return this.#decide('wait', this.#waiting);
    const seen = this.#evidence.seenLately(this.#index) && this.#evidence.span >= ENOUGH_SPAN_BLOCKS;
    if (seen && quiet) return this.#found();
    if (this.#sinceSuspect > HOLD_BLOCKS / 2) return this.#decide(quiet ? 'silence' : 'pass', 0); // it is over
    this.#open = true;
    return this.#decide('pass', 0);
  }

  #holdBlocks(publishedPower: number): number {
    if (this.#loudestWaiting < publishedPower * QUIETER_RATIO) return LONGEST_HOLD_BLOCKS;
    const quiet = this.#loudestWaiting < publishedPower * QUIET_RATIO;
    return quiet || this.#evidence.seenLately(this.#index) ? LONG_HOLD_BLOCKS : HOLD_BLOCKS;
  }

  #judgeNone(): GateDecision {
    if (this.#evidence.pieces >= 3) this.#learn();
    return this.#decide('pass', 0);
  }

  #judgeEcho(block: HeardBlock, suspect: boolean, delaySamples: number): GateDecision {
    const shown = block.check !== undefined && block.scoreAtDelay >= NEAR_SCORE;
    const missed = block.check !== undefined && !shown;
    if (shown) this.#proof++;
    if (block.check !== undefined) {
      this.#shownInRow = block.scoreAtDelay >= STRONG_SCORE ? this.#shownInRow + 1 : 0;
      if (shown) this.#missedInRow = 0;
      else if (!suspect) this.#missedInRow++;
    }
    if (this.#proof < PROVING_CHECKS && this.#missedInRow >= REFUTING_CHECKS) {
      this.#path = { kind: 'unknown' };
      this.#evidence.forget();
      this.#open = true;
      this.#sinceSuspect = 0;
      return this.#decide('pass', 0);
    }
    if (this.#evidence.pieces >= 3 && !isSameDelay(this.#evidence.delaySamples, delaySamples)) this.#learn();
    if (this.#published > AUDIBLE_POWER) this.#learnRest(block, suspect, shown);
    if (this.#shownInRow >= CLOSING_CHECKS) this.#open = false;
    if (this.#open) return this.#decide('pass', 0);
    if (missed && countBits(this.#suspects & SUSPECT_WINDOW) >= SUSPECT_BLOCKS) {
      this.#open = true;
      return this.#decide('pass', 0);
    }
    return this.#decide('silence', Math.min(this.#waiting, LOOKAHEAD_BLOCKS));
  }

  /** What waits is echo. */
  #found(): GateDecision {
    this.#learn();
    return this.#decide('silence', 0);
  }

  /** The checks agree on a delay. */
  #learn(): void {
    this.#path = { kind: 'echo', delaySamples: this.#evidence.delaySamples };
    const power = this.#open ? this.#published * QUIET_RATIO : this.#loudestWaiting;
    this.#coupling = Math.min(1, Math.max(power / Math.max(this.#published, AUDIBLE_POWER), 1e-4));
    this.#rest = this.#coupling;
    this.#proof = 0;
    this.#shownInRow = 0;
    this.#missedInRow = 0;
  }

  /** Follows how much of the echo is left. */
  #learnRest({ power, noisePower }: HeardBlock, suspect: boolean, shown: boolean): void {
    const ratio = Math.min(Math.max(0, power - noisePower) / this.#published, this.#coupling * MARGIN);
    if (!suspect) {
      const lower = Math.max(ratio, this.#rest * REST_DECAY);
      this.#rest = ratio > this.#rest ? this.#rest + 0.2 * (ratio - this.#rest) : lower;
    } else if (shown && !this.#open) {
      this.#rest = Math.max(this.#rest, ratio);
    }
  }

  /** The loudest that is not somebody. */
  #bound(noisePower: number): number {
    const echo = this.#path.kind === 'echo' ? this.#rest * this.#published : 0;
    return Math.max(SILENCE_POWER, MARGIN * (noisePower + echo));
  }

  #decide(kind: GateDecision['kind'], waiting: number): GateDecision {
    this.#waiting = waiting;
    if (waiting === 0) this.#loudestWaiting = 0;
    this.#decision.kind = kind;
    this.#decision.waiting = waiting;
    return this.#decision;
  }
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}
