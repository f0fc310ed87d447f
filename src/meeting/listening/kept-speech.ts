import { REALTIME_SAMPLES_PER_MS } from '../../../audio/rates.js';
import { type AudioChunk, HOLE_MS } from '../../realtime/uplink/audio-chunk.js';

/** What is kept of one person, the newest. */
const KEPT_MS = 30_000;
/** Whoever has said nothing for so long is forgotten: what they said was transcribed, or will not be. */
const FORGOTTEN_AFTER_MS = 20_000;
/** Pauses in what somebody says are kept up to this. */
const PAUSE_MS = 1_000;
/** People whose speech is kept at a time; the one who spoke first is forgotten for a further one. */
const MAX_PEOPLE = 32;
const BLOCK_SAMPLES = 1_000 * REALTIME_SAMPLES_PER_MS;

/** Sound that follows itself: `filled` samples of a block from `atMs` on. */
type Block = { readonly atMs: number; readonly pcm: Int16Array; filled: number };

/** From when to when, in milliseconds of the meeting's clock. */
export type SpeechTime = { readonly startMs: number; readonly endMs: number };

/**
 * How it sounded what people said last: for whoever is to hear one turn of theirs. Speech alone is kept, as 24 kHz mono PCM16, up
 * to 30 s of each person.
 */
export class KeptSpeech {
  readonly #keeps: (participantId: string) => boolean;
  /** Oldest first; the person who spoke last is the last one. */
  readonly #blocks = new Map<string, Block[]>();

  /** @param keeps whose speech is kept, asked with every chunk of it */
  constructor(keeps: (participantId: string) => boolean) {
    this.#keeps = keeps;
  }

  /**
   * Somebody's next chunk. `speaking`: by our own speech detector; `preRoll`: hands over what came before it, where speech has just
   * begun.
   */
  push(
    participantId: string,
    chunk: AudioChunk,
    speaking: boolean,
    preRoll: (take: (chunk: AudioChunk) => void) => void,
  ): void {
    if (!speaking && (chunk.pauseMs > PAUSE_MS || !this.#blocks.has(participantId))) return;
    if (!this.#keeps(participantId)) {
      this.#blocks.delete(participantId);
      return;
    }
    const blocks = this.#blocks.get(participantId) ?? this.#begin(participantId);
    if (!chunk.follows(endOf(blocks)))
      preRoll((before) => {
        append(blocks, before);
      });
    append(blocks, chunk);
    while (blocks.length > 1 && chunk.endMs - endOf(blocks.slice(0, 1)) >= KEPT_MS) blocks.shift();
  }

  /** What is kept of this time, without what is longer than a pause; undefined where nothing is. */
  of(participantId: string, { startMs, endMs }: SpeechTime): Int16Array | undefined {
    const pieces = (this.#blocks.get(participantId) ?? []).flatMap(({ atMs, pcm, filled }) => {
      const from = Math.max(0, Math.round((startMs - atMs) * REALTIME_SAMPLES_PER_MS));
      const to = Math.min(filled, Math.round((endMs - atMs) * REALTIME_SAMPLES_PER_MS));
      return from < to ? [pcm.subarray(from, to)] : [];
    });
    if (pieces.length === 0) return undefined;
    const sound = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of pieces) {
      sound.set(piece, at);
      at += piece.length;
    }
    return sound;
  }

  /** Again and again: whoever spoke last some time ago is forgotten. */
  tick(nowMs: number): void {
    for (const [id, blocks] of this.#blocks)
      if (nowMs - endOf(blocks) >= FORGOTTEN_AFTER_MS) this.#blocks.delete(id);
  }

  /** Nothing of this person is kept. */
  forget(participantId: string): void {
    this.#blocks.delete(participantId);
  }

  #begin(participantId: string): Block[] {
    const [first] = this.#blocks.keys();
    if (first !== undefined && this.#blocks.size >= MAX_PEOPLE) this.#blocks.delete(first);
    const blocks: Block[] = [];
    this.#blocks.set(participantId, blocks);
    return blocks;
  }
}

/** Just behind the last sample; before everything where there is none. */
function endOf(blocks: readonly Block[]): number {
  const last = blocks.at(-1);
  return last === undefined ? -Infinity : last.atMs + last.filled / REALTIME_SAMPLES_PER_MS;
}

function append(blocks: Block[], chunk: AudioChunk): void {
  const endMs = endOf(blocks);
  // A pre-roll may reach back into what is kept already.
  const twiceMs = endMs - chunk.atMs;
  const skipped = twiceMs > HOLE_MS ? Math.round(twiceMs * REALTIME_SAMPLES_PER_MS) : 0;
  const { pcm, atMs } = chunk.slice(Math.min(skipped, chunk.pcm.length));
  for (let read = 0; read < pcm.length;) {
    const last = blocks.at(-1);
    const nowMs = atMs + read / REALTIME_SAMPLES_PER_MS;
    const follows = last !== undefined && Math.abs(nowMs - endOf(blocks)) <= HOLE_MS;
    const block =
      follows && last.filled < BLOCK_SAMPLES
        ? last
        : { atMs: nowMs, pcm: new Int16Array(BLOCK_SAMPLES), filled: 0 };
    if (block !== last) blocks.push(block);
    const count = Math.min(BLOCK_SAMPLES - block.filled, pcm.length - read);
    block.pcm.set(pcm.subarray(read, read + count), block.filled);
    block.filled += count;
    read += count;
  }
}
