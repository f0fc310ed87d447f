import { BoundedMap } from '../../bounded-map.js';
import type { Clock, TimerHandle } from '../../clock.js';
import { clockText, secondsText } from '../../duration-text.js';
import { plain } from '../../text.js';
import type { JoinEvent, JoinEventOf } from '../../bot/events.js';
import { LatencyMeter } from '../../bot/latency-meter.js';
import { People } from '../../bot/people.js';
import { isPlayedBack } from '../../realtime/stand-in-text.js';
import { personWords, phraseOf, spentWords } from './phrases.js';
import type { TerminalView } from './view.js';
import { columnsOf, fit, fitEnd } from './terminal-text.js';
import { RepeatedCaptions } from '../../bot/repeated-captions.js';

const DRAW_INTERVAL_MS = 100;
const MAX_PEOPLE = 8;
const MAX_CAPTIONS = 3;
const METER_COLUMNS = 10;
const QUIETEST_DBFS = -60;
const MAX_NAME_COLUMNS = 30;
/** Captions whose last state never comes are forgotten. */
const MAX_OPEN_CAPTIONS = 32;
const EIGHTHS = ' ▏▎▍▌▋▊▉█';

type LiveViewOptions = {
  write: (text: string) => void;
  /** The terminal's size now. */
  size: () => { columns: number; rows: number };
  clock: Clock;
  colour: boolean;
};

/**
 * The meeting in a terminal: what happened scrolls by, and below it stands a small picture of now. The picture is drawn
 * anew in one write, at most ten times a second and only when it changed, so that nothing flickers.
 */
export class LiveView implements TerminalView {
  readonly #options: LiveViewOptions;
  readonly #people = new People();
  readonly #latency = new LatencyMeter();
  readonly #levelsDbfs = new Map<string, number>();
  readonly #speaking = new Set<string>();
  readonly #captions = new BoundedMap<JoinEventOf<'caption'>>(MAX_OPEN_CAPTIONS); // not final yet, oldest first
  readonly #shown = new RepeatedCaptions();
  readonly #startMs: number;
  #meetingId = '';
  #isRecorded = false;
  #state = 'connecting';
  #cost: JoinEventOf<'status'>['cost'];
  #scrolled: string[] = []; // lines for above the picture that are not written yet
  #drawn: readonly string[] = [];
  #timer: TimerHandle | undefined;
  #closed = false;

  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#startMs = options.clock.nowMs();
    this.#drawLater();
  }

  show(event: JoinEvent): void {
    this.#people.follow(event);
    this.#follow(event);
    if (event.type === 'speaking') return; // the picture shows who speaks
    if (!this.#shown.isNews(event)) return;
    const phrase = phraseOf(event, (id) => this.#people.nameOf(id));
    if (phrase !== undefined) this.note(`${clockText(event.atMs).padStart(7)}  ${phrase}`);
  }

  level(participantId: string, levelDbfs: number): void {
    this.#levelsDbfs.set(participantId, levelDbfs);
  }

  note(text: string): void {
    this.#scrolled.push(...text.split('\n'));
  }

  /** Writes what is still to be written and takes the picture away. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    this.#write([]);
  }

  #follow(event: JoinEvent): void {
    switch (event.type) {
      case 'started':
        this.#meetingId = plain(event.meetingId);
        this.#isRecorded = event.recorded === true;
        break;
      case 'state':
        this.#state = event.state;
        break;
      case 'status':
        this.#cost = event.cost;
        break;
      case 'left':
        this.#levelsDbfs.delete(event.person.id);
        this.#speaking.delete(event.person.id);
        break;
      case 'speaking':
        if (event.speaking) this.#speaking.add(event.participantId);
        else this.#speaking.delete(event.participantId);
        break;
      case 'caption':
        this.#followCaption(event);
        break;
      case 'playback':
        if (event.what === 'heard' && event.firstAudioDelayMs !== undefined)
          this.#latency.add(event.turnId, event.firstAudioDelayMs);
        break;
      default:
        break;
    }
  }

  #followCaption(caption: JoinEventOf<'caption'>): void {
    if (caption.final) {
      if (isPlayedBack(caption.translatedText)) this.#latency.remove(caption.turnId);
      this.#captions.delete(caption.segmentId);
      return;
    }
    this.#captions.set(caption.segmentId, caption);
  }

  #drawLater(): void {
    this.#timer = this.#options.clock.setTimer(() => {
      this.#write(this.#picture());
      for (const [id, level] of this.#levelsDbfs) this.#levelsDbfs.set(id, level - 2); // a meter falls slowly
      this.#drawLater();
    }, DRAW_INTERVAL_MS);
  }

  #write(picture: readonly string[]): void {
    const { columns } = this.#options.size();
    const unchanged =
      this.#scrolled.length === 0 &&
      picture.length === this.#drawn.length &&
      picture.every((line, index) => line === this.#drawn[index]);
    if (unchanged) return;
    // Lines are written over what stood there, the rest is cleared last: nothing is ever blank in between. Terminals that
    // know synchronised updates (DEC mode 2026) show it all at once; others ignore the sequence.
    const up = this.#drawn.length === 0 ? '' : `\u001b[${this.#drawn.length}A\r`;
    const lines = [...this.#scrolled.flatMap((line) => wrap(line, columns)), ...picture];
    const text = lines.map((line) => `${line}\u001b[K\n`).join('');
    this.#options.write(`\u001b[?2026h${up}${text}\u001b[J\u001b[?2026l`);
    this.#scrolled = [];
    this.#drawn = picture;
  }

  #picture(): readonly string[] {
    const { rows, columns: all } = this.#options.size();
    const columns = all - 1; // a line that fills the last column wraps in some terminals
    const lines = [
      ...this.#headlines(columns),
      ...this.#peopleLines(columns),
      ...this.#captionLines(columns),
    ];
    return lines.slice(0, Math.max(1, rows - 2));
  }

  /** What stands above the people, in one line or two: nothing of it is left out at 80 columns. */
  #headlines(columns: number): string[] {
    const { lastMs, medianMs } = this.#latency.latency;
    const delay =
      lastMs === undefined || medianMs === undefined
        ? 'no translation yet'
        : `delay ${delayText(lastMs)}, median ${delayText(medianMs)}`;
    const people = this.#people.present.filter(({ isBot }) => !isBot).length;
    const minutes = clockText(this.#options.clock.nowMs() - this.#startMs).replace(/\.\d$/, '');
    const place = [
      this.#meetingId,
      this.#state,
      ...(this.#isRecorded ? ['RECORDING'] : []),
      `${people} here`,
    ];
    const numbers = [delay, ...(this.#cost === undefined ? [] : [spentWords(this.#cost)]), minutes];
    const line = (parts: readonly string[]): string => `── ${parts.join(' · ')} `;
    const all = line([...place, ...numbers]);
    const lines = columnsOf(all) <= columns ? [all] : [line(place), line(numbers)];
    return lines.map((each) => this.#paint('2', fit(each, columns)));
  }

  #peopleLines(columns: number): string[] {
    const people = this.#people.present.filter(({ isBot }) => !isBot);
    const shown = people.slice(0, MAX_PEOPLE);
    const nameColumns = Math.min(
      MAX_NAME_COLUMNS,
      Math.max(0, columns - METER_COLUMNS - 5),
      Math.max(0, ...shown.map((person) => columnsOf(personWords(person)))),
    );
    const lines = shown.map((person) => {
      const speaks = this.#speaking.has(person.id);
      const name = fit(personWords(person), nameColumns);
      const bar = meter(this.#levelsDbfs.get(person.id) ?? -Infinity);
      return `${speaks ? '●' : ' '} ${speaks ? this.#paint('1', name) : name}  ${bar}`;
    });
    const more = people.length - shown.length;
    return more > 0 ? [...lines, fit(`  and ${more} more`, columns)] : lines;
  }

  #captionLines(columns: number): string[] {
    return [...this.#captions.values()].slice(-MAX_CAPTIONS).flatMap((caption) => {
      const { speakerName, sourceText, translatedText, targetLanguage } = caption;
      const source = `  ${plain(speakerName)}: `;
      const target = `  → ${targetLanguage}: `;
      const lines = [source + fitEnd(plain(sourceText), columns - columnsOf(source))];
      if (targetLanguage !== '')
        lines.push(target + fitEnd(plain(translatedText), columns - columnsOf(target)));
      return lines.map((line) => fit(line, columns).trimEnd());
    });
  }

  #paint(style: '1' | '2', text: string): string {
    return this.#options.colour ? `\u001b[${style}m${text}\u001b[0m` : text;
  }
}

/** A bar of {@link METER_COLUMNS} for -60 dBFS to 0 dBFS, in eighths of a column. */
function meter(levelDbfs: number): string {
  const share = Math.min(1, Math.max(0, 1 - levelDbfs / QUIETEST_DBFS));
  const eighths = Math.round(share * METER_COLUMNS * 8);
  const full = '█'.repeat(Math.floor(eighths / 8));
  return fit(full + (eighths % 8 === 0 ? '' : EIGHTHS[eighths % 8]!), METER_COLUMNS);
}

/** A line in pieces that the terminal need not wrap, so that lines can be counted; later ones are indented. */
function wrap(line: string, columns: number): string[] {
  const width = Math.max(20, columns - 1);
  if (columnsOf(line) <= width) return [line];
  const pieces: string[] = [];
  const indent = /^ */.exec(line)![0];
  let piece = '';
  for (const word of line.slice(indent.length).split(' ')) {
    const next = piece === '' ? indent + word : `${piece} ${word}`;
    if (columnsOf(next) <= width) {
      piece = next;
      continue;
    }
    if (piece.trim() !== '') pieces.push(piece);
    piece = columnsOf(word) + 9 <= width ? `         ${word}` : fit(word, width);
  }
  return piece.trim() === '' ? pieces : [...pieces, piece];
}

/** What is heard while somebody still speaks has no delay. */
function delayText(delayMs: number): string {
  return secondsText(Math.max(0, delayMs));
}
