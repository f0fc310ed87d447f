/** Longest text kept; what comes beyond is left out. */
const MAX_CHARS = 20_000;
/** A sentence ends: Latin, CJK, Devanagari and Arabic marks, closing quotes and brackets behind them. */
const SENTENCE_END = /[.!?…。！？।؟]["'”’»)\]」』]*\s*$/u;
const LONE_SURROGATE = /[\uD800-\uDFFF]/gu;
const HIGH_SURROGATE_AT_END = /[\uD800-\uDBFF]$/u;

/**
 * A text that arrives in pieces cut anywhere. Servers were seen to cut between the bytes of a character, which leaves
 * U+FFFD on both sides (Azure/azure-rest-api-specs#43806), or between the halves of a surrogate pair: the former is left
 * out, the latter put together again.
 */
export class JoinedText {
  #text = '';
  #half = '';

  /** All of it so far. */
  get text(): string {
    return this.#text;
  }

  /** What has arrived ends with the end of a sentence. */
  get endsSentence(): boolean {
    return SENTENCE_END.test(this.#text.slice(-16));
  }

  /** Adds a piece; returns whether that changed the text. */
  add(delta: string): boolean {
    let piece = (this.#half + delta).replaceAll('\uFFFD', '');
    this.#half = HIGH_SURROGATE_AT_END.exec(piece)?.[0] ?? '';
    piece = piece.slice(0, piece.length - this.#half.length).replace(LONE_SURROGATE, '');
    if (this.#text === '') piece = piece.trimStart();
    if (piece === '' || this.#text.length + piece.length > MAX_CHARS) return false;
    this.#text += piece;
    return true;
  }
}
