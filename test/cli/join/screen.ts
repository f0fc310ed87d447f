import { columnsOf } from '../../../src/cli/join/terminal-text.js';

const PIECES = /\p{Cc}\[\?2026[hl]|\p{Cc}\[\d+A|\p{Cc}\[J|\P{Cc}+|\p{Cc}/gu;

/** A terminal as far as the live view needs one: lines, cursor up, clear to the end. Everything else is noted. */
export class Screen {
  readonly lines: string[] = [];
  /** Control characters and sequences that a meeting has no business to send. */
  readonly unknown: string[] = [];
  /** Lines that were wider than the terminal. */
  wrapped = 0;
  readonly #columns: number;
  #row = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  write(text: string): void {
    for (const [piece] of text.matchAll(PIECES)) this.#take(piece);
  }

  #take(piece: string): void {
    const up = /\[(\d+)A$/.exec(piece);
    if (piece === '\n') this.#row++;
    else if (piece === '\r' || piece.startsWith('\u001b[?2026')) return;
    else if (piece === '\u001b[J') this.lines.length = this.#row;
    else if (piece.startsWith('\u001b[') && up !== null) this.#row -= Number(up[1]);
    else if (/\p{Cc}/u.test(piece)) this.unknown.push(piece);
    else {
      this.lines[this.#row] = piece.trimEnd();
      if (columnsOf(piece) > this.#columns) this.wrapped++;
    }
  }
}
