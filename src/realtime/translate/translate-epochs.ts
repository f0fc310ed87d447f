import type { CutItem } from '../session.js';
import type { TranslationLeg } from './translate-epoch.js';

/** What is known of the speaker. Times are the meeting's. */
export type SpeakerEar = {
  /** Short pauses included. */
  readonly speaking: boolean;
  /** How long there has been no voice. */
  readonly pauseMs: number;
  /** Behind the last sample heard, and of the oldest one that can be sent again. */
  readonly endMs: number;
  readonly keptFromMs: number;
};

/** The legs of a translation session that are not over: the first one is heard, the last one takes what is said. */
export class TranslationLegs {
  readonly #legs: TranslationLeg[]; // oldest first
  readonly #newLeg: (legNumber: number) => TranslationLeg;
  #legNumber = 1;

  constructor(newLeg: (legNumber: number) => TranslationLeg) {
    this.#newLeg = newLeg;
    this.#legs = [newLeg(this.#legNumber)];
  }

  /** The one that takes what is said. */
  get last(): TranslationLeg {
    return this.#legs.at(-1)!;
  }

  /** Nothing that was said is still to be translated. */
  get idle(): boolean {
    return this.#legs.every(({ turns }) => turns.idle);
  }

  /** What is said from now on is of another leg, which is heard after the one before. */
  begin(ear: SpeakerEar): void {
    const before = this.last;
    const leg = this.#newLeg(++this.#legNumber);
    leg.hold();
    this.#legs.push(leg);
    if (!ear.speaking) return;
    before.turns.stopped(ear.endMs - ear.pauseMs);
    if (ear.pauseMs === 0) leg.turns.started(ear.endMs);
  }

  /** The first one is over: what its engine left is done, or was lost with its line. The next one is heard. */
  endFirst(how: 'done' | 'lost'): void {
    this.#legs.shift()?.turns.finish(how);
    this.#legs[0]?.release();
  }

  /** To be called a few times a second. `lineGone`: nothing comes for the last one, which waits. */
  look(lineGone: boolean): void {
    for (const leg of this.#legs) if (!lineGone || leg !== this.last) leg.look();
  }

  /** See InterpretingSession.cut. */
  cut(items: readonly CutItem[]): void {
    for (const item of items) for (const { turns } of this.#legs) turns.cut(item);
  }

  /** See InterpretingSession.cancelTurn. */
  cancelTurn(turnId: string): void {
    for (const { turns } of this.#legs) turns.cancel(turnId);
  }

  /** Nothing more comes. `lineGone`: what the last one waited for was lost. */
  finish(lineGone: boolean): void {
    for (const leg of this.#legs) leg.turns.finish(lineGone && leg === this.last ? 'lost' : 'done');
  }
}
