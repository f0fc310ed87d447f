/** Server-sent events as text, and one reader's queue of them. */
import type { Clock, TimerHandle } from '../../clock.js';

/** Keeps proxies from closing a stream on which nothing happens. */
const PING_MS = 15_000;
/** What may wait for a reader that takes its time; beyond the first, captions that are not final replace each other. */
const COALESCE_BYTES = 64 * 1_024;
const MAX_WAITING_BYTES = 512 * 1_024;
const ENCODER = new TextEncoder();

/** One event for a reader, made once for all of them. */
export type StreamEvent = {
  /** The name that readers listen to, and that `types` asks for. */
  readonly type: string;
  /** As the stream has it. */
  readonly text: string;
  /** An event that a later one of the same key replaces, such as a caption that goes on. */
  readonly replacedBy?: string;
};

/** One event as the protocol writes it. `data` is JSON, and has no line break. */
export function eventText(type: string, data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** Why a stream was closed by us. */
export type StreamEnd = 'ended' | 'slow' | 'closing';

/**
 * A reader of events. What it does not take at once waits: at 64 KiB events that are replaced by later ones are left out, at
 * 512 KiB the stream is closed, and the reader may come again with the id that it saw last.
 */
export class EventStreamReader {
  /** The stream, as a body of a response. */
  readonly body: ReadableStream<Uint8Array>;
  readonly #clock: Clock;
  readonly #types: ReadonlySet<string> | undefined;
  readonly #onClose: (end: StreamEnd | 'left') => void;
  #waiting: StreamEvent[] = [];
  #waitingBytes = 0;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  #wanted = false;
  #isClosed = false;
  #ending: StreamEnd | undefined;
  #coalesced = 0;
  #ping: TimerHandle;

  /** `types`: the events that are wanted; undefined for all. `onClose` is called once, whoever ends the stream. */
  constructor(options: {
    clock: Clock;
    types?: ReadonlySet<string> | undefined;
    onClose: (end: StreamEnd | 'left') => void;
  }) {
    const { clock, types, onClose } = options;
    this.#clock = clock;
    this.#types = types;
    this.#onClose = onClose;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => {
          this.#wanted = true;
          this.#flush();
        },
        cancel: () => {
          this.#close('left');
        },
      },
      { highWaterMark: 1 },
    );
    this.#ping = this.#nextPing();
  }

  /** Events that were left out since later ones replaced them. */
  get coalesced(): number {
    return this.#coalesced;
  }

  /** Bytes that wait to be taken. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Gives the reader an event, where it asked for its type. Never waits. */
  send(event: StreamEvent): void {
    if (this.#isClosed || this.#ending !== undefined) return;
    if (this.#types !== undefined && !this.#types.has(event.type)) return;
    this.#add(event);
    if (this.#waitingBytes > COALESCE_BYTES) this.#coalesce();
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      this.#waiting = [
        {
          type: 'slow',
          text: eventText('slow', {
            message: 'too much was waiting to be read: connect again with Last-Event-ID',
          }),
        },
      ];
      this.#ending = 'slow';
    }
    this.#flush();
  }

  /** Ends the stream after what waits. */
  end(why: StreamEnd): void {
    if (this.#isClosed) return;
    this.#ending ??= why;
    this.#flush();
  }

  #add(event: StreamEvent): void {
    this.#waiting.push(event);
    this.#waitingBytes += event.text.length;
  }

  /** Of the events that replace each other the last ones stay. */
  #coalesce(): void {
    const seen = new Set<string>();
    const kept: StreamEvent[] = [];
    for (const event of this.#waiting.toReversed()) {
      if (event.replacedBy !== undefined) {
        if (seen.has(event.replacedBy)) {
          this.#coalesced++;
          continue;
        }
        seen.add(event.replacedBy);
      }
      kept.push(event);
    }
    this.#waiting = kept.reverse();
    this.#waitingBytes = this.#waiting.reduce((sum, { text }) => sum + text.length, 0);
  }

  #flush(): void {
    if (this.#isClosed || this.#controller === undefined) return;
    if (this.#wanted && this.#waiting.length > 0) {
      this.#wanted = false;
      const text = this.#waiting.map((event) => event.text).join('');
      this.#waiting = [];
      this.#waitingBytes = 0;
      this.#controller.enqueue(ENCODER.encode(text));
    }
    // A reader that takes nothing is not waited for.
    if (this.#ending !== undefined && (this.#waiting.length === 0 || this.#ending !== 'ended')) {
      if (this.#waiting.length > 0) {
        this.#controller.enqueue(ENCODER.encode(this.#waiting.map((event) => event.text).join('')));
        this.#waiting = [];
      }
      this.#controller.close();
      this.#close(this.#ending);
    }
  }

  #close(end: StreamEnd | 'left'): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#ping.cancel();
    this.#onClose(end);
  }

  #nextPing(): TimerHandle {
    return this.#clock.setTimer(() => {
      if (this.#isClosed) return;
      if (this.#waiting.length === 0) {
        this.#add({ type: 'ping', text: ': ping\n\n', replacedBy: 'ping' });
        this.#flush();
      }
      this.#ping = this.#nextPing();
    }, PING_MS);
  }
}
