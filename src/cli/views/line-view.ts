import { clockText } from '../../duration-text.js';
import type { JoinEvent } from '../../bot/events.js';
import { People } from '../../bot/people.js';
import { phraseOf } from './phrases.js';
import type { TerminalView } from './view.js';
import { RepeatedCaptions } from '../../bot/repeated-captions.js';

/** One line per event, for logs and pipes. */
export class LineView implements TerminalView {
  readonly #write: (text: string) => void;
  readonly #people = new People();
  readonly #shown = new RepeatedCaptions();

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  show(event: JoinEvent): void {
    this.#people.follow(event);
    if (!this.#shown.isNews(event)) return;
    const phrase = phraseOf(event, (id) => this.#people.nameOf(id));
    if (phrase !== undefined) this.#write(`${clockText(event.atMs).padStart(7)}  ${phrase}\n`);
  }

  level(): void {
    // A level is no event.
  }

  note(text: string): void {
    this.#write(`${text}\n`);
  }

  close(): void {
    // Lines stand by themselves.
  }
}
