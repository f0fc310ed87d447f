import { columnsOf } from '../../../src/cli/views/terminal-text.js';

const PIECES = /\p{Cc}\[\?2026[hl]|\p{Cc}\[\d+A|\p{Cc}\[[JK]|\P{Cc}+|\p{Cc}/gu;

/** A terminal as far as the live view needs one: lines, cursor up, clear to the end of line or screen. Everything else is noted. */
export class Screen {
  /** Control characters and sequences that a meeting has no business to send. */
  readonly unknown: string[] = [];
  /** Lines that were wider than the terminal. */
  wrapped = 0;
  readonly #lines: string[] = [];
  readonly #columns: number;
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  /** What stands there, without the blanks at the ends of lines. */
  get lines(): readonly string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  write(text: string): void {
    for (const [piece] of text.matchAll(PIECES)) this.#take(piece);
  }

  #take(piece: string): void {
    const up = /\[(\d+)A$/.exec(piece);
    if (piece === '\n') {
      this.#row++;
      this.#column = 0;
    } else if (piece === '\r') this.#column = 0;
    else if (piece.startsWith('\u001b[?2026')) return;
    else if (piece === '\u001b[K')
      this.#lines[this.#row] = (this.#lines[this.#row] ?? '').slice(0, this.#column);
    else if (piece === '\u001b[J') this.#lines.length = this.#row;
    else if (piece.startsWith('\u001b[') && up !== null) this.#row -= Number(up[1]);
    else if (/\p{Cc}/u.test(piece)) this.unknown.push(piece);
    else {
      const line = this.#lines[this.#row] ?? '';
      this.#lines[this.#row] = line.slice(0, this.#column) + piece + line.slice(this.#column + piece.length);
      this.#column += piece.length;
      if (columnsOf(piece) > this.#columns) this.wrapped++;
    }
  }
}
