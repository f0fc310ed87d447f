import { GatheredCalls } from './gathered-calls.js';
import type { SpokenItem } from './output-items.js';
import { BoundedMap } from '../../../bounded-map.js';
import type { Turn, TurnLedger } from './turn-ledger.js';

/** Responses that are over, or never were ours, remembered to tell their late events from those of a new one. */
const REMEMBERED = 64;
/** A server has one response of a conversation running; one that never ends its own is not followed beyond this. */
const MAX_RUNNING = 4;

/** One response, its turn, what was spoken of it, and what it calls. */
type RunningResponse = {
  readonly id: string;
  readonly turn: Turn;
  readonly items: Set<SpokenItem>;
  readonly calls: GatheredCalls;
};

/** Whom they tell. */
type RunningHandlers = {
  begun(running: RunningResponse): void;
  /** It is over, or no longer followed. */
  released(running: RunningResponse): void;
  /** The server never ended it. */
  neverEnded(running: RunningResponse): void;
};

/** The responses of one connection that are being received: whose turn each is for, and which are over. */
export class RunningResponses {
  readonly #turns: TurnLedger;
  readonly #handlers: RunningHandlers;
  readonly #running = new Map<string, RunningResponse>();
  readonly #over = new BoundedMap<true>(REMEMBERED);

  constructor(turns: TurnLedger, handlers: RunningHandlers) {
    this.#turns = turns;
    this.#handlers = handlers;
  }

  get size(): number {
    return this.#running.size;
  }

  get all(): readonly RunningResponse[] {
    return [...this.#running.values()];
  }

  get(responseId: string): RunningResponse | undefined {
    return this.#running.get(responseId);
  }

  /** It has begun, or is over. */
  isKnown(responseId: string): boolean {
    return this.#running.has(responseId) || this.#over.has(responseId);
  }

  /** The response with this id; one that its server never announced, if it can only be the one asked for. */
  of(responseId: string): RunningResponse | undefined {
    const running = this.#running.get(responseId);
    const { active } = this.#turns;
    if (running !== undefined || active === undefined || active.responseId !== undefined) return running;
    if (this.#over.has(responseId)) return undefined;
    active.responseId = responseId;
    return this.begin(responseId, active.turn);
  }

  begin(id: string, turn: Turn): RunningResponse {
    const running: RunningResponse = { id, turn, items: new Set(), calls: new GatheredCalls() };
    this.#running.set(id, running);
    this.#handlers.begun(running);
    if (this.#running.size > MAX_RUNNING) {
      const oldest = this.#running.values().next().value!;
      this.release(oldest);
      this.#handlers.neverEnded(oldest);
    }
    return running;
  }

  /** Nothing more of it counts. */
  release(running: RunningResponse): void {
    this.#running.delete(running.id);
    this.ignore(running.id);
    this.#handlers.released(running);
  }

  /** Events of this response are of no use. */
  ignore(responseId: string): void {
    this.#over.set(responseId, true);
  }
}
