import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import { BoundedMap } from '../bounded-map.js';
import { shortened } from '../text.js';
import { isWireObject } from '../realtime/providers/wire-form.js';
import type { ToolDefinition } from './session-config.js';

/**
 * Answers a function call with whatever JSON can hold; `undefined` becomes null. What it throws goes to the model as
 * `{"error": message}`.
 */
// The arguments are what the model makes of `parameters`; a handler names their type itself.
export type ToolHandler<Arguments extends object = Record<string, unknown>> = (args: Arguments) => unknown;

/** A tool as it was added. */
export type Tool = { definition: ToolDefinition; handler: ToolHandler };

class WithoutReply {
  readonly result: unknown;
  constructor(result: unknown) {
    this.result = result;
  }
}

/** What a handler returns for the model to know `result` and say nothing to it. */
export function withoutReply(result?: unknown): unknown {
  return new WithoutReply(result);
}

/** One function call of the model. */
export type FunctionCall = { readonly callId: string; readonly name: string; readonly arguments: string };

/** Calls whose outputs are remembered, for connections to come. */
const MAX_REMEMBERED = 256;
/** Responses whose calls are counted; no server has so many open. */
const MAX_GROUPS = 64;

type ToolCallsOptions = {
  clock: Clock;
  toolOf: (name: string) => Tool | undefined;
  timeoutMs: number;
  maxOutputChars: number;
  /** Sends the output of a call. */
  send: (call: FunctionCall, output: string) => void;
  /** All calls of a response are answered, and the response is over: the model is to go on. */
  onAnswered: () => void;
  /** A handler took too long, and answered after all: too late. */
  onLate: (call: FunctionCall) => void;
};

type Group = { open: number; responseOver: boolean; wantsReply: boolean };
type Remembered = { readonly call: FunctionCall; output: string | undefined };

/**
 * The function calls of a session: handlers start at once and together, each call gets exactly one output as soon as there is one,
 * and when all calls of a response are answered and the response is over, the model is asked to go on, once.
 */
export class ToolCalls {
  readonly #options: ToolCallsOptions;
  readonly #groups = new BoundedMap<Group>(MAX_GROUPS);
  readonly #remembered = new BoundedMap<Remembered>(MAX_REMEMBERED);
  #running = 0;

  constructor(options: ToolCallsOptions) {
    this.#options = options;
  }

  /** Handlers that have not answered yet. */
  get running(): number {
    return this.#running;
  }

  /** The output of a call; undefined while there is none. */
  outputOf(callId: string): string | undefined {
    return this.#remembered.get(callId)?.output;
  }

  /** Whether a call is being answered. */
  isRunning(callId: string): boolean {
    const remembered = this.#remembered.get(callId);
    return remembered !== undefined && remembered.output === undefined;
  }

  /** The model calls a function, in a response that is not over. A call that is known is not made again. */
  begin(responseId: string, call: FunctionCall): void {
    if (!this.#remember(call)) return;
    const group = this.#groups.get(responseId) ?? { open: 0, responseOver: false, wantsReply: false };
    this.#groups.set(responseId, group);
    group.open++;
    this.#running++;
    void this.#run(call).then(({ output, reply }) => {
      this.#running--;
      group.open--;
      group.wantsReply ||= reply;
      this.#answer(call, output);
      this.#consider(responseId, group);
    });
  }

  /** The model began a call and did not complete it: it is answered, and the model is not asked to go on. */
  refuse(call: FunctionCall, why: string): void {
    if (this.#remember(call)) this.#answer(call, errorOutput(why));
  }

  /** A response is over. */
  responseDone(responseId: string): void {
    const group = this.#groups.get(responseId);
    if (group === undefined) return;
    group.responseOver = true;
    this.#consider(responseId, group);
  }

  /** The connection is gone, and all of its responses are over. */
  connectionLost(): void {
    for (const responseId of [...this.#groups.keys()]) this.responseDone(responseId);
  }

  #remember(call: FunctionCall): boolean {
    if (this.#remembered.has(call.callId)) return false;
    this.#remembered.set(call.callId, { call, output: undefined });
    return true;
  }

  #answer(call: FunctionCall, output: string): void {
    const remembered = this.#remembered.get(call.callId);
    if (remembered !== undefined) remembered.output = output;
    this.#options.send(call, output);
  }

  #consider(responseId: string, group: Group): void {
    if (group.open > 0 || !group.responseOver || this.#groups.get(responseId) !== group) return;
    this.#groups.delete(responseId);
    if (group.wantsReply) this.#options.onAnswered();
  }

  async #run(call: FunctionCall): Promise<{ output: string; reply: boolean }> {
    const { clock, timeoutMs, onLate } = this.#options;
    let timedOut = false;
    const answered = this.#ask(call).then((answer) => {
      if (timedOut) onLate(call);
      return answer;
    });
    const late = new Promise<{ output: string; reply: boolean }>((resolve) => {
      const timer = clock.setTimer(() => {
        timedOut = true;
        const output = errorOutput(`Tool "${call.name}" did not answer within ${timeoutMs / 1_000} s`);
        resolve({ output, reply: true });
      }, timeoutMs);
      void answered.then(() => {
        timer.cancel();
      });
    });
    return Promise.race([answered, late]);
  }

  async #ask(call: FunctionCall): Promise<{ output: string; reply: boolean }> {
    try {
      const args: unknown = JSON.parse(call.arguments === '' ? '{}' : call.arguments);
      const tool = this.#options.toolOf(call.name);
      if (tool === undefined) throw new Error(`Tool "${call.name}" has not been added`);
      if (!isWireObject(args)) throw new Error(`The arguments of "${call.name}" are no JSON object`);
      const result: unknown = await tool.handler(args);
      const reply = !(result instanceof WithoutReply);
      const value = result instanceof WithoutReply ? result.result : result;
      const output = (JSON.stringify(value) as string | undefined) ?? 'null';
      return { output: shortened(output, this.#options.maxOutputChars), reply };
    } catch (error) {
      return { output: shortened(errorOutput(messageOf(error)), this.#options.maxOutputChars), reply: true };
    }
  }
}

function errorOutput(message: string): string {
  return JSON.stringify({ error: message });
}
