/**
 * Keeps people in one room from being interpreted twice: microphones that hear the same person are found, and what is another
 * person's voice, nearer to another microphone, is silenced in those that are further away.
 */
import { CopyGate, MicrophonePair, MicrophoneTrace, OWN_BEGAN_FRAMES } from '../../../audio/index.js';
import { ROOM_SAMPLES_PER_MS } from '../../../audio/rates.js';
import { CopiedSpeech } from './copied-speech.js';
import type { MicrophoneStage, OnCleaned } from './microphone-stage.js';

const FRAME_SAMPLES = 480;
const FRAME_MS = 10;
/** While a gate is closed, so much waits: it may be the beginning of an own voice. */
const HELD_FRAMES = 60;
/** Microphones are compared so often. */
const LOOK_EVERY_BLOCKS = 30;
/** After a few comparisons without a find they are compared less often. */
const UNLIKE_LOOKS = 8;
const SELDOM = 4;
/** Sound counts as present for so long after it ended. */
const PRESENT_BLOCKS = 60;
/** People who are compared at a time: those beyond them are heard as they are. */
const MAX_COMPARED = 12;
/** What was heard before the gate closed was a copy, too, where it began so shortly before. */
const LATE_CLOSE_BLOCKS = 120;

/** What comes out. */
export type SharedRoomsHandlers = {
  /** These two hear the same people: told when that is found. `copyId` is the one that was further away. */
  found(nearId: string, copyId: string): void;
  /** Something that somebody has said lately turns out to be another's voice. */
  copied(participantId: string): void;
};

type Microphone = {
  readonly id: string;
  readonly trace: MicrophoneTrace;
  readonly gate: CopyGate;
  readonly pairs: Set<Pair>;
};
type Pair = {
  readonly pair: MicrophonePair;
  readonly ids: readonly [string, string];
  unlike: number;
  nextLook: number;
};

/** The microphones of one meeting, compared with each other. */
export class SharedRooms {
  readonly copied = new CopiedSpeech();
  readonly #handlers: SharedRoomsHandlers;
  readonly #microphones = new Map<string, Microphone>();

  constructor(handlers: SharedRoomsHandlers) {
    this.#handlers = handlers;
  }

  /** Pairs of microphones that hear the same people at present. */
  get sharedPairs(): number {
    let count = 0;
    for (const { id, pairs } of this.#microphones.values())
      for (const { pair, ids } of pairs) if (pair.shared && ids[0] === id) count++;
    return count;
  }

  /** A microphone to be compared with the others. */
  microphone(participantId: string, onHeard: OnCleaned): MicrophoneStage {
    const trace = new MicrophoneTrace();
    const microphone: Microphone = { id: participantId, trace, gate: new CopyGate(), pairs: new Set() };
    if (this.#microphones.size < MAX_COMPARED) this.#add(microphone);
    const held: { samples: Int16Array; atMs: number }[] = [];
    const silence = new Int16Array(FRAME_SAMPLES);
    const letGo = (): void => {
      for (const { samples, atMs } of held.splice(0)) onHeard(samples, atMs);
    };
    return {
      push: (samples, atMs) => {
        // Whoever is alone is compared with nobody.
        if (microphone.pairs.size > 0) trace.push(samples, Math.round(atMs * ROOM_SAMPLES_PER_MS));
        const wasOpen = microphone.gate.open;
        const open = this.#judge(microphone);
        if (wasOpen && !open) this.#closed(microphone);
        if (open) {
          const began = held.length - OWN_BEGAN_FRAMES - leadBlocks(microphone);
          if (!wasOpen) this.copied.ended(participantId, held[Math.max(0, began)]?.atMs ?? atMs);
          for (let n = 0; n < began; n++) held[n]!.samples.fill(0);
          letGo();
          onHeard(samples, atMs);
          return;
        }
        this.copied.reach(participantId, atMs + samples.length / ROOM_SAMPLES_PER_MS);
        held.push({ samples: samples.slice(), atMs });
        if (held.length <= HELD_FRAMES) return;
        const { samples: oldest, atMs: oldestMs } = held.shift()!;
        onHeard(
          oldest.length <= silence.length ? silence.subarray(0, oldest.length) : oldest.fill(0),
          oldestMs,
        );
      },
      flush: () => {
        for (const { samples } of held) samples.fill(0);
        letGo();
      },
      close: () => {
        this.#remove(microphone);
      },
    };
  }

  #add(microphone: Microphone): void {
    for (const other of this.#microphones.values()) {
      const pair: Pair = {
        pair: new MicrophonePair(other.trace, microphone.trace),
        ids: [other.id, microphone.id],
        unlike: 0,
        nextLook: 0,
      };
      other.pairs.add(pair);
      microphone.pairs.add(pair);
    }
    this.#microphones.set(microphone.id, microphone);
  }

  #remove(microphone: Microphone): void {
    if (this.#microphones.get(microphone.id) !== microphone) return;
    this.#microphones.delete(microphone.id);
    this.copied.forget(microphone.id);
    for (const other of this.#microphones.values())
      for (const pair of microphone.pairs) other.pairs.delete(pair);
  }

  /** Returns whether what this microphone hears now goes on. */
  #judge({ id, trace, gate, pairs }: Microphone): boolean {
    let own = false;
    let either = false;
    let copy = false;
    for (const each of pairs) {
      const { pair, ids } = each;
      this.#compare(each);
      if (!pair.shared) continue;
      const heard = pair.hears(trace);
      own ||= heard === 'own';
      // Of one that is silenced itself nothing is a copy: one of those who hear somebody is always heard.
      if (!this.#isOpen(ids[0] === id ? ids[1] : ids[0])) continue;
      copy ||= heard === 'copy';
      either ||= heard === 'either';
    }
    return gate.judge(copy ? 'copy' : own ? 'own' : either ? 'either' : 'unsure');
  }

  #isOpen(id: string): boolean {
    return this.#microphones.get(id)?.gate.open ?? false;
  }

  #compare(each: Pair): void {
    const { first, second } = each.pair;
    const block = Math.min(first.lastBlock, second.lastBlock);
    if (block < each.nextLook && block > each.nextLook - SELDOM * LOOK_EVERY_BLOCKS) return;
    if (block - first.lastSound > PRESENT_BLOCKS || block - second.lastSound > PRESENT_BLOCKS) return;
    const found = each.pair.compare();
    each.unlike = each.pair.shared ? 0 : each.unlike + 1;
    each.nextLook = block + LOOK_EVERY_BLOCKS * (each.unlike > UNLIKE_LOOKS ? SELDOM : 1);
    if (found === 'found') this.#found(each);
  }

  #found({ pair, ids }: Pair): void {
    const [nearId, copyId] = pair.firstIsNearer ? ids : [ids[1], ids[0]];
    const copy = pair.firstIsNearer ? pair.second : pair.first;
    this.copied.add(copyId, pair.copiedSince(copy) * FRAME_MS, (copy.lastSound + 1) * FRAME_MS);
    this.#handlers.found(nearId, copyId);
    this.#handlers.copied(copyId);
  }

  /** What is copied began with the last voice of its own, unless that was long ago. */
  #closed({ id, trace, pairs }: Microphone): void {
    let from = trace.lastBlock;
    for (const { pair } of pairs) {
      if (!pair.shared || pair.hears(trace) !== 'copy') continue;
      const since = pair.copiedSince(trace);
      if (trace.lastBlock - since <= LATE_CLOSE_BLOCKS) from = Math.min(from, since);
    }
    this.copied.began(id, from * FRAME_MS);
  }
}

/** By how much the others' sound comes later, at most. */
function leadBlocks({ trace, pairs }: Microphone): number {
  let lead = 0;
  for (const { pair } of pairs) if (pair.shared) lead = Math.max(lead, pair.leadBlocks(trace));
  return lead;
}
