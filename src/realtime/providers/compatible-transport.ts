/**
 * A connection to a compatible server, seen as one to OpenAI's API: it is told things in its own form, and what it leaves out of
 * the protocol is made up for here, so that a session waits for nothing that never comes.
 */
import { REALTIME_RATE_HZ } from '../../../audio/rates.js';
import { loadResampler, StreamingResampler } from '../../../audio/resampler.js';
import type { Clock, TimerHandle } from '../../clock.js';
import { BoundedMap } from '../../bounded-map.js';
import type { OpenTransport, RealtimeTransport, TransportHandlers } from '../transport.js';
import type { AudioMessage } from '../uplink/audio-chunk.js';
import {
  fromServer,
  isWireObject,
  parseWireObject,
  toServer,
  type WireForm,
  type WireObject,
  withSound,
} from './wire-form.js';

/** A server that has not said so by then has created, or updated, its session without a word. */
const SESSION_WAIT_MS = 2_000;
/** Responses remembered as announced, and turns as committed. */
const REMEMBERED = 16;
/** A server that commits turns says so with the end of speech; one that has not by then does it without a word. */
const COMMIT_WAIT_MS = 500;

/**
 * Wraps `open`. What is made up for: `session.created` (with the first event, or after 2 s), `session.updated` for the
 * first update (after 2 s), `input_audio_buffer.committed` (with the first event about the turn, or 500 ms after its
 * end), `response.created` (with the first event of the response), event ids and indexes. A commit that comes late is left out; the rest is passed on. `clock` times that: real time, as the server's.
 */
export function compatibleTransport(open: OpenTransport, form: WireForm, clock: Clock): OpenTransport {
  return async (handlers) => {
    if (form.inputRateHz !== REALTIME_RATE_HZ) await loadResampler();
    const connection = new CompatibleConnection(form, clock, handlers);
    connection.opened(await open(connection.handlers));
    return connection;
  };
}

class CompatibleConnection implements RealtimeTransport {
  readonly handlers: TransportHandlers;
  readonly #form: WireForm;
  readonly #clock: Clock;
  readonly #to: TransportHandlers;
  readonly #resampler: StreamingResampler | undefined;
  #inner: RealtimeTransport | undefined;
  #session: 'awaited' | 'created' | 'updating' | 'updated' = 'awaited';
  #sessionTimer: TimerHandle | undefined;
  /** Speech that has stopped and was not committed: its item. */
  #stopped: { itemId: string; timer: TimerHandle } | undefined;
  readonly #responses = new BoundedMap<true>(REMEMBERED);
  readonly #committed = new BoundedMap<true>(REMEMBERED);
  #madeUp = 0;
  #closed = false;

  constructor(form: WireForm, clock: Clock, to: TransportHandlers) {
    this.#form = form;
    this.#clock = clock;
    this.#to = to;
    const { inputRateHz } = form;
    this.#resampler =
      inputRateHz === REALTIME_RATE_HZ ? undefined : new StreamingResampler(REALTIME_RATE_HZ, inputRateHz);
    this.handlers = {
      message: (text) => {
        this.#receive(text);
      },
      closed: (close) => {
        this.#end();
        to.closed(close);
      },
    };
  }

  opened(inner: RealtimeTransport): void {
    this.#inner = inner;
    if (this.#closed || this.#session !== 'awaited') return;
    this.#sessionTimer = this.#clock.setTimer(() => {
      this.#created();
    }, SESSION_WAIT_MS);
  }

  get bufferedAmountBytes(): number {
    return this.#inner?.bufferedAmountBytes ?? 0;
  }

  get sentCount(): number {
    return this.#inner?.sentCount ?? 0;
  }

  get receivedCount(): number {
    return this.#inner?.receivedCount ?? 0;
  }

  send(text: string): void {
    if (this.#closed) return;
    const given = JSON.parse(text) as WireObject;
    const event = this.#resampler === undefined ? given : withSound(given, (pcm) => this.#atTheirRate(pcm));
    this.#inner?.send(JSON.stringify(toServer(event, this.#form)));
    if (event['type'] === 'session.update' && this.#session === 'created') this.#awaitUpdated();
  }

  sendAudio(message: AudioMessage): void {
    if (this.#closed) return;
    const resampler = this.#resampler;
    this.#inner?.sendAudio(resampler === undefined ? message : message.map((pcm) => resampler.process(pcm)));
  }

  /** The sound of a message, which nothing goes before and nothing follows. */
  #atTheirRate(pcm: Int16Array): Int16Array {
    const resampler = new StreamingResampler(REALTIME_RATE_HZ, this.#form.inputRateHz);
    const parts = [resampler.process(pcm).slice(), resampler.flush().slice()];
    resampler.close();
    const whole = new Int16Array(parts.reduce((sum, { length }) => sum + length, 0));
    parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
    return whole;
  }

  close(code?: number, reason?: string): void {
    this.#inner?.close(code, reason);
  }

  #receive(text: string): void {
    const parsed = parseWireObject(text);
    if (parsed === undefined) {
      this.#to.message(text); // whoever reads it counts it as malformed
      return;
    }
    const event = fromServer(parsed, this.#newEventId());
    if (event === undefined || this.#isLateCommit(event)) return;
    this.#makeUpBefore(event);
    this.#pass(event, text);
  }

  /** Tells what must have happened before this event and was not told. */
  #makeUpBefore(event: WireObject): void {
    const { type } = event;
    if (typeof type !== 'string') return;
    if (type === 'error' || type === 'session.created' || type === 'session.updated') {
      this.#sessionTimer?.cancel();
      if (type === 'session.created' && this.#session === 'awaited') this.#session = 'created';
      if (type === 'session.updated') this.#session = 'updated';
    } else if (this.#session === 'awaited') {
      this.#created();
    }
    this.#announceResponse(type, event);
    if (type === 'input_audio_buffer.speech_stopped' && typeof event['item_id'] === 'string') {
      this.#commit();
      this.#stopped = {
        itemId: event['item_id'],
        timer: this.#clock.setTimer(() => {
          this.#commit();
        }, COMMIT_WAIT_MS),
      };
    } else if (type === 'input_audio_buffer.committed') {
      this.#stopped?.timer.cancel();
      this.#stopped = undefined;
    } else if (type === 'input_audio_buffer.speech_started' || type.startsWith('conversation.item.')) {
      this.#commit();
    }
  }

  /** It was made up for already; two commits of one turn would be two turns. */
  #isLateCommit({ type, item_id: itemId }: WireObject): boolean {
    return (
      type === 'input_audio_buffer.committed' && typeof itemId === 'string' && this.#committed.has(itemId)
    );
  }

  #announceResponse(type: string, event: WireObject): void {
    if (!type.startsWith('response.')) return;
    this.#commit();
    const { response, response_id: ofItem } = event;
    const id = isWireObject(response) ? response['id'] : ofItem;
    if (typeof id !== 'string' || this.#responses.has(id)) return;
    this.#responses.set(id, true);
    if (type !== 'response.created') {
      this.#notify({ type: 'response.created', response: { id, status: 'in_progress' } });
    }
  }

  #created(): void {
    this.#sessionTimer?.cancel();
    this.#session = 'created';
    this.#notify({ type: 'session.created', session: { type: 'realtime' } });
  }

  #awaitUpdated(): void {
    this.#session = 'updating';
    this.#sessionTimer?.cancel();
    this.#sessionTimer = this.#clock.setTimer(() => {
      this.#session = 'updated';
      this.#notify({ type: 'session.updated', session: { type: 'realtime' } });
    }, SESSION_WAIT_MS);
  }

  #commit(): void {
    const stopped = this.#stopped;
    if (stopped === undefined) return;
    stopped.timer.cancel();
    this.#stopped = undefined;
    this.#committed.set(stopped.itemId, true);
    this.#notify({ type: 'input_audio_buffer.committed', item_id: stopped.itemId });
  }

  #notify(event: WireObject): void {
    if (!this.#closed) this.#pass({ event_id: this.#newEventId(), ...event }, '');
  }

  #pass(event: WireObject, text: string): void {
    if (this.#to.parsed === undefined) this.#to.message(JSON.stringify(event));
    else this.#to.parsed(event, text);
  }

  #newEventId(): string {
    return `made_up_${++this.#madeUp}`;
  }

  #end(): void {
    this.#closed = true;
    this.#sessionTimer?.cancel();
    this.#stopped?.timer.cancel();
    this.#resampler?.close();
  }
}
