/** The events of one meeting process in their order, those that it could not deliver from its journal. */
import type { BotEvent } from '../bot/event-log.js';
import type { ChildMessage } from '../meeting-process/protocol.js';
import type { JournalContent } from '../meeting-process/read-journal.js';

type EventMessage = ChildMessage & { type: 'event' };

type ProcessEventsOptions = {
  /** What the process has kept and was not acknowledged. */
  readonly readJournal: () => Promise<JournalContent>;
  readonly tell: (event: BotEvent, atMs: number) => void;
  /** The journal cannot be read: what was not delivered is lost. */
  readonly onUnreadable: (error: unknown) => void;
};

/** See the head of this file. */
export class ProcessEvents {
  readonly #options: ProcessEventsOptions;
  #lastSeq = 0;
  /** Events were not delivered. */
  #hasGap = false;
  /** Set while they are read from the journal: later ones wait, since whoever keeps them takes them in their order. */
  #recovering: Promise<void> | undefined;
  #held: EventMessage[] = [];

  constructor(options: ProcessEventsOptions) {
    this.#options = options;
  }

  /** The process had another supervisor until `lastSeq`: what that one did not acknowledge is told again. */
  goOnFrom(lastSeq: number): void {
    this.#lastSeq = lastSeq;
    this.#recover(0, lastSeq);
  }

  /** The next event, as the process sent it. */
  take(message: EventMessage): void {
    const { seq, at, event } = message;
    if (this.#recovering === undefined && seq > this.#lastSeq + 1) this.#recover(this.#lastSeq, seq - 1);
    if (this.#recovering !== undefined) {
      this.#held.push(message);
      return;
    }
    this.#lastSeq = Math.max(this.#lastSeq, seq);
    this.#options.tell({ ...event, seq }, at);
  }

  /** The process is gone: resolves when all that it kept is told. `saidGoodbye`: it ended in its own time. */
  async end(saidGoodbye: () => boolean): Promise<void> {
    while (this.#recovering !== undefined) await this.#recovering;
    if (!saidGoodbye() || this.#hasGap) await this.#readBack(this.#lastSeq, Infinity);
  }

  /** What the process has kept and not delivered, of these events; then those that came meanwhile. */
  #recover(afterSeq: number, untilSeq: number): void {
    this.#recovering = this.#readBack(afterSeq, untilSeq).then(() => {
      this.#recovering = undefined;
      this.#lastSeq = Math.max(this.#lastSeq, untilSeq); // what the journal lacks is lost
      for (const message of this.#held.splice(0)) this.take(message);
    });
  }

  async #readBack(afterSeq: number, untilSeq: number): Promise<void> {
    const { readJournal, tell, onUnreadable } = this.#options;
    this.#hasGap = true;
    try {
      const { events: kept } = await readJournal();
      for (const { event, at } of kept) {
        if (event.seq <= afterSeq || event.seq > untilSeq) continue;
        this.#lastSeq = Math.max(this.#lastSeq, event.seq);
        tell(event, at);
      }
    } catch (error) {
      onUnreadable(error);
    }
  }
}
