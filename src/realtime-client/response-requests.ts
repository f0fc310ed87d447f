import type { Clock, TimerHandle } from '../clock.js';
import { BoundedMap } from '../bounded-map.js';

/** A server that has not begun a response by then does not answer the request. */
const ANSWER_MS = 15_000;
/** One that refuses because another response is active, although none is known, is asked again after this. */
const AGAIN_MS = 250;
const MAX_ACTIVE = 16;

/** The code with which a server refuses a second response. */
const ALREADY_ACTIVE = 'conversation_already_has_active_response';

type ResponseRequestsOptions = {
  clock: Clock;
  /** Sends `response.create`; undefined where there is no connection. Returns the event's id. */
  send: () => string | undefined;
};

/**
 * Asks for responses one at a time: a conversation takes one, and refuses another until it is over. What is asked for meanwhile
 * waits, and is asked for once: the next response answers all that has been said until then.
 */
export class ResponseRequests {
  readonly #options: ResponseRequestsOptions;
  /** In the conversation, begun and not over; those that were asked for are true. */
  readonly #active = new BoundedMap<boolean>(MAX_ACTIVE);
  #askedId: string | undefined;
  #askedTimer: TimerHandle | undefined;
  #lastAskedId: string | undefined;
  #wanted = false;
  #again: TimerHandle | undefined;

  constructor(options: ResponseRequestsOptions) {
    this.#options = options;
  }

  /** None is active, asked for or waiting. */
  get idle(): boolean {
    return this.#active.size === 0 && this.#askedId === undefined && !this.#wanted;
  }

  /** A response is wanted: it is asked for now, or when the present one is over. */
  request(): void {
    this.#wanted = true;
    this.#consider();
  }

  /** What waits is not wanted any more. */
  withdraw(): void {
    this.#wanted = false;
  }

  /** A response of the conversation has begun. */
  created(responseId: string): void {
    this.#active.set(responseId, this.#askedId !== undefined);
    this.#answered();
  }

  /** Some of a response was heard: should its connection be lost, it is not asked for again. */
  heard(responseId: string): void {
    if (this.#active.get(responseId) === true) this.#active.set(responseId, false);
  }

  /** A response is over. */
  done(responseId: string): void {
    this.#active.delete(responseId);
    this.#consider();
  }

  /** The server refused an event. Returns whether it was a request of ours that will be made again. */
  refused(eventId: string | null | undefined, code: string | null | undefined): boolean {
    if (eventId == null || eventId !== this.#lastAskedId) return false;
    if (eventId === this.#askedId) this.#answered();
    if (code !== ALREADY_ACTIVE) {
      this.#consider();
      return false;
    }
    this.#wanted = true;
    if (this.#active.size === 0) {
      this.#again?.cancel();
      this.#again = this.#options.clock.setTimer(() => {
        this.#consider();
      }, AGAIN_MS);
    }
    return true;
  }

  /** The connection is gone: what was asked for on it, and was neither heard nor over, is wanted again. */
  lost(): void {
    this.#wanted ||= this.#askedId !== undefined || [...this.#active.values()].includes(true);
    this.#answered();
    this.#active.clear();
  }

  /** There is a connection again. */
  recovered(): void {
    this.#consider();
  }

  /** Nothing is asked for any more. */
  stop(): void {
    this.#wanted = false;
    this.#answered();
    this.#again?.cancel();
    this.#active.clear();
  }

  #answered(): void {
    this.#askedTimer?.cancel();
    this.#askedId = undefined;
  }

  #consider(): void {
    if (!this.#wanted || this.#active.size > 0 || this.#askedId !== undefined) return;
    const eventId = this.#options.send();
    if (eventId === undefined) return;
    this.#wanted = false;
    this.#askedId = eventId;
    this.#lastAskedId = eventId;
    this.#askedTimer = this.#options.clock.setTimer(() => {
      this.#answered();
      this.#consider();
    }, ANSWER_MS);
  }
}
