/**
 * A turn of speech and its translation → segments that can be read: whole sentences, of at most 8 s and 120 columns. Pure.
 *
 * One side leads: its sentences make the segments, and the other side's are put beside them. A text that only grows leaves
 * the segments before its last one as they are.
 */

/** Longest segment of the leading side in columns: letters count one, ideographs and other wide characters two. */
const MAX_SEGMENT_COLUMNS = 120;
/** Longest speech of one segment, as far as its words show where they were said. */
export const MAX_SEGMENT_MS = 8_000;
/** No segment is made shorter than this for the sake of time. */
const MIN_SEGMENT_COLUMNS = 20;
/** Scripts of East Asia and pictures, drawn two columns wide (Unicode Standard Annex 11). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/gu;
/** Where a sentence may be broken, best places first: after a clause, after a word, after a character. */
const BREAKS = [/(?<=[,;:،؛、，；：—–])/u, /(?<=\s)/u, /(?<=\P{M})(?=\P{M})/u];
/** What ends like a sentence and is none: `Mr.`, `Sra.`, `J.` */
const ABBREVIATION = /(?:^|\s)\p{Lu}\p{L}{0,2}\.\s*$/u;
const MAX_SEGMENTERS = 100;

/** One turn's texts so far; languages are BCP 47 tags, `''` where not known. */
export type TurnText = {
  readonly sourceText: string;
  readonly translatedText: string;
  readonly sourceLanguage: string;
  readonly targetLanguage: string;
  /** When it was said; equal while its end is not known. */
  readonly startMs: number;
  readonly endMs: number;
  /** Whose sentences make the segments. */
  readonly leader: 'source' | 'translation';
  /** Nothing more is expected on either side. */
  readonly whole: boolean;
};

/** One segment; times are whole milliseconds and never overlap within a turn. */
export type Segment = { sourceText: string; translatedText: string; startMs: number; endMs: number };

/** A piece of a text, and which sentence of it it belongs to. */
type Piece = { text: string; columns: number; sentence: number };

/** The segments of a turn, in order; none when there is no text. */
export function segmentsOf(turn: TurnText): Segment[] {
  const { sourceText, translatedText, sourceLanguage, targetLanguage } = turn;
  const sourceLeads = translatedText === '' || (turn.leader === 'source' && sourceText !== '');
  const [led, leading, ledLanguage, language] = sourceLeads
    ? [translatedText, sourceText, targetLanguage, sourceLanguage]
    : [sourceText, translatedText, sourceLanguage, targetLanguage];
  if (leading === '') return [];
  const parts = joined(pieces(leading, language, longestOf(turn, leading)), longestOf(turn, leading));
  const texts = beside(parts, led, ledLanguage, turn.whole);
  const total = sum(parts.map(({ columns }) => columns));
  const { startMs, endMs } = turn;
  let before = 0;
  return parts.map((part, index) => {
    const fromMs = Math.round(startMs + ((endMs - startMs) * before) / total);
    before += part.columns;
    const toMs = Math.round(startMs + ((endMs - startMs) * before) / total);
    const [own, other] = [part.text.trim(), texts[index] ?? ''];
    return {
      sourceText: sourceLeads ? own : other,
      translatedText: sourceLeads ? other : own,
      startMs: fromMs,
      endMs: toMs,
    };
  });
}

/** Columns of a segment that lasts no longer than {@link MAX_SEGMENT_MS}, where the whole text or its like is known. */
function longestOf({ sourceText, startMs, endMs, whole }: TurnText, leading: string): number {
  const durationMs = endMs - startMs;
  const like = whole ? leading : sourceText;
  if (durationMs <= MAX_SEGMENT_MS || like === '') return MAX_SEGMENT_COLUMNS;
  const inTime = Math.floor((columnsOf(like) * MAX_SEGMENT_MS) / durationMs);
  return Math.min(MAX_SEGMENT_COLUMNS, Math.max(MIN_SEGMENT_COLUMNS, inTime));
}

type Part = { text: string; columns: number; firstSentence: number; lastSentence: number };

/** Pieces together as long as they fit. */
function joined(all: readonly Piece[], maxColumns: number): Part[] {
  const parts: Part[] = [];
  for (const { text, columns, sentence } of all) {
    const last = parts.at(-1);
    if (last !== undefined && last.columns + columns <= maxColumns) {
      last.text += text;
      last.columns += columns;
      last.lastSentence = sentence;
    } else {
      parts.push({ text, columns, firstSentence: sentence, lastSentence: sentence });
    }
  }
  return parts;
}

/**
 * What of the other side's text stands beside each part: the sentence of the same number where sentences can be matched,
 * else what is as far into the text.
 */
function beside(parts: readonly Part[], text: string, language: string, whole: boolean): string[] {
  if (text === '' || parts.length === 1) return [text.trim()];
  const broken = parts.some((part, index) => parts[index + 1]?.firstSentence === part.lastSentence);
  const leading = sum(parts.map(({ columns }) => columns));
  const sentences = pieces(text, language, Infinity);
  const count = parts.at(-1)!.lastSentence + 1;
  const texts: string[][] = parts.map(() => []);
  if (!broken && (sentences.length === count || !whole)) {
    for (const { text: sentence, sentence: number } of sentences) {
      const at = parts.findIndex(({ lastSentence }) => number <= lastSentence);
      texts.at(at)?.push(sentence); // of more sentences than the leader has, the last part takes the rest
    }
  } else {
    const units = broken ? pieces(text, language, MAX_SEGMENT_COLUMNS / 4) : sentences;
    const total = Math.max(sum(units.map(({ columns }) => columns)), whole ? 0 : leading);
    let before = 0;
    for (const { text: unit, columns } of units) {
      const middle = ((before + columns / 2) / total) * leading;
      texts[indexAt(parts, middle)]?.push(unit);
      before += columns;
    }
  }
  return texts.map((each) => each.join('').trim());
}

/** The part that has this column. */
function indexAt(parts: readonly Part[], column: number): number {
  let end = 0;
  for (const [index, { columns }] of parts.entries()) {
    end += columns;
    if (column < end) return index;
  }
  return parts.length - 1;
}

/** A text's sentences, those that are longer than `maxColumns` in pieces. Nothing of the text is left out. */
function pieces(text: string, language: string, maxColumns: number): Piece[] {
  const found: Piece[] = [];
  for (const [sentence, each] of sentencesOf(text, language).entries()) {
    for (const piece of broken(each, maxColumns, 0))
      found.push({ text: piece, columns: columnsOf(piece), sentence });
  }
  return found;
}

function sentencesOf(text: string, language: string): string[] {
  const sentences: string[] = [];
  for (const { segment } of segmenterOf(language).segment(text)) {
    const last = sentences.at(-1);
    if (last !== undefined && ABBREVIATION.test(last)) sentences[sentences.length - 1] = last + segment;
    else sentences.push(segment);
  }
  return sentences;
}

function broken(text: string, maxColumns: number, level: number): string[] {
  const at = BREAKS[level];
  if (columnsOf(text) <= maxColumns || at === undefined) return [text];
  const finer = text.split(at).flatMap((piece) => broken(piece, maxColumns, level + 1));
  const joint: string[] = [];
  for (const piece of finer) {
    const last = joint.at(-1);
    if (last !== undefined && columnsOf(last) + columnsOf(piece) <= maxColumns)
      joint[joint.length - 1] = last + piece;
    else joint.push(piece);
  }
  return joint;
}

function columnsOf(text: string): number {
  const characters = text.match(/\P{M}/gu)?.length ?? 0;
  return Math.max(1, characters + (text.match(WIDE)?.length ?? 0));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

const segmenters = new Map<string, Intl.Segmenter>();

/** Sentences as a language has them; the rules of no language in particular where it is not known. */
function segmenterOf(language: string): Intl.Segmenter {
  let segmenter = segmenters.get(language);
  if (segmenter === undefined) {
    if (segmenters.size >= MAX_SEGMENTERS) segmenters.clear();
    segmenter = new Intl.Segmenter(language === '' ? undefined : language, { granularity: 'sentence' });
    segmenters.set(language, segmenter);
  }
  return segmenter;
}
