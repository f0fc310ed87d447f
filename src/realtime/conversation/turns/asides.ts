import type { TimerHandle } from '../../../clock.js';
import type { RealtimeServerEvent } from '../../protocol/server-events.js';
import type { AskedAside, AsideCall } from '../../session-tools.js';
import { responseTokens } from '../../usage.js';
import type { TurnTakingOptions } from './turn-taking-options.js';

/** An answer that takes longer is not waited for. */
const TIMEOUT_MS = 5_000;
/** Asides that are open at a time. */
const MAX_OPEN = 8;
const MAX_OUTPUT_TOKENS = 1_024;

type Open = {
  readonly eventId: string;
  readonly timer: TimerHandle;
  readonly settle: (calls: readonly AsideCall[] | undefined) => void;
};

/**
 * Asks the model something about one message beside the conversation: a written response out of band (`conversation: "none"`), which is
 * told nothing but that message, and whose calls are not made.
 */
export class Asides {
  readonly #options: Pick<TurnTakingOptions, 'clock' | 'events' | 'send'>;
  readonly #open = new Map<string, Open>();
  /** Responses of theirs that run: nobody else is told of them. */
  readonly #running = new Set<string>();
  #number = 0;
  #closed = false;

  constructor(options: Pick<TurnTakingOptions, 'clock' | 'events' | 'send'>) {
    this.#options = options;
  }

  /** What the model would call; undefined where that is not known: it was refused, or took too long. */
  ask(itemId: string, { instructions, tools }: AskedAside): Promise<readonly AsideCall[] | undefined> {
    const { send, clock } = this.#options;
    if (this.#closed || this.#open.size >= MAX_OPEN) return Promise.resolve(undefined);
    const aside = `aside_${++this.#number}`;
    return new Promise((resolve) => {
      const settle: Open['settle'] = (calls) => {
        this.#open.delete(aside);
        timer.cancel();
        resolve(calls);
      };
      const timer = clock.setTimer(() => {
        settle(undefined);
      }, TIMEOUT_MS);
      const eventId = send({
        type: 'response.create',
        response: {
          ...{ conversation: 'none', metadata: { aside }, instructions },
          input: [{ type: 'item_reference', id: itemId }],
          tools: tools.map((tool) => ({ type: 'function' as const, ...tool })),
          ...{ output_modalities: ['text' as const], max_output_tokens: MAX_OUTPUT_TOKENS },
        },
      });
      this.#open.set(aside, { eventId, timer, settle });
    });
  }

  /** Takes an event. Returns whether it is about an aside, and about nothing else. */
  handle(event: RealtimeServerEvent): boolean {
    if (event.type !== 'response.created' && event.type !== 'response.done') return false;
    const { response } = event;
    const aside = response.metadata?.['aside'];
    if (typeof aside === 'string') this.#running.add(response.id);
    if (!this.#running.has(response.id)) return false;
    if (event.type === 'response.created') return true;
    this.#running.delete(response.id);
    if (response.usage != null)
      this.#options.events.emit('usage', { kind: 'response', tokens: responseTokens(response.usage) });
    const open = typeof aside === 'string' ? this.#open.get(aside) : undefined;
    if (response.status !== 'completed') open?.settle(undefined);
    else
      open?.settle(
        (response.output ?? []).flatMap((item) =>
          item.type === 'function_call' ? [{ name: item.name, arguments: item.arguments }] : [],
        ),
      );
    return true;
  }

  /** The server refused an event. Returns false where it asked for no aside. */
  refused(eventId: string): boolean {
    const open = [...this.#open.values()].find((each) => each.eventId === eventId);
    open?.settle(undefined);
    return open !== undefined;
  }

  /** The connection is gone. */
  close(): void {
    this.#closed = true;
    for (const { settle } of [...this.#open.values()]) settle(undefined);
  }
}
