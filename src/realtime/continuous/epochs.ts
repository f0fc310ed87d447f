import type { CutItem } from '../session.js';
import type { Epoch } from './epoch.js';

/** What is known of the speaker. Times are the meeting's. */
export type SpeakerState = {
  /** Short pauses included. */
  readonly speaking: boolean;
  /** How long there has been no voice. */
  readonly pauseMs: number;
  /** Behind the last sample heard, and of the oldest one that can be sent again. */
  readonly endMs: number;
  readonly keptFromMs: number;
};

/** The epochs of a translation session that are not over: the first one is heard, the last one takes what is said. */
export class Epochs {
  readonly #epochs: Epoch[]; // oldest first
  readonly #newEpoch: (epochNumber: number) => Epoch;
  #epochNumber = 1;

  constructor(newEpoch: (epochNumber: number) => Epoch) {
    this.#newEpoch = newEpoch;
    this.#epochs = [newEpoch(this.#epochNumber)];
  }

  /** The one that takes what is said. */
  get last(): Epoch {
    return this.#epochs.at(-1)!;
  }

  /** Nothing that was said is still to be translated. */
  get idle(): boolean {
    return this.#epochs.every(({ turns }) => turns.idle);
  }

  /** What is said from now on is of another epoch, which is heard after the one before. */
  begin(speaker: SpeakerState): void {
    const before = this.last;
    const epoch = this.#newEpoch(++this.#epochNumber);
    epoch.hold();
    this.#epochs.push(epoch);
    if (!speaker.speaking) return;
    before.turns.stopped(speaker.endMs - speaker.pauseMs);
    if (speaker.pauseMs === 0) epoch.turns.started(speaker.endMs);
  }

  /** The first one is over: what its engine left is done, or was lost with its connection. The next one is heard. */
  endFirst(how: 'done' | 'lost'): void {
    this.#epochs.shift()?.turns.finish(how);
    this.#epochs[0]?.release();
  }

  /** To be called a few times a second. `connectionGone`: nothing comes for the last one, which waits. */
  tick(connectionGone: boolean): void {
    for (const epoch of this.#epochs) if (!connectionGone || epoch !== this.last) epoch.tick();
  }

  /** See InterpretingSession.cut. */
  cut(items: readonly CutItem[]): void {
    for (const item of items) for (const { turns } of this.#epochs) turns.cut(item);
  }

  /** See InterpretingSession.cancelTurn. */
  cancelTurn(turnId: string): void {
    for (const { turns } of this.#epochs) turns.cancel(turnId);
  }

  /** Nothing more comes. `connectionGone`: what the last one waited for was lost. */
  finish(connectionGone: boolean): void {
    for (const epoch of this.#epochs)
      epoch.turns.finish(connectionGone && epoch === this.last ? 'lost' : 'done');
  }
}
