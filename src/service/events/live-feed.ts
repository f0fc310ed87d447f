import type { BotEvent } from '../../bot/event-log.js';
import type { Clock } from '../../clock.js';
import { EventStreamReader, eventText, type StreamEnd, type StreamEvent } from './event-stream.js';
import { MeetingPicture, type MeetingSnapshot } from './meeting-picture.js';

/** What is kept for readers that come again: as many events, and as much text. */
const MAX_KEPT = 1_000;
const MAX_KEPT_CHARS = 1_000_000;
/** Changes come one by one. */
const MAX_TOLD_REVISIONS = 32;
/** Of these so much goes into a copy, the newest. */
const MAX_COPIED_CHARS = 200_000;

/** Events that readers can ask for by name. */
export const STREAM_TYPES = [
  'snapshot',
  'bot',
  'change',
  'started',
  'state',
  'joined',
  'changed',
  'left',
  'speaking',
  'caption',
  'playback',
  'route',
  'engine',
  'status',
  'agent',
  'tool',
  'note',
  'notice',
  'ended',
  'lost',
] as const;
/** Always told: without them a reader cannot know what it has. */
const ALWAYS: readonly string[] = ['snapshot', 'lost', 'slow'];

/** Where an event stands in a bot's life: which process, and which event of that process. */
export type Position = { readonly epoch: number; readonly seq: number };

type Kept = Position & { readonly event: StreamEvent };

/** What a feed has of its meeting, for another machine's feed of the same meeting. JSON. */
export type FeedCopy = {
  readonly snapshot: MeetingSnapshot;
  readonly last: Position;
  /** Events up to the last one; absent where only how things stand is known. */
  readonly kept?: readonly Kept[] | undefined;
};

/** The id of an event in the stream, such as `1-42`. */
export function idOf({ epoch, seq }: Position): string {
  return `${epoch}-${seq}`;
}

/** The position in a `Last-Event-ID`; undefined for a text that is none. */
export function positionOf(id: string): Position | undefined {
  const match = /^(\d{1,9})-(\d{1,12})$/.exec(id);
  return match === null ? undefined : { epoch: Number(match[1]), seq: Number(match[2]) };
}

/** One meeting's events for everyone who watches it. A reader that takes its time costs itself only. */
export class LiveFeed {
  readonly #clock: Clock;
  #picture = new MeetingPicture();
  readonly #readers = new Set<EventStreamReader>();
  readonly #onReaders: (change: 1 | -1, end?: StreamEnd | 'left', coalesced?: number) => void;
  #kept: Kept[] = [];
  #keptChars = 0;
  #last: Position = { epoch: 0, seq: 0 };
  #toldOfBot = '';
  #toldRevisions: number[] = [];

  constructor(
    clock: Clock,
    onReaders: (change: 1 | -1, end?: StreamEnd | 'left', coalesced?: number) => void,
  ) {
    this.#clock = clock;
    this.#onReaders = onReaders;
  }

  get readers(): number {
    return this.#readers.size;
  }

  get snapshot(): MeetingSnapshot & { readonly lastId: string } {
    return { ...this.#picture.snapshot, lastId: idOf(this.#last) };
  }

  /** The last event that is known; epoch 0 where there is none. */
  get last(): Position {
    return this.#last;
  }

  /** An event of the meeting. What sessions are told about people goes to no reader. */
  push(epoch: number, event: BotEvent): void {
    const { seq } = event;
    if (!isAfter({ epoch, seq }, this.#last)) return; // it was told before
    this.#last = { epoch, seq };
    this.#picture.follow(event);
    if (event.type === 'instructions') return;
    const id = idOf(this.#last);
    const replaced = event.type === 'caption' && !event.final ? { replacedBy: event.segmentId } : {};
    const streamed: StreamEvent = {
      type: event.type,
      text: eventText(event.type, { ...event, epoch }, id),
      ...replaced,
      ...(event.type === 'status' ? { replacedBy: 'status' } : {}),
    };
    this.#keep({ epoch, seq, event: streamed });
    this.#send(streamed);
  }

  /**
   * Something about the bot itself: its state changed, or what became of a change of its settings. It has no id of its own. What
   * comes by another way as well, from the machine that has the meeting, is told once.
   */
  tell(type: 'bot' | 'change', data: object): void {
    const text = eventText(type, data);
    if (type === 'bot') {
      if (text === this.#toldOfBot) return;
      this.#toldOfBot = text;
    } else if ('revision' in data) {
      const revision = data.revision as number;
      if (this.#toldRevisions.includes(revision)) return;
      this.#toldRevisions = [...this.#toldRevisions, revision].slice(-MAX_TOLD_REVISIONS);
    }
    this.#send({ type, text });
  }

  /** What another feed of the same meeting has, where that is newer: readers get what they miss, or a snapshot of how things are. */
  restore({ snapshot, last, kept }: FeedCopy, about: unknown): void {
    const before = this.#last;
    if (!isAfter(last, before)) return;
    this.#picture = MeetingPicture.of(snapshot);
    this.#last = last;
    const news = kept?.filter((each) => isAfter(each, before)) ?? [];
    const first = kept?.[0];
    if (first !== undefined && (!isAfter(first, before) || follows(first, before))) {
      for (const each of news) {
        this.#keep(each);
        this.#send(each.event);
      }
      return;
    }
    this.#kept = [];
    this.#keptChars = 0;
    for (const each of news) this.#keep(each);
    if (kept !== undefined && before.epoch > 0) this.#send(lostEvent(before, last));
    this.#send(this.#snapshotEvent(about, idOf(last)));
  }

  /** A stream for another machine of the service: `copy` first, from which it serves its own readers, then what comes. */
  openCopy(): ReadableStream<Uint8Array> {
    const reader = this.#newReader(undefined);
    reader.send({ type: 'copy', text: eventText('copy', this.#copy()) });
    return reader.body;
  }

  /** A new reader: a snapshot first, then what it missed since `after`, as far as that is kept, then what comes. */
  open(options: {
    readonly types?: readonly string[] | undefined;
    readonly after?: Position | undefined;
    /** What the snapshot holds beside the meeting: the bot. */
    readonly about: unknown;
    /** Called once, whoever ends the stream. */
    readonly onClose?: () => void;
  }): ReadableStream<Uint8Array> {
    const { types, after, about, onClose } = options;
    const reader = this.#newReader(types === undefined ? undefined : new Set([...types, ...ALWAYS]), onClose);
    reader.send(this.#snapshotEvent(about, after === undefined ? idOf(this.#last) : undefined));
    if (after !== undefined) this.#sendMissed(reader, after);
    return reader.body;
  }

  /** Everybody's stream ends, after what waits. */
  end(why: StreamEnd): void {
    for (const reader of [...this.#readers]) reader.end(why);
  }

  #newReader(types: ReadonlySet<string> | undefined, onClose?: () => void): EventStreamReader {
    const reader: EventStreamReader = new EventStreamReader({
      clock: this.#clock,
      types,
      onClose: (end) => {
        this.#readers.delete(reader);
        this.#onReaders(-1, end, reader.coalesced);
        onClose?.();
      },
    });
    this.#readers.add(reader);
    this.#onReaders(1);
    return reader;
  }

  #snapshotEvent(about: unknown, id: string | undefined): StreamEvent {
    return { type: 'snapshot', text: eventText('snapshot', { bot: about, ...this.snapshot }, id) };
  }

  #copy(): FeedCopy {
    let chars = 0;
    const from = this.#kept.findLastIndex(({ event }) => (chars += event.text.length) > MAX_COPIED_CHARS);
    return { snapshot: this.#picture.snapshot, last: this.#last, kept: this.#kept.slice(from + 1) };
  }

  #sendMissed(reader: EventStreamReader, after: Position): void {
    const missed = this.#kept.filter((each) => isAfter(each, after));
    const [first] = this.#kept;
    const isWhole =
      first === undefined ? !isAfter(this.#last, after) : !isAfter(first, after) || follows(first, after);
    if (!isWhole) reader.send(lostEvent(after, first ?? this.#last));
    for (const { event } of missed) reader.send(event);
  }

  #send(event: StreamEvent): void {
    for (const reader of this.#readers) reader.send(event);
  }

  #keep(entry: Kept): void {
    this.#kept.push(entry);
    this.#keptChars += entry.event.text.length;
    if (this.#kept.length <= MAX_KEPT && this.#keptChars <= MAX_KEPT_CHARS) return;
    // A quarter at a time: moving a thousand entries for each event would be all that this does.
    const dropped = this.#kept.slice(0, Math.ceil(this.#kept.length / 4));
    this.#kept = this.#kept.slice(dropped.length);
    for (const { event } of dropped) this.#keptChars -= event.text.length;
  }
}

function lostEvent(after: Position, until: Position): StreamEvent {
  return { type: 'lost', text: eventText('lost', { after: idOf(after), until: idOf(until) }) };
}

/** Whether one position is later than another. */
function isAfter({ epoch, seq }: Position, before: Position): boolean {
  return epoch > before.epoch || (epoch === before.epoch && seq > before.seq);
}

function follows(next: Position, before: Position): boolean {
  return next.epoch === before.epoch && next.seq === before.seq + 1;
}
