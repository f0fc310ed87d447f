import type { JoinEvent, JoinView } from '../../bot/events.js';

/** One JSON document per line. */
export class JsonView implements JoinView {
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  show(event: JoinEvent): void {
    this.#write(`${JSON.stringify(event)}\n`);
  }

  level(): void {
    // The levels of five seconds are in each `status`.
  }

  close(): void {
    // Lines stand by themselves.
  }
}
