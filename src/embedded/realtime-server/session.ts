import { REALTIME_SAMPLES_PER_MS } from '../../../audio/rates.js';
import type { Clock, TimerHandle } from '../../clock.js';
import { messageOf } from '../../errors.js';
import type { JsonObject } from './config/checks.js';
import { checkEvent, type ClientEvent } from './server/client-events.js';
import { ClientEventError } from './server/client-error.js';
import type { ClientConnection } from './server/client-connection.js';
import { expireConnection, sendError, takeMessage } from './server/client-messages.js';
import { Conversation } from './items/conversation.js';
import type { FaultState } from './server/faults.js';
import { IdleTimeout } from './input/idle-timeout.js';
import { type IdPrefix, newId } from './server/ids.js';
import { InputTranscription, type Transcript } from './input/input-transcription.js';
import { InputTurns } from './input/input-turns.js';
import { ItemRequests } from './items/item-requests.js';
import type { UserItem } from './items/items.js';
import { type ReplyScript, replyToPart } from './responses/reply-plan.js';
import type { Responder } from './responses/responder.js';
import { ResponseQueue } from './responses/response-queue.js';
import type { ResponseTiming } from './responses/response-run.js';
import { responseSettings } from './responses/response-settings.js';
import { defaultSessionConfig, type SessionConfig, sessionObject } from './config/session-config.js';
import {
  type ServerForm,
  shownSession,
  takenItem,
  takenResponse,
  takenSession,
} from './server/server-form.js';
import type { ServerLog } from './server/server-log.js';
import { applySessionUpdate } from './config/session-update.js';
import { onlyTranscribes, shownTranscription, takenTranscription } from './config/transcription-session.js';

/** What all sessions of a server share. */
export type SessionServices = {
  clock: Clock;
  responder: Responder;
  script: ReplyScript | undefined;
  timing: ResponseTiming;
  transcriptionDelayMs: number;
  sessionDurationMs: number;
  faults: FaultState;
  form: ServerForm;
  log: ServerLog;
};

/** What a session is opened as. */
export type AskedSession = {
  /** Named at connect. */
  model: string;
  /** The only models that transcribe, where they are limited. */
  deployments?: readonly string[] | undefined;
  /** It writes down what is said, and never speaks. */
  transcribes?: boolean;
  /** Its first update, by whoever made its client secret. */
  initial?: JsonObject | undefined;
};

/** One Realtime session: takes client events in the order of arrival, each handled to its end before the next. */
export class Session {
  readonly #services: SessionServices;
  readonly #connection: ClientConnection;
  readonly #identity: { id: string; expiresAtSeconds: number };
  readonly #conversation: Conversation;
  readonly #items: ItemRequests;
  readonly #queue: ResponseQueue;
  readonly #transcription: InputTranscription;
  readonly #input: InputTurns;
  readonly #idle: IdleTimeout;
  readonly #expiry: TimerHandle;
  #config: SessionConfig = defaultSessionConfig();
  readonly #deployments: readonly string[] | undefined;
  readonly #transcribes: boolean;
  #model: string;
  #audioProduced = false;
  #over = false;

  constructor(services: SessionServices, connection: ClientConnection, asked: AskedSession) {
    this.#services = services;
    this.#connection = connection;
    this.#model = asked.model;
    this.#deployments = asked.deployments;
    this.#transcribes = asked.transcribes ?? false;
    const { clock, faults } = services;
    this.#identity = {
      id: this.#newId('sess'),
      expiresAtSeconds: Math.floor((clock.epochMs() + services.sessionDurationMs) / 1000),
    };
    this.#conversation = new Conversation(this.#newId('conv'));
    const config = (): SessionConfig => this.#config;
    const send = (type: string, fields: JsonObject): void => connection.send(type, fields);
    this.#idle = new IdleTimeout(clock);
    this.#transcription = new InputTranscription({
      clock,
      faults,
      send,
      delayMs: services.transcriptionDelayMs,
      holds: (itemId) => this.#conversation.find(itemId) !== undefined,
      get config() {
        return config();
      },
    });
    this.#queue = new ResponseQueue({
      clock,
      faults,
      send,
      timing: services.timing,
      responder: services.responder,
      script: services.script,
      conversation: this.#conversation,
      audioProduced: () => {
        this.#audioProduced = true;
      },
      responseDone: (audioMs) => this.#armIdle(audioMs),
      responderFailed: (message) => services.log.warn({ message }, 'The responder failed.'),
    });
    this.#input = new InputTurns({
      inputRateHz: services.form.inputRateHz,
      send,
      newItemId: () => this.#newId('item'),
      speechStarted: () => this.#speechStarted(),
      committed: (turn) => this.#committed(turn),
      get config() {
        return config();
      },
    });
    const input = this.#input;
    this.#items = new ItemRequests(this.#conversation, {
      clock,
      send,
      get inputFormat() {
        return config().audio.input.format;
      },
      get openTurnId() {
        return input.openTurnId;
      },
      refusesAudio: () => services.faults.strike('refuseMessageAudio') !== undefined,
    });
    this.#expiry = clock.setTimer(() => this.#expire(), services.sessionDurationMs);
    if (asked.initial !== undefined) this.#applyInitial(asked.initial);
    send('session.created', { session: this.#view() });
  }

  /** Something is still on its way to the client. */
  get busy(): boolean {
    return !this.#over && (this.#queue.busy || this.#transcription.busy || this.#connection.pending);
  }

  /** Audio that the client appended, in milliseconds. */
  get receivedAudioMs(): number {
    return this.#input.writtenSamples / REALTIME_SAMPLES_PER_MS;
  }

  /** Handles one message to its end. Never throws. */
  receive(message: string): void {
    if (this.#over) return;
    takeMessage(message, this.#connection, this.#services.log, (event) => this.#dispatch(checkEvent(event)));
  }

  /** The connection is gone: stops every timer. */
  end(): void {
    if (this.#over) return;
    this.#finish();
    this.#connection.stop();
  }

  #finish(): void {
    this.#over = true;
    this.#expiry.cancel();
    this.#idle.cancel();
    this.#queue.abandon();
    this.#transcription.abandon();
    this.#input.close();
    const droppedMs = this.#input.droppedSamples / REALTIME_SAMPLES_PER_MS;
    if (droppedMs > 0) this.#services.log.warn({ droppedMs }, 'The input buffer was full: audio was lost.');
  }

  #dispatch(event: ClientEvent): void {
    switch (event.type) {
      case 'session.update':
        return this.#updateSession(event.session);
      case 'input_audio_buffer.append':
        return this.#input.append(event.audio);
      case 'input_audio_buffer.commit':
        return this.#input.commit();
      case 'input_audio_buffer.clear':
        return this.#input.clear();
      case 'conversation.item.create':
        return this.#items.create(
          takenItem(event.item, this.#services.form),
          event.previous_item_id ?? undefined,
        );
      case 'conversation.item.retrieve':
        return this.#items.retrieve(event.item_id);
      case 'conversation.item.delete':
        return this.#items.delete(event.item_id);
      case 'conversation.item.truncate':
        return this.#items.truncate(event.item_id, event.content_index, event.audio_end_ms);
      case 'response.create':
        return this.#createResponse(event.response);
      case 'response.cancel':
        return this.#queue.cancel(event.response_id);
      case 'output_audio_buffer.clear':
        throw new ClientEventError(
          'invalid_value',
          'output_audio_buffer.clear is for WebRTC and SIP sessions only.',
          'type',
        );
    }
  }

  #updateSession(session: unknown): void {
    this.#apply(session);
    this.#input.configured();
    this.#connection.send('session.updated', { session: this.#view() });
  }

  #apply(session: unknown): void {
    const taken = this.#transcribes
      ? takenTranscription(session)
      : takenSession(session, this.#services.form);
    const { config, model } = applySessionUpdate(this.#config, taken, {
      model: this.#model,
      audioProduced: this.#audioProduced,
      responseActive: this.#queue.active !== undefined,
    });
    checkDeployment(config.audio.input.transcription?.model, this.#deployments);
    this.#config = config;
    this.#model = model;
  }

  /** What cannot be taken of it is told as the API tells it, and the session goes on without. */
  #applyInitial(session: JsonObject): void {
    try {
      this.#apply(Object.fromEntries(Object.entries(session).filter(([name]) => name !== 'model')));
      this.#input.configured();
    } catch (error) {
      if (!(error instanceof ClientEventError)) throw error;
      sendError(this.#connection, error);
    }
  }

  #createResponse(response: unknown): void {
    if (this.#transcribes) throw onlyTranscribes();
    const asked = takenResponse(response, this.#services.form);
    const settings = responseSettings(this.#config, asked, { audioProduced: this.#audioProduced });
    const input = settings.input?.map((entry, index) =>
      this.#items.inputItem(entry, `response.input[${index}]`),
    );
    if (!settings.outOfBand) this.#idle.cancel();
    this.#queue.create(settings, input);
  }

  #speechStarted(): void {
    this.#idle.cancel();
    this.#input.keepFrom(undefined);
    if (this.#config.audio.input.turn_detection?.interrupt_response === true) this.#queue.interrupt();
  }

  #committed(turn: { itemId: string; pcm24k: Int16Array; detected: boolean }): void {
    const { pcm24k } = turn;
    const part = {
      type: 'input_audio' as const,
      pcm24k,
      durationMs: pcm24k.length / REALTIME_SAMPLES_PER_MS,
      transcript: '',
    };
    const item: UserItem = {
      kind: 'user',
      id: turn.itemId,
      status: 'completed',
      seen: false,
      parts: [part],
      answered: false,
    };
    this.#connection.send('input_audio_buffer.committed', {
      previous_item_id: this.#conversation.lastId,
      item_id: item.id,
    });
    this.#items.addTurn(item);
    if (this.#config.audio.input.transcription !== null) {
      this.#transcription.start(item, this.#transcript(item));
    }
    const { turn_detection: detection } = this.#config.audio.input;
    if (turn.detected && !this.#transcribes && detection?.create_response === true) {
      this.#respondToTurn();
    }
  }

  #transcript(item: UserItem): Transcript {
    const { responder } = this.#services;
    const { instructions } = this.#config;
    try {
      return replyToPart(item, item.parts[0]!, { responder, instructions });
    } catch (error) {
      this.#services.log.warn({ message: messageOf(error) }, 'The responder failed.');
      return { sourceText: '' };
    }
  }

  /** A response that nobody asked for: it may fail when another one is still running. */
  #respondToTurn(): void {
    try {
      this.#createResponse(undefined);
    } catch (error) {
      if (!(error instanceof ClientEventError)) throw error;
      sendError(this.#connection, error);
    }
  }

  #armIdle(audioMs: number): void {
    const detection = this.#config.audio.input.turn_detection;
    if (
      detection?.type !== 'server_vad' ||
      detection.idle_timeout_ms === null ||
      this.#input.openTurnId !== undefined
    )
      return;
    let quietFrom = this.#input.writtenSamples;
    this.#idle.arm(
      audioMs,
      detection.idle_timeout_ms,
      () => {
        quietFrom = this.#input.writtenSamples;
        this.#input.keepFrom(quietFrom);
      },
      () => {
        this.#input.keepFrom(undefined);
        if (this.#config.audio.input.turn_detection?.type === 'server_vad') {
          this.#input.commitSilence(quietFrom);
        }
      },
    );
  }

  #expire(): void {
    expireConnection(this.#connection, this.#services.sessionDurationMs);
    this.#finish();
  }

  #view(): JsonObject {
    const session = sessionObject(this.#config, this.#identity);
    return this.#transcribes ? shownTranscription(session) : shownSession(session, this.#services.form);
  }

  #newId(prefix: IdPrefix): string {
    return newId(this.#services.clock, prefix);
  }
}

/** On Azure what transcribes is a deployment too (its Realtime reference). */
function checkDeployment(model: string | undefined, deployments: readonly string[] | undefined): void {
  if (model === undefined || deployments?.includes(model) !== false) return;
  const path = 'session.audio.input.transcription.model';
  throw new ClientEventError('invalid_value', `Invalid value: '${path}' names no deployment.`, path);
}
