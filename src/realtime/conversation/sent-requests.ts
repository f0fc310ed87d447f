import type { EventEmitter } from '../../events.js';
import type { ConnectionSettings } from './connection-settings.js';
import { oneLine } from '../../text.js';
import { BoundedMap } from '../../bounded-map.js';
import type { ServerError } from '../connection/server-errors.js';
import type { SessionCounters, SessionEvents } from '../session.js';
import type { TurnTaking } from './turns/turn-taking.js';

/** Requests remembered for the errors that they may cause. */
const REMEMBERED_REQUESTS = 64;
/** What is refused of these had become moot on its way: the item had ended, the response was over, the buffer empty. */
const MAY_BE_MOOT: ReadonlySet<string> = new Set([
  'conversation.item.truncate',
  'response.cancel',
  'input_audio_buffer.commit',
]);

/** What was asked of a server on one connection, for the errors that come of it. */
export class SentRequests {
  readonly #settings: ConnectionSettings;
  readonly #turns: TurnTaking;
  readonly #events: EventEmitter<SessionEvents>;
  readonly #counters: SessionCounters;
  readonly #mayBeMoot = new BoundedMap<true>(REMEMBERED_REQUESTS);

  constructor(options: {
    settings: ConnectionSettings;
    turns: TurnTaking;
    events: EventEmitter<SessionEvents>;
    counters: SessionCounters;
  }) {
    this.#settings = options.settings;
    this.#turns = options.turns;
    this.#events = options.events;
    this.#counters = options.counters;
  }

  /** An event of this type goes out with this id. */
  sent(type: string, eventId: string): void {
    if (MAY_BE_MOOT.has(type)) this.#mayBeMoot.set(eventId, true);
  }

  /** The server refused something, and the session goes on. `benign`: by its code it had become moot. */
  refused(error: ServerError, benign: boolean): void {
    const code = error.code ?? undefined;
    const eventId = error.event_id ?? undefined;
    const details = {
      message: oneLine(error.message, 300),
      ...(code === undefined ? {} : { code }),
      ...(error.param == null ? {} : { param: error.param }),
    };
    const update = eventId === undefined ? undefined : this.#settings.updateOf(eventId);
    if (update !== undefined) {
      const message = `the server refused the ${update.what}: ${details.message}`;
      this.#events.emit('notice', { kind: 'update_rejected', ...details, message });
      update.undo?.();
      return;
    }
    if (eventId !== undefined) this.#turns.commitRefused(eventId);
    const ofThePast = eventId !== undefined && this.#turns.contextRefused(eventId);
    if (eventId !== undefined && this.#turns.asideRefused(eventId)) {
      this.#events.emit('notice', { kind: 'server_error', ...details });
      return;
    }
    if (eventId !== undefined && this.#turns.soundRefused(eventId)) {
      const message = `the server takes no sound in messages, and is sent the text alone: ${details.message}`;
      this.#events.emit('notice', { kind: 'server_error', ...details, message });
      return;
    }
    const moot = ofThePast || (eventId !== undefined && this.#mayBeMoot.has(eventId));
    if (benign || moot) this.#counters.benignErrors++;
    this.#events.emit('notice', { kind: benign || moot ? 'benign_error' : 'server_error', ...details });
    const concernsResponse = eventId !== undefined || code === 'conversation_already_has_active_response';
    if (concernsResponse) this.#turns.responseRefused(eventId, code, details.message);
  }
}
