import type { ServerItem } from '../../protocol/items.js';
import type { RealtimeServerEvent } from '../../protocol/server-events.js';
import type { ToolCall } from '../../session-tools.js';

/** Longer arguments are cut, and so are no JSON any more. */
const MAX_ARGUMENTS_CHARS = 100_000;
/** Calls of one response that are followed; no sane one makes more. */
const MAX_FOLLOWED = 64;

/** A call as far as it has come; `complete`: its item ended, and not because the response was cut off. */
export type GatheredCall = ToolCall & { readonly itemId: string; readonly complete: boolean };

type Growing = { itemId: string; callId: string; name: string; arguments: string; complete: boolean };

/** The calls of one response, from whichever of its events tell of them: servers leave out some. */
export class GatheredCalls {
  readonly #calls = new Map<string, Growing>();

  /** Takes an event of the response; those that concern no call are ignored. */
  take(event: RealtimeServerEvent): void {
    switch (event.type) {
      case 'response.output_item.added':
        return this.#item(event.item, false);
      case 'response.output_item.done':
        return this.#item(event.item, true);
      case 'response.function_call_arguments.delta': {
        const call = this.#open(event.item_id, event.call_id);
        if (call !== undefined && !call.complete) call.arguments = cut(call.arguments + event.delta);
        return;
      }
      case 'response.function_call_arguments.done': {
        const call = this.#open(event.item_id, event.call_id);
        if (call !== undefined) Object.assign(call, { name: event.name, arguments: cut(event.arguments) });
        return;
      }
      default:
        return;
    }
  }

  /** All of them once the response is done, in order, with what its end says of them; one for each call id. */
  all(output: readonly ServerItem[] = []): readonly GatheredCall[] {
    for (const item of output) this.#item(item, true);
    const byCallId = new Map<string, Growing>();
    for (const call of this.#calls.values()) {
      if (call.callId !== '' && call.name !== '' && !byCallId.has(call.callId))
        byCallId.set(call.callId, call);
    }
    return [...byCallId.values()].map((call) => ({ ...call }));
  }

  #item(item: ServerItem, over: boolean): void {
    if (item.type !== 'function_call') return;
    const call = this.#open(item.id, item.call_id ?? '');
    if (call === undefined) return;
    call.name = item.name;
    if (item.call_id !== undefined) call.callId = item.call_id;
    if (over && item.arguments !== '') call.arguments = cut(item.arguments);
    if (over) call.complete = item.status !== 'incomplete';
  }

  #open(itemId: string, callId: string): Growing | undefined {
    let call = this.#calls.get(itemId);
    if (call === undefined && this.#calls.size < MAX_FOLLOWED) {
      call = { itemId, callId, name: '', arguments: '', complete: false };
      this.#calls.set(itemId, call);
    }
    return call;
  }
}

function cut(text: string): string {
  return text.slice(0, MAX_ARGUMENTS_CHARS);
}
