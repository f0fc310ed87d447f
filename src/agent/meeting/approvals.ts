import { BoundedMap } from '../../bounded-map.js';
import type { ApprovalRequest } from '../tools/tool-calls.js';
import { answerOf } from '../wake/spoken-answers.js';

/** Calls that may wait for somebody's word. */
const MAX_WAITING = 16;

type Waiting = {
  readonly request: ApprovalRequest;
  readonly settle: (answer: 'approved' | 'denied', by: string) => void;
};

type ApprovalHandlers = {
  /** Somebody is to be asked about this call. */
  asked(request: ApprovalRequest): void;
  /** Somebody has said yes or no. */
  decided(request: ApprovalRequest, answer: 'approved' | 'denied', by: string): void;
};

/** Of what a yes is remembered. */
const MAX_REMEMBERED = 200;

/** Calls that wait for a person's yes: a host's, by a program or a page, or a spoken one of whoever asked for the call. */
export class Approvals {
  readonly #handlers: ApprovalHandlers;
  readonly #waiting = new Map<string, Waiting>();
  /** Tools that somebody has a yes for, until the meeting is over. */
  readonly #remembered = new BoundedMap<true>(MAX_REMEMBERED);

  constructor(handlers: ApprovalHandlers) {
    this.#handlers = handlers;
  }

  /** Calls that wait for an answer, oldest first. */
  get waiting(): readonly ApprovalRequest[] {
    return [...this.#waiting.values()].map(({ request }) => request);
  }

  /** Resolves to what somebody says. Whoever calls waits no longer than they want, and aborts the request's signal then. */
  ask(request: ApprovalRequest): Promise<'approved' | 'denied'> {
    if (this.#waiting.size >= MAX_WAITING)
      return Promise.reject(new Error('too many calls wait for approval'));
    return new Promise((resolve) => {
      const settle = (answer: 'approved' | 'denied', by: string): void => {
        this.#waiting.delete(request.callId);
        this.#handlers.decided(request, answer, by);
        resolve(answer);
      };
      this.#waiting.set(request.callId, { request, settle });
      request.signal.addEventListener('abort', () => this.#waiting.delete(request.callId), { once: true });
      this.#handlers.asked(request);
    });
  }

  /**
   * The word of a host, called `by`, about one call. With `remember` a yes goes for this tool whenever the same person asks for it.
   * Returns false where the call does not wait for one.
   */
  approve(callId: string, yes: boolean, by: string, remember = false): boolean {
    const waiting = this.#waiting.get(callId);
    if (waiting === undefined) return false;
    const { toolName, askedBy } = waiting.request;
    if (yes && remember) this.#remembered.set(rememberedKey(toolName, askedBy), true);
    waiting.settle(yes ? 'approved' : 'denied', by);
    return true;
  }

  /** Whether somebody said once that this tool may be used whenever this person asks for it. */
  remembers(toolName: string, askedBy: string | undefined): boolean {
    return this.#remembered.has(rememberedKey(toolName, askedBy));
  }

  /**
   * Somebody said or wrote this. Where they asked for a call that waits, and it is a yes or a no, that is its answer: of several
   * calls a yes is for the oldest, and a no for all. Returns whether it was an answer.
   */
  heard(participantId: string, text: string): boolean {
    const own = [...this.#waiting.values()].filter(({ request }) => request.askedBy === participantId);
    const answer = own.length === 0 ? undefined : answerOf(text);
    if (answer === 'yes') own[0]!.settle('approved', participantId);
    if (answer === 'no') for (const { settle } of own) settle('denied', participantId);
    return answer !== undefined;
  }

  /** Whether this person asked for a call that waits. */
  waitsFor(participantId: string): boolean {
    return this.waiting.some(({ askedBy }) => askedBy === participantId);
  }
}

function rememberedKey(toolName: string, askedBy: string | undefined): string {
  return JSON.stringify([toolName, askedBy ?? null]);
}
