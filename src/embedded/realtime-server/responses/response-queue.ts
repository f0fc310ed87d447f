import type { Clock } from '../../../clock.js';
import { messageOf } from '../../../errors.js';
import type { JsonObject } from '../config/checks.js';
import { ClientEventError } from '../server/client-error.js';
import type { Conversation } from '../items/conversation.js';
import type { FaultState } from '../server/faults.js';
import type { FunctionCallItem, FunctionOutputItem, StoredItem, UserItem } from '../items/items.js';
import { forcedCall } from './forced-call.js';
import { placeholderSpeech } from './placeholder-speech.js';
import {
  fitSpeech,
  planReply,
  type ReplyPlan,
  type ReplyScript,
  type Speech,
  turnsAmong,
} from './reply-plan.js';
import type { Responder } from './responder.js';
import { type ResponseFailure, type ResponseHost, ResponseRun, type ResponseTiming } from './response-run.js';
import type { ResponseSettings } from './response-settings.js';
import { stretch } from './time-stretch.js';
import { countInput, NO_INPUT, RateLimits } from './usage.js';

const MAX_OUT_OF_BAND = 64;

/** What the responses need of their session. */
interface ResponseQueueHost {
  readonly clock: Clock;
  readonly timing: ResponseTiming;
  readonly responder: Responder;
  readonly script: ReplyScript | undefined;
  readonly faults: FaultState;
  readonly conversation: Conversation;
  send(type: string, fields: JsonObject): void;
  /** The first audio of the session fixes its voice. */
  audioProduced(): void;
  /** A response of the default conversation is done; `audioMs` of it were sent. */
  responseDone(audioMs: number): void;
  responderFailed(message: string): void;
}

type Answer = {
  turns: readonly (UserItem | FunctionOutputItem)[];
  context: readonly StoredItem[];
  rest: Speech | undefined;
};

/** The responses of a session: which are running, what they answer, what they cost. */
export class ResponseQueue {
  readonly #host: ResponseQueueHost;
  readonly #runHost: ResponseHost;
  readonly #runs = new Map<string, ResponseRun>();
  readonly #answers = new Map<ResponseRun, Answer>();
  readonly #limits = new RateLimits();
  #remainder: Speech | undefined;
  #lastPreamble: string | undefined;

  constructor(host: ResponseQueueHost) {
    this.#host = host;
    const { conversation } = host;
    this.#runHost = {
      clock: host.clock,
      timing: host.timing,
      conversationId: conversation.id,
      send: (type, fields) => host.send(type, fields),
      addOutput: (item) => conversation.append(item),
      previousId: (itemId) => conversation.previousId(itemId),
      audioSent: (samples, outOfBand) => {
        host.audioProduced();
        if (!outOfBand) conversation.countAudio(samples);
      },
      ended: (run) => this.#ended(run),
      afterDone: (run) => this.#afterDone(run),
    };
  }

  /** The response that writes to the default conversation. */
  get active(): ResponseRun | undefined {
    for (const run of this.#runs.values()) if (!run.settings.outOfBand) return run;
    return undefined;
  }

  /** Any response is running. */
  get busy(): boolean {
    return this.#runs.size > 0;
  }

  /**
   * Starts a response to `input`, or to what the conversation has left unanswered.
   * @throws ClientEventError when the conversation already has one in progress.
   */
  create(settings: ResponseSettings, input: readonly StoredItem[] | undefined): void {
    const { active } = this;
    if (!settings.outOfBand && active !== undefined) {
      throw new ClientEventError(
        'conversation_already_has_active_response',
        `Conversation already has an active response in progress: ${active.id}. Wait until the response is finished before creating a new one.`,
      );
    }
    if (this.#runs.size > MAX_OUT_OF_BAND) {
      throw new ClientEventError(
        'rate_limit_exceeded',
        'Too many responses in progress.',
        null,
        'rate_limit_error',
      );
    }
    const context = input ?? [...this.#host.conversation.items];
    const turns = input === undefined ? this.#host.conversation.unanswered : turnsAmong(input);
    const { plan, failure } = this.#plan(settings, turns, context);
    const speech =
      paced(plan.speech, settings.speed) ??
      (turns.length === 0 && input === undefined ? this.#remainder : undefined);
    const fitted = speech && fitSpeech(speech, settings.modality, settings.maxOutputTokens);
    const preamble = `${settings.instructions}${settings.tools.length === 0 ? '' : JSON.stringify(settings.tools)}`;
    const run = new ResponseRun(this.#runHost, settings, {
      speech: fitted?.part,
      calls: plan.calls,
      cutByLimit: fitted?.rest !== undefined,
      input:
        failure === undefined
          ? countInput({ text: preamble, seen: preamble === this.#lastPreamble }, context)
          : NO_INPUT,
      failure,
    });
    if (failure === undefined) this.#lastPreamble = preamble;
    this.#runs.set(run.id, run);
    this.#answers.set(run, { turns, context, rest: fitted?.rest });
    run.start();
  }

  /**
   * `response.cancel`.
   * @throws ClientEventError when there is nothing to cancel.
   */
  cancel(responseId: string | undefined): void {
    const run = responseId === undefined ? this.active : this.#runs.get(responseId);
    if (run === undefined) {
      throw new ClientEventError(
        'response_cancel_not_active',
        'Cancellation failed: no active response found',
      );
    }
    run.cancel('client_cancelled');
  }

  /** Somebody spoke: cancels the response of the default conversation, never an out-of-band one. */
  interrupt(): void {
    this.active?.cancel('turn_detected');
  }

  /** The session is over: nothing more is sent. */
  abandon(): void {
    for (const run of this.#runs.values()) run.abandon();
    this.#runs.clear();
    this.#answers.clear();
  }

  #plan(
    settings: ResponseSettings,
    turns: Answer['turns'],
    context: readonly StoredItem[],
  ): { plan: ReplyPlan; failure: ResponseFailure | undefined } {
    const silent: ReplyPlan = { speech: undefined, calls: [] };
    const fault = this.#host.faults.strike('failResponses');
    if (fault !== undefined) return { plan: silent, failure: fault.error };
    const { toolChoice } = settings;
    const offered = settings.tools.flatMap((tool) => (tool.type === 'function' ? [tool.name] : []));
    const toolNames =
      toolChoice === 'none'
        ? []
        : typeof toolChoice === 'object' && toolChoice.type === 'function'
          ? offered.filter((name) => name === toolChoice.name)
          : offered;
    const systemTexts = context.flatMap((item) => (item.kind === 'system' ? item.texts : []));
    try {
      const plan = planReply(turns, {
        responder: this.#host.responder,
        script: this.#host.script,
        instructions: [settings.instructions, ...systemTexts].join('\n'),
        toolNames,
        callOf: (callId) => callAmong(context, callId) ?? callAmong(this.#host.conversation.items, callId),
      });
      return { plan: this.#asAsked(plan, settings, turns), failure: undefined };
    } catch (error) {
      this.#host.responderFailed(messageOf(error));
      const message = 'The server had an error while processing your request.';
      return { plan: silent, failure: { type: 'server_error', code: 'server_error', message } };
    }
  }

  /** A call where there is no choice but one, and words for a response that was told what to say and has nobody to answer. */
  #asAsked(
    plan: ReplyPlan,
    { tools, toolChoice, ownInstructions }: ResponseSettings,
    turns: Answer['turns'],
  ): ReplyPlan {
    const forced = plan.calls.length > 0 ? undefined : forcedCall(tools, toolChoice);
    // The result of a call is told: it would be called for ever.
    if (forced !== undefined && !turns.some(({ kind }) => kind === 'function_call_output'))
      return { speech: undefined, calls: [forced] };
    if (turns.length > 0 || ownInstructions === undefined || plan.speech !== undefined) return plan;
    const reply = this.#host.responder.respondToText({
      text: ownInstructions,
      instructions: ownInstructions,
    });
    const { text, pcm24k } =
      reply.text === '' ? { text: ownInstructions, pcm24k: placeholderSpeech(ownInstructions) } : reply;
    return { ...plan, speech: { text, pcm24k: pcm24k.length === 0 ? placeholderSpeech(text) : pcm24k } };
  }

  #ended(run: ResponseRun): void {
    this.#runs.delete(run.id);
    const answer = this.#answers.get(run);
    if (answer === undefined || run.status === 'failed') return;
    for (const item of answer.context) item.seen = true;
    if (run.settings.outOfBand) return;
    if (run.status === 'cancelled' && !run.producedOutput) return;
    this.#remainder = run.status === 'incomplete' ? answer.rest : undefined;
    for (const turn of answer.turns) {
      turn.answered = true;
      if (turn.kind === 'user') delete turn.heard;
    }
  }

  #afterDone(run: ResponseRun): void {
    this.#answers.delete(run);
    const rate_limits = this.#limits.book(run.totalTokens, this.#host.clock.nowMs());
    this.#host.send('rate_limits.updated', { rate_limits });
    if (!run.settings.outOfBand) this.#host.responseDone(run.audioMs);
  }
}

function callAmong(items: readonly StoredItem[], callId: string): FunctionCallItem | undefined {
  return items.find(
    (item): item is FunctionCallItem => item.kind === 'function_call' && item.callId === callId,
  );
}

function paced(speech: Speech | undefined, speed: number): Speech | undefined {
  return speech && { ...speech, pcm24k: stretch(speech.pcm24k, speed) };
}
