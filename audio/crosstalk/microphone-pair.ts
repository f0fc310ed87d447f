import { BLOCK_SAMPLES, type MicrophoneTrace } from './microphone-trace.js';
import { PairSearch } from './pair-search.js';

/** Between speech of different voices a comparison scores 5 to 18; of the same voice in one room 30 to 140. */
const SURE_SCORE = 40;
/** Two comparisons in a row at the same lag. */
const LIKELY_SCORE = 22;
const SAME_LAG_SAMPLES = 32;
/** Below this they do not hear the same voice. */
const LOST_SCORE = 12;
/** So many comparisons without it, while one is taken for the other's copy, and they are taken to be apart. */
const LOST_AFTER = 3;
/** Levels are compared over 150 ms. */
const LEVEL_BLOCKS = 15;
/** A copy may come out so much less quiet than it was found to be. */
const MARGIN_DB = 4;
/** Between copy and own voice nothing is certain. */
const UNSURE_DB = 3;
/**
 * An own voice makes at least this difference to the other one's: of two microphones that are about as near to who speaks now
 * one is louder, now the other.
 */
const OWN_DB = 7;
/** Below -60 dBFS nobody speaks: what is background is not told from what speech without a pause holds at least. */
const LEAST_SOUND = 32_768 ** 2 * 1e-6;
/** An own voice is not quieter than -54 dBFS: reverberation may be. */
const LEAST_VOICE = 32_768 ** 2 * 10 ** -5.4;
/** How far back a voice of its own is searched for, and how long that is at least. */
const SEARCHED_BACK_BLOCKS = 200;
const OWN_BLOCKS = 6;
/** Levels are learned from so many blocks at least, and slowly. */
const LEARNED_BLOCKS = 12;
const LEARNED_SHARE = 0.3;
/** Nearer than this in level, only the louder one counts. */
const LEAST_DB = 0.5;

/**
 * What a microphone holds at a moment, beside another: the other one's voice, a voice of its own, one that may be of either, or
 * neither for certain.
 */
export type Heard = 'copy' | 'own' | 'either' | 'unsure';

/**
 * Two microphones that may hear the same person. Whether they do is told from the shape of the sound; which is nearer, and who
 * speaks, from its level: a voice that is nearer to one of them is much louder there.
 */
export class MicrophonePair {
  readonly first: MicrophoneTrace;
  readonly second: MicrophoneTrace;
  readonly #search = new PairSearch();
  /** By how much the second one's sound comes later, in samples at 8 kHz. */
  #lagSamples = 0;
  #lastLag: number | undefined;
  #shared = false;
  #lostChecks = 0;
  /** By how much the first is louder when its own person speaks, and the second when its does; undefined until heard. */
  #firstLouderDb: number | undefined;
  #secondLouderDb: number | undefined;
  #firstIsNearer = true;

  constructor(first: MicrophoneTrace, second: MicrophoneTrace) {
    this.first = first;
    this.second = second;
  }

  /** They hear the same people. */
  get shared(): boolean {
    return this.#shared;
  }

  /** Whom both heard when that was compared last is nearer to the first. */
  get firstIsNearer(): boolean {
    return this.#firstIsNearer;
  }

  /** To be called a few times a second while both are heard. Returns what it found out, if that is new. */
  compare(): 'found' | 'lost' | undefined {
    const { first, second } = this;
    if (first.end === undefined || second.end === undefined) return undefined;
    const { lagSamples, score } = this.#search.compare(first, second, Math.min(first.end, second.end));
    const sameLag = Math.abs(lagSamples - (this.#lastLag ?? Infinity)) <= SAME_LAG_SAMPLES;
    this.#lastLag = score >= LIKELY_SCORE ? lagSamples : undefined;
    if (score >= SURE_SCORE || (score >= LIKELY_SCORE && sameLag)) {
      const found = !this.#shared;
      this.#shared = true;
      this.#lostChecks = 0;
      this.#lagSamples = lagSamples;
      this.#learnLevels();
      return found ? 'found' : undefined;
    }
    if (!this.#shared || score >= LOST_SCORE || !this.#anyCopy()) return undefined;
    if (++this.#lostChecks < LOST_AFTER) return undefined;
    this.#shared = false;
    this.#lostChecks = 0;
    this.#firstLouderDb = undefined;
    this.#secondLouderDb = undefined;
    return 'lost';
  }

  /** How many blocks of 10 ms the other one's sound comes later: what this one holds is known so much later. */
  leadBlocks(microphone: MicrophoneTrace): number {
    return Math.max(0, microphone === this.first ? this.#lagBlocks : -this.#lagBlocks);
  }

  get #lagBlocks(): number {
    return Math.round(this.#lagSamples / BLOCK_SAMPLES);
  }

  /** What a microphone holds beside the other one, as of {@link leadBlocks} ago. */
  hears(microphone: MicrophoneTrace): Heard {
    return this.#shared
      ? this.#hearsAt(microphone, microphone.lastBlock - this.leadBlocks(microphone))
      : 'own';
  }

  /** The first block of the present stretch of sound since which a microphone has held no voice of its own. */
  copiedSince(microphone: MicrophoneTrace): number {
    const last = microphone.lastBlock - this.leadBlocks(microphone);
    const first = Math.max(microphone.stretchFrom, last - SEARCHED_BACK_BLOCKS);
    let own = 0;
    for (let block = last; block >= first; block--) {
      own = this.#hearsAt(microphone, block) === 'own' ? own + 1 : 0;
      if (own >= OWN_BLOCKS) return block + own;
    }
    return first;
  }

  #hearsAt(microphone: MicrophoneTrace, block: number): Heard {
    const isSecond = microphone === this.second;
    const other = isSecond ? this.first : this.second;
    const power = this.#level(microphone, block);
    const otherBlock = block + (isSecond ? -1 : 1) * this.#lagBlocks;
    const otherPower = this.#level(other, otherBlock);
    const otherDb = otherPower > LEAST_SOUND ? 10 * Math.log10(otherPower / Math.max(power, 1)) : -Infinity;
    const copyDb = isSecond
      ? (this.#firstLouderDb ?? this.#secondLouderDb)
      : (this.#secondLouderDb ?? this.#firstLouderDb);
    const threshold = Math.max(LEAST_DB, Math.max((copyDb ?? 0) - MARGIN_DB, (copyDb ?? 0) / 3));
    if (otherDb >= threshold) return 'copy';
    const isVoice = power > LEAST_VOICE && microphone.isSound(power);
    const ownDb = Math.min(threshold - UNSURE_DB, (copyDb ?? 0) - OWN_DB);
    if (otherDb <= ownDb && isVoice) return 'own';
    return microphone.isHeard(power) && other.isHeard(otherPower) ? 'either' : 'unsure';
  }

  #level(microphone: MicrophoneTrace, lastBlock: number): number {
    let sum = 0;
    for (let block = lastBlock - LEVEL_BLOCKS + 1; block <= lastBlock; block++)
      sum += microphone.powerAt(block);
    return sum / LEVEL_BLOCKS;
  }

  #anyCopy(): boolean {
    return this.hears(this.first) === 'copy' || this.hears(this.second) === 'copy';
  }

  /** Both hear one voice now: how much louder it is where it is nearer. */
  #learnLevels(): void {
    const lagBlocks = this.#lagBlocks;
    const last = Math.min(this.first.lastBlock, this.second.lastBlock - lagBlocks);
    let [inFirst, inSecond, blocks] = [0, 0, 0];
    for (let block = last - 99; block <= last; block++) {
      const power = this.first.powerAt(block);
      const other = this.second.powerAt(block + lagBlocks);
      if (!this.first.isSound(power) || !this.second.isSound(other)) continue;
      inFirst += power;
      inSecond += other;
      blocks++;
    }
    if (blocks < LEARNED_BLOCKS) return; // the end of a word, and its reverberation
    const louderDb = 10 * Math.log10(inFirst / inSecond);
    this.#firstIsNearer = louderDb >= 0;
    if (louderDb >= 0) this.#firstLouderDb = towards(this.#firstLouderDb, louderDb);
    else this.#secondLouderDb = towards(this.#secondLouderDb, -louderDb);
  }
}

function towards(known: number | undefined, seen: number): number {
  return known === undefined ? seen : known + LEARNED_SHARE * (seen - known);
}
