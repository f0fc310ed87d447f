import type { Clock, TimerHandle } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import type { InterpreterRoute, PlaybackFate } from '../../interpreter/route/route.js';
import type { TurnRecord } from '../../interpreter/route/turn-record.js';
import type { MeetingSpeech } from '../../meeting/speaking/meeting-speech.js';
import { spokenRoute } from '../../meeting/speaking/speech-style.js';
import type { InterpretingSession } from '../../realtime/session.js';
import type { SessionTools, ToolCall } from '../../realtime/session-tools.js';
import { settledWithin } from '../../settled-within.js';
import type { AgentAsk } from '../built-in/agent-meeting.js';
import { ToolRunner, type ToolRunnerOptions } from '../tools/tool-runner.js';
import { askMessage, isPass } from './agent-instructions.js';
import { isAskedFor } from './asked-for.js';
import type { AgentAnswer } from './agent-options.js';
import { type AgentTurn, type AgentTurnOptions, AgentTurns } from './agent-turns.js';
import type { Silence } from './silence.js';

/** Nothing is asked for so long: the session closes. */
const QUIET_MS = 30_000;
/** People have paused for so long when the agent begins to speak. */
const PAUSE_MS = 300;
/** An answer that finds no silence for so long is read only. */
const LONGEST_WAIT_MS = 30_000;
/** A question whose connection was lost goes on within so long. */
const GOES_ON_MS = 20_000;
/** A server that refuses is asked again for so long. */
const PATIENCE_MS = 8_000;
/** Questions that may wait for their answer. */
const MAX_OPEN = 8;

/** How a question is answered. */
export type AskOptions = AgentTurnOptions & {
  readonly instructions: string;
  /** How the question sounded, 24 kHz mono PCM16, where it was said. */
  readonly sound?: Int16Array | undefined;
};

/** What a conversation tells. */
type ConversationHandlers = {
  opened(): void;
  closed(): void;
  /** The model calls a function. */
  called(call: ToolCall, askedBy: string | undefined): void;
  /** Its answer is heard from now on, so long after the question. */
  answering(ask: AgentAsk, firstAudioMs: number): void;
  /** What the model answers, complete; it may still be heard. `quiet`: aborted when it is silenced. */
  said(ask: AgentAsk, text: string, quiet: AbortSignal): void;
  /** Like `said`, once nobody speaks over it: whoever speaks another language may be told. */
  released(ask: AgentAsk, text: string, quiet: AbortSignal): void;
};

type ConversationOptions = {
  readonly clock: Clock;
  readonly speech: MeetingSpeech;
  /** Our own participant id: everybody's speech barges in on what we say. */
  readonly speakerId: string;
  /** A voice of the model; undefined: the interpreter's. */
  readonly voice: () => string | undefined;
  readonly silence: Silence;
  readonly isHost: (participantId: string) => boolean;
  readonly handlers: ConversationHandlers;
  readonly runner: Omit<
    ToolRunnerOptions,
    'session' | 'tools' | 'clock' | 'askedBy' | 'isHost' | 'languageOf' | 'mustAsk' | 'wasAskedFor'
  >;
};

type Open = {
  readonly session: InterpretingSession;
  readonly route: InterpreterRoute;
  readonly runner: ToolRunner;
  readonly connected: Promise<void>;
};

/**
 * The agent's own session with a model: opened by a question, closed after some quiet. What it answers is spoken by the voice of the
 * language that was asked in, when nobody else speaks.
 */
export class AgentConversation {
  readonly #options: ConversationOptions;
  readonly #turns = new AgentTurns(() => {
    this.#rest();
  });
  #open: Open | undefined;
  /** The question that is being handed to the session, or a result that came late. */
  #sending: AgentTurn | 'late' | undefined;
  /** Of the last question. */
  #language = 'en';
  #quietTimer: TimerHandle | undefined;
  #closed = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
  }

  /** A session is open, or opening. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** Something of it is being said, or will be. */
  get isSpeaking(): boolean {
    return this.#turns.isSpeaking;
  }

  /** Questions without their answer. */
  get openCount(): number {
    return this.#turns.size;
  }

  /** Opens a session, so that the question that follows need not wait for it. */
  prepare(language: string): void {
    if (this.#closed) return;
    this.#language = language;
    this.#session();
    this.#rest();
  }

  /**
   * Asks, and resolves when the answer is over. Rejects with ParleyError `service_unavailable` where there is none: too many
   * questions wait, the model cannot be reached or gives no answer, or the meeting is over.
   */
  ask(ask: AgentAsk, { instructions, sound, ...options }: AskOptions): Promise<AgentAnswer> {
    if (this.#closed) return Promise.reject(unavailable('the meeting is over'));
    if (this.#turns.size >= MAX_OPEN)
      return Promise.reject(unavailable(`${MAX_OPEN} questions wait already`));
    const { turn, answer } = this.#turns.begin(ask, options, this.#options.clock.nowMs());
    this.#quietTimer?.cancel();
    void this.#hand(turn, instructions, sound);
    return answer;
  }

  /** What is being said falls silent, and what was still to be said is read only. Calls go on. */
  hush(): void {
    for (const turn of this.#turns.all) this.#silence(turn);
    this.#open?.route.silence();
  }

  /** Ends it at once: what was asked has no answer. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#quietTimer?.cancel();
    for (const turn of this.#turns.all) turn.settle(unavailable('the meeting is over'));
    await this.#end();
  }

  async #hand(turn: AgentTurn, instructions: string, sound: Int16Array | undefined): Promise<void> {
    const open = this.#session();
    try {
      await open.connected;
    } catch (error) {
      turn.settle(unavailable(messageOf(error)));
      return;
    }
    if (!this.#turns.has(turn)) return;
    const { session, route } = open;
    if (session.state.kind !== 'ready' || session.tools === undefined) {
      turn.settle(unavailable('the connection to the model is interrupted'));
      return;
    }
    const { language } = turn.ask;
    this.#language = language;
    const voice =
      turn.options.written || turn.quiet.aborted ? undefined : this.#options.speech.voiceFor(language);
    turn.spoken = voice !== undefined;
    route.useVoice(voice);
    session.controls?.setSpoken(voice !== undefined);
    session.controls?.setInstructions(instructions);
    this.#sending = turn;
    const { mayPass } = turn.options;
    session.tools.sendMessage({
      text: askMessage(turn.ask, { mayPass, isHeard: sound !== undefined }),
      sound,
    });
    this.#sending = undefined;
  }

  /** The session that is open, or a new one. */
  #session(): Open {
    if (this.#open !== undefined) return this.#open;
    const { speech, speakerId, handlers, clock, isHost } = this.#options;
    const session = speech.openSession({
      name: speech.nextName(),
      route: {
        ...{ key: 'agent', speakerId, from: [], to: this.#language, listenerIds: [] },
        ...{ transcribes: false, transcriptionLanguage: undefined },
      },
      instructions: '',
      engine: 'conversation',
      answers: { voice: this.#options.voice() },
      patienceMs: PATIENCE_MS,
    });
    const { tools } = session;
    if (tools === undefined) throw new ParleyError('internal', 'the agent was given a session without tools');
    const { speed } = speech.styleOf(this.#language);
    const route = spokenRoute({
      ...{ speakerId, session, voice: undefined },
      style: speed === undefined ? {} : { speed },
      onPlayback: (record, what) => {
        this.#onPlayback(record, what);
      },
    });
    session.events.on('toolCalls', ({ turnId, calls }) => {
      const askedBy = this.#turns.of(turnId)?.ask.askedBy;
      for (const call of calls) handlers.called(call, askedBy);
    });
    const runner = new ToolRunner({
      ...this.#options.runner,
      ...{ session, tools: this.#withLateResults(tools), clock },
      askedBy: (turnId) => this.#turns.of(turnId)?.ask.askedBy,
      isHost: (id, turnId) => this.#turns.of(turnId)?.options.isMixed === false && isHost(id),
      languageOf: (turnId) => this.#turns.of(turnId)?.ask.language,
      // What a tool gave back may be what asks for it, and a question may not have been one to the agent.
      mustAsk: (turnId, step) => step > 1 || this.#turns.of(turnId)?.options.mayPass !== false,
      wasAskedFor: (turnId, call) => this.#wasAskedFor(turnId, call, tools),
    });
    const open: Open = { session, route, runner, connected: session.connect() };
    open.connected.catch(() => undefined); // whoever asks is told
    this.#listen(open);
    this.#open = open;
    handlers.opened();
    return open;
  }

  /** The model may have been talked into it by what others wrote: it is asked what it does for the request alone. */
  async #wasAskedFor(turnId: string, call: ToolCall, session: SessionTools): Promise<boolean> {
    const turn = this.#turns.of(turnId);
    if (turn === undefined) return false;
    const tools = this.#options.runner.registry.definitions.filter(({ name }) => name === call.name);
    const alone = await session.callsFor(turnId, { instructions: turn.options.rules, tools });
    return isAskedFor(call, turn.ask.text, alone);
  }

  #listen(open: Open): void {
    const { events } = open.route;
    events.on('turnCommitted', ({ turnId }) => {
      if (this.#sending === 'late') return;
      const turn = this.#sending ?? this.#turns.goingOn(turnId);
      if (turn === undefined) return;
      turn.stopWaiting();
      turn.turnId = turnId;
      turn.released = false;
      if (!turn.quiet.aborted) open.route.hold(turnId);
      if (!turn.options.mayPass) this.#releaseInSilence(open, turn);
    });
    events.on('audio', ({ turnId, outputId }) => {
      this.#turns.of(turnId)?.outputs.add(outputId);
    });
    events.on('turnDone', ({ turnId, outcome, detail }) => {
      const turn = this.#turns.of(turnId);
      const text = open.route.turn(turnId)?.translatedText ?? '';
      if (turn === undefined) this.#sayLate(open, turnId, text);
      else if (text === '' && outcome !== 'completed' && outcome !== 'empty')
        this.#failed(open, turn, detail ?? `the answer was ${outcome}`);
      else this.#done(open, turn, text);
      this.#rest();
    });
    events.on('state', ({ kind }) => {
      if (kind !== 'ended' || this.#open !== open) return;
      for (const turn of this.#turns.all)
        if (turn.turnId !== undefined && !turn.isDone)
          turn.settle(unavailable('the connection to the model was lost'));
      void this.#end();
    });
  }

  /** Nothing came of it, unless it was its connection that was lost: then it goes on with another one. */
  #failed(open: Open, turn: AgentTurn, why: string): void {
    const failedId = turn.turnId;
    const settle = (): void => {
      if (turn.turnId === failedId) turn.settle(unavailable(why));
    };
    turn.stopWaiting();
    void Promise.resolve().then(() => {
      const goesOn = open.session.state.kind === 'reconnecting' || open.runner.pending > 0;
      if (!goesOn || turn.turnId !== failedId) {
        settle();
        return;
      }
      const timer = this.#options.clock.setTimer(settle, GOES_ON_MS);
      turn.waitFor(() => {
        timer.cancel();
      });
    });
  }

  /** The model's answer is complete. */
  #done(open: Open, turn: AgentTurn, text: string): void {
    turn.text = text;
    if (turn.options.mayPass && isPass(text)) {
      open.route.drop(turn.turnId!);
      turn.settlePassed();
      return;
    }
    this.#options.handlers.said(turn.ask, text, turn.quiet);
    if (turn.options.mayPass) this.#releaseInSilence(open, turn);
    else if (turn.released) this.#tellOthers(turn);
    turn.settleIfOver();
  }

  /** A result came late, or a connection was lost meanwhile: what follows of it is said to whoever asked last. */
  #sayLate(open: Open, turnId: string, text: string): void {
    if (text === '' || open.route.turn(turnId)?.outcome === 'failed') return;
    const ask: AgentAsk = {
      ...{
        askId: turnId,
        askedBy: undefined,
        askedByName: '',
        text: '',
        language: this.#language,
        how: 'voice',
      },
    };
    const { signal } = new AbortController();
    this.#options.handlers.said(ask, text, signal);
    this.#options.handlers.released(ask, text, signal);
  }

  #releaseInSilence(open: Open, turn: AgentTurn): void {
    const { clock, silence } = this.#options;
    const release = (): void => {
      turn.stopWaiting();
      if (turn.released) return;
      turn.released = true;
      open.route.release(turn.turnId!);
      if (turn.isDone) this.#tellOthers(turn);
      turn.settleIfOver();
    };
    const stop = silence.wait(PAUSE_MS, release);
    const timer = clock.setTimer(() => {
      this.#silence(turn);
    }, LONGEST_WAIT_MS);
    turn.waitFor(() => {
      stop();
      timer.cancel();
    });
    if (turn.released) turn.stopWaiting();
  }

  #tellOthers({ ask, text = '', quiet }: AgentTurn): void {
    this.#options.handlers.released(ask, text, quiet);
  }

  #onPlayback({ turnId, playedFromMs }: TurnRecord, what: PlaybackFate): void {
    const { handlers, speech, clock } = this.#options;
    const turn = this.#turns.of(turnId);
    if (what === 'heard') {
      const record = this.#open?.route.turn(turnId);
      if (record !== undefined) speech.heard(record);
      if (turn !== undefined && !turn.heard) {
        turn.heard = true;
        handlers.answering(turn.ask, Math.max(0, (playedFromMs ?? clock.nowMs()) - turn.askedAtMs));
      }
      return;
    }
    if (turn === undefined) return;
    if (what === 'cut') turn.cut = true;
    if (what === 'captions_only') turn.spoken = false;
    else turn.over++;
    turn.settleIfOver();
  }

  #silence(turn: AgentTurn): void {
    turn.silence();
    const { turnId } = turn;
    if (turnId !== undefined) this.#open?.route.release(turnId);
    this.#open?.route.silence();
    if (!turn.isDone) return;
    this.#tellOthers(turn);
    turn.settleAnswered();
  }

  /** The same, but that it is known which messages are results that came late: nobody asks for what follows of them. */
  #withLateResults(tools: SessionTools): SessionTools {
    return {
      setTools: (definitions) => {
        tools.setTools(definitions);
      },
      answerCall: (...call) => tools.answerCall(...call),
      speakMeanwhile: (text) => tools.speakMeanwhile(text),
      callsFor: (...asked) => tools.callsFor(...asked),
      sendMessage: (message) => {
        this.#sending = 'late';
        tools.sendMessage(message);
        this.#sending = undefined;
      },
    };
  }

  /** After a while without questions and calls the session closes. */
  #rest(): void {
    this.#quietTimer?.cancel();
    if (this.#open === undefined || this.#closed || this.#turns.size > 0) return;
    this.#quietTimer = this.#options.clock.setTimer(() => {
      if (this.#turns.size > 0 || (this.#open?.runner.pending ?? 0) > 0) this.#rest();
      else void this.#end();
    }, QUIET_MS);
  }

  async #end(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    this.#quietTimer?.cancel();
    open.runner.close();
    this.#options.handlers.closed();
    await settledWithin(open.route.close(0), 1_000, this.#options.clock);
  }
}

function unavailable(why: string): ParleyError {
  return new ParleyError('service_unavailable', `the agent has no answer: ${why}`, { retryable: true });
}
