import { base64OfPcm16 } from '../../audio/pcm.js';
import { REALTIME_SAMPLES_PER_MS } from '../../audio/rates.js';
import { ParleyError } from '../errors.js';
import type { Clock } from '../clock.js';
import type { Logger } from '../log.js';
import { counter, type Metric } from '../metrics.js';
import { judgeServerError } from '../realtime/connection/server-errors.js';
import type { RealtimeServerEvent } from '../realtime/protocol/server-events.js';
import type { OpenTransport } from '../realtime/transport.js';
import type { CallEvent } from './call-events.js';
import type { ClientConnection } from './client-connection.js';
import { ClientConnections } from './client-connections.js';
import type { RealtimeClientEvents } from './client-events.js';
import { seedConnection, sendCallOutput, truncateItem } from './connection-memory.js';
import { Conversation } from './conversation.js';
import { EventHandlers } from './event-handlers.js';
import type { RealtimeItem } from './items.js';
import { RealtimeApi, type WireEvent } from './realtime-api.js';
import { ResponseRequests } from './response-requests.js';
import type { ClientRoom, ClientRoomHandlers } from './room.js';
import { samplesOf } from './samples.js';
import type { RealtimeSessionFields, ToolDefinition } from './session-config.js';
import { type FunctionCall, type Tool, ToolCalls, type ToolHandler } from './tool-calls.js';
import { WantedSession } from './wanted-session.js';

/** A part of what a program says in a person's stead; audio is 24 kHz mono PCM16, or base64 of it. */
export type UserContent =
  | { type: 'input_text'; text: string }
  | { type: 'input_audio'; audio: string | Int16Array | ArrayBuffer; transcript?: string }
  | { type: 'input_image'; image_url: string; detail?: string };

/** What a client is made of. */
export type RealtimeClientOptions = {
  /** Names the session among all of the process. */
  name: string;
  open: OpenTransport;
  clock: Clock;
  log: Logger;
  toolTimeoutMs: number;
  maxToolOutputChars: number;
  /** Makes what connects the client to its room; undefined where it has none. */
  room?: ((handlers: ClientRoomHandlers) => ClientRoom) | undefined;
  /** The session is over, and all of it is to be released. */
  onClosed: () => Promise<void>;
};

/**
 * A Realtime session that a program drives, with the methods and events of OpenAI's beta client over today's API: it hears a
 * room and speaks in it, its tools run their handlers, and what happens in the session and in the call arrives as events of one
 * client. {@link connectRealtime} makes it. It outlives its connections: one that is lost or expires is replaced, and told what
 * was said before.
 */
export class RealtimeClient extends EventHandlers<RealtimeClientEvents> {
  /** The session on the wire: events by their own names. */
  readonly realtime: RealtimeApi;
  /** The items of the conversation. */
  readonly conversation: Pick<Conversation, 'getItem' | 'getItems'>;
  readonly #options: RealtimeClientOptions;
  readonly #conversation = new Conversation();
  readonly #connections: ClientConnections;
  readonly #responses: ResponseRequests;
  readonly #calls: ToolCalls;
  readonly #wanted: WantedSession;
  readonly #room: ClientRoom | undefined;
  /** Rejects what waits for an item. */
  readonly #waiting = new Set<(error: Error) => void>();
  readonly #noticed = new Set<string>();
  #phase: 'idle' | 'connecting' | 'open' | 'closed' = 'idle';
  #lateToolResults = 0;
  #closing: Promise<void> | undefined;

  /** Programs call {@link connectRealtime}. */
  constructor(options: RealtimeClientOptions) {
    const { clock, log } = options;
    const onListenerError = (error: unknown, eventName: string): void => {
      this.#notice(`listener ${eventName}`, `a listener of ${eventName} failed`, error);
    };
    super({ clock, onListenerError });
    this.#options = options;
    this.#wanted = new WantedSession({ needsPcm: options.room !== undefined });
    this.realtime = new RealtimeApi({
      ...{ clock, onListenerError },
      isConnected: () => this.isConnected(),
      send: (event) => {
        this.#connections.send(event);
      },
    });
    const conversation = this.#conversation;
    this.conversation = {
      getItem: (id) => conversation.getItem(id),
      getItems: () => conversation.getItems(),
    };
    this.#responses = new ResponseRequests({
      clock,
      send: () => this.#connections.current?.send({ type: 'response.create' }),
    });
    this.#calls = new ToolCalls({
      clock,
      toolOf: (name) => this.#wanted.toolOf(name),
      timeoutMs: options.toolTimeoutMs,
      maxOutputChars: options.maxToolOutputChars,
      send: (call, output) => {
        this.#sendOutput(call, output);
      },
      onAnswered: () => {
        if (this.#phase === 'open') this.#responses.request();
      },
      onLate: ({ name }) => {
        this.#lateToolResults++;
        this.#notice(`late ${name}`, `tool "${name}" answered after its time limit: the result was dropped`);
      },
    });
    this.#connections = new ClientConnections({
      name: options.name,
      open: options.open,
      clock,
      session: () => this.#wanted.wire(),
      onServerEvent: (connection, raw, event) => {
        this.#onServerEvent(connection, raw, event);
      },
      onSent: (event) => {
        this.#onSent(event);
      },
      onAudioSent: (pcm) => {
        if (!this.#hearsSent('input_audio_buffer.append')) return;
        this.#onSent({ type: 'input_audio_buffer.append', audio: base64OfPcm16(pcm) });
      },
      isQuiet: () => this.#responses.idle && this.#calls.running === 0 && (this.#room?.idle ?? true),
      seed: (connection) => {
        seedConnection(connection, this.#conversation.getItems(), this.#calls);
      },
      onLost: () => {
        this.#responses.lost();
        this.#conversation.abandonUnfinished();
        this.#room?.connectionLost();
        this.#calls.connectionLost();
      },
      onRecovered: () => {
        this.#responses.recovered();
      },
      onFailed: (error) => {
        this.#end(error);
      },
      onNotice: (message) => {
        log.warn(message);
      },
    });
    this.#room = options.room?.({
      hear: (chunk) => {
        this.#connections.appendAudio(chunk);
      },
      cut: (itemId, audioEndMs) => {
        this.#truncate(itemId, audioEndMs);
      },
      call: (event) => {
        this.#onCallEvent(event);
      },
      left: (error) => {
        this.#end(error);
      },
    });
  }

  /** Whether the session is there: connected, or being connected again. */
  isConnected(): boolean {
    return this.#phase === 'open';
  }

  /** Opens the session and joins the room; {@link connectRealtime} has done that. Throws an Error when called again. */
  async connect(): Promise<true> {
    if (this.#phase === 'open') throw new Error('Already connected, use .disconnect() first');
    if (this.#phase !== 'idle')
      throw new ParleyError('usage', 'a client connects once: make another by connectRealtime');
    this.#phase = 'connecting';
    try {
      await this.#connections.connect();
      await this.#room?.join();
    } catch (error) {
      await this.disconnect();
      throw error;
    }
    if (this.#isClosed)
      throw new ParleyError('service_unavailable', 'the session was closed while it was connecting');
    this.#phase = 'open';
    this.#connections.update();
    return true;
  }

  /** Resolves once the server has created the session, which it has. Throws an Error where there is none. */
  waitForSessionCreated(): Promise<true> {
    return this.isConnected()
      ? Promise.resolve(true)
      : Promise.reject(new Error('Not connected, use .connect() first'));
  }

  /**
   * Ends the session and leaves the room; `close` follows. The conversation is forgotten. Resolves when nothing of it is left; safe
   * to call twice.
   */
  disconnect(): Promise<void> {
    this.#end(undefined);
    this.#conversation.clear();
    return this.#closing ?? Promise.resolve();
  }

  /** The same as {@link RealtimeClient.disconnect}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect();
  }

  /** Disconnects, and takes off all listeners and tools. Returns true. */
  reset(): true {
    this.clearEventHandlers();
    this.realtime.clearEventHandlers();
    void this.disconnect();
    this.#wanted.reset();
    return true;
  }

  /** How the session finds turns; null where that is left to the program. */
  getTurnDetectionType(): 'server_vad' | 'semantic_vad' | null {
    return this.#wanted.turnDetection;
  }

  /**
   * Changes the session: fields that are given are changed, the others stay. What the server has already is not sent again. Before
   * the session is open, it opens with them. Returns true. Throws an Error for a tool that `addTool` added, and for an audio
   * format that a room does not have.
   */
  updateSession(fields: RealtimeSessionFields = {}): true {
    this.#wanted.update(fields, (field) => {
      this.#notice(`dropped ${field}`, `the session has no ${field} any more: it is left out`);
    });
    this.#room?.setGivesWay(this.#wanted.isInterrupted && this.#wanted.turnDetection !== null);
    this.#connections.update();
    return true;
  }

  /**
   * Adds a function that the model may call, and what answers it. Handlers of one response run together; each call is answered
   * once, and then the model goes on. Returns the tool. Throws an Error without a name, for a name that is taken, and where the
   * handler is no function.
   */
  addTool<Arguments extends object = Record<string, unknown>>(
    definition: ToolDefinition,
    handler: ToolHandler<Arguments>,
  ): Tool {
    const tool = this.#wanted.addTool(definition, handler as unknown as ToolHandler);
    this.#connections.update();
    return tool;
  }

  /** Takes a tool away; a call that is being answered still is. Returns true. Throws an Error where there is none. */
  removeTool(name: string): true {
    this.#wanted.removeTool(name);
    this.#connections.update();
    return true;
  }

  /** Deletes an item of the conversation. Returns true. */
  deleteItem(id: string): true {
    return this.realtime.send('conversation.item.delete', { item_id: id });
  }

  /** Says something in a person's stead, if anything, and has the model answer. Returns true. */
  sendUserMessageContent(content: readonly UserContent[] = []): true {
    if (content.length > 0) {
      const parts = content.map((part) =>
        part.type === 'input_audio' && typeof part.audio !== 'string'
          ? { ...part, audio: base64OfPcm16(samplesOf(part.audio)) }
          : part,
      );
      this.realtime.send('conversation.item.create', {
        item: { type: 'message', role: 'user', content: parts },
      });
    }
    return this.createResponse();
  }

  /**
   * Sends audio of the program's own: 24 kHz mono PCM16, in the session's format. Returns true. Throws an Error where a room is
   * heard.
   */
  appendInputAudio(audio: Int16Array | ArrayBuffer): true {
    if (this.#room !== undefined)
      throw new Error('The session hears its room: no other audio can be appended');
    const pcm = samplesOf(audio);
    if (pcm.length === 0) return true;
    this.realtime.send('input_audio_buffer.append', { audio: base64OfPcm16(pcm) });
    this.#connections.noteOwnAudio(pcm);
    return true;
  }

  /**
   * Has the model answer. Where the program finds turns itself, what was heard until now is committed first. While another response is
   * being made, the request waits for its end. Returns true.
   */
  createResponse(): true {
    if (!this.isConnected()) throw new Error('RealtimeAPI is not connected');
    const { sentAudio } = this.#connections;
    if (this.#wanted.turnDetection === null && sentAudio.uncommittedSamples > 0) {
      this.realtime.send('input_audio_buffer.commit');
      this.#conversation.queueInputAudio(sentAudio.commit());
    }
    this.#responses.request();
    return true;
  }

  /**
   * Cancels the response that is being made, and what of it is still to be heard in the room; one that waits is not asked for. With
   * the id of what the agent said, that is cut after `sampleCount` samples of 24 kHz, and the model's memory with it; in a room
   * that is known without being told. Throws an Error for an item that is unknown, or is no speech of the model's.
   */
  cancelResponse(id?: string, sampleCount = 0): { item: RealtimeItem | null } {
    const item = id === undefined || id === '' ? null : this.#spokenItem(id);
    this.#responses.withdraw();
    this.realtime.send('response.cancel');
    this.#room?.cut();
    if (item !== null && sampleCount > 0) {
      const receivedMs = Math.floor(item.formatted.audio.length / REALTIME_SAMPLES_PER_MS);
      this.#truncate(item.id, Math.min(Math.floor(sampleCount / REALTIME_SAMPLES_PER_MS), receivedMs));
    }
    return { item };
  }

  /** Resolves with the next item that is appended; rejects when the session is over. */
  waitForNextItem(): Promise<{ item: RealtimeItem }> {
    return this.#nextItem('conversation.item.appended');
  }

  /** Resolves with the next item that is completed; rejects when the session is over. */
  waitForNextCompletedItem(): Promise<{ item: RealtimeItem }> {
    return this.#nextItem('conversation.item.completed');
  }

  /** Numbers for a monitor. */
  metrics(): readonly Metric[] {
    const { audioSentMs, audioDroppedMs, reconnects, rotations, unknownEvents, malformedEvents } =
      this.#connections.counters;
    return [
      counter('client_audio_sent_ms', 'Audio of people that the session was sent.', audioSentMs),
      counter('client_audio_dropped_ms', 'Audio that waited too long for a connection.', audioDroppedMs),
      counter('client_reconnects', 'Connections that were lost and replaced.', reconnects),
      counter('client_rotations', 'Connections that were replaced before they expired.', rotations),
      counter('client_unknown_events', 'Events of kinds that are not known.', unknownEvents),
      counter('client_malformed_events', 'Events whose fields are wrong.', malformedEvents),
      counter(
        'client_unknown_items',
        'Events about items that are not known.',
        this.#conversation.unknownItems,
      ),
      counter('client_late_tool_results', 'Results that came after their time limit.', this.#lateToolResults),
      counter(
        'client_listener_errors',
        'How many times a listener has thrown.',
        this.listenerErrors + this.realtime.listenerErrors,
      ),
      ...(this.#room?.metrics() ?? []),
    ];
  }

  get #isClosed(): boolean {
    return this.#phase === 'closed';
  }

  #onServerEvent(connection: ClientConnection, raw: WireEvent, event: RealtimeServerEvent | undefined): void {
    if (event !== undefined) this.#follow(connection, event, raw);
    this.realtime.dispatch(`server.${raw.type}`, raw);
    this.realtime.dispatch('server.*', raw);
    this.#log('server', raw);
  }

  #onSent(event: WireEvent): void {
    this.realtime.dispatch(`client.${event.type}`, event);
    this.realtime.dispatch('client.*', event);
    this.#log('client', event);
  }

  #hearsSent(type: string): boolean {
    return (
      this.hears('realtime.event') || this.realtime.hears('client.*') || this.realtime.hears(`client.${type}`)
    );
  }

  #log(source: 'client' | 'server', event: WireEvent | CallEvent): void {
    if (!this.hears('realtime.event')) return;
    const time = new Date(this.#options.clock.epochMs()).toISOString();
    this.dispatch('realtime.event', { time, source, event });
  }

  #follow(connection: ClientConnection, event: RealtimeServerEvent, raw: WireEvent): void {
    this.#connections.active();
    const change = this.#conversation.process(event);
    if (change !== undefined) {
      const { item, delta } = change;
      this.dispatch('conversation.updated', { item, delta });
      if (event.type === 'response.output_audio.delta' && delta?.audio !== undefined)
        this.#room?.say(event.response_id, item.id, delta.audio);
      if (change.appended) this.dispatch('conversation.item.appended', { item });
      if (change.completed) this.dispatch('conversation.item.completed', { item });
      if (event.type === 'response.output_item.done') this.#outputDone(event.response_id, item);
    }
    const isCurrent = connection === this.#connections.current;
    switch (event.type) {
      case 'input_audio_buffer.speech_started':
        if (isCurrent && this.#wanted.isInterrupted) this.#room?.cut();
        this.dispatch('conversation.interrupted', undefined);
        break;
      case 'input_audio_buffer.speech_stopped': {
        const startMs = this.#conversation.speechStartMs(event.item_id) ?? event.audio_end_ms;
        const audio = this.#connections.sentAudio.between(startMs, event.audio_end_ms);
        if (isCurrent) this.#conversation.queueSpeech(event.item_id, audio);
        break;
      }
      case 'response.created':
        if (isCurrent && event.response.conversation_id !== null) this.#responses.created(event.response.id);
        break;
      case 'response.output_audio.delta':
        this.#responses.heard(event.response_id);
        break;
      case 'response.output_audio.done':
        this.#room?.itemDone(event.item_id);
        break;
      case 'response.done':
        this.#room?.responseDone(event.response.id);
        this.#responses.done(event.response.id);
        this.#calls.responseDone(event.response.id);
        break;
      case 'error':
        this.#onServerError(connection, event.error, raw);
        break;
      default: // the conversation has taken it, or nobody does
    }
  }

  #outputDone(responseId: string, item: RealtimeItem): void {
    this.#room?.itemDone(item.id);
    const { tool } = item.formatted;
    if (tool === undefined) return;
    const call: FunctionCall = { callId: tool.call_id, name: tool.name, arguments: tool.arguments };
    if (item.status === 'completed') this.#calls.begin(responseId, call);
    else this.#calls.refuse(call, 'the call was not completed: it was not made');
  }

  #onServerError(
    connection: ClientConnection,
    error: Extract<RealtimeServerEvent, { type: 'error' }>['error'],
    raw: WireEvent,
  ): void {
    const { event_id: eventId, code } = error;
    if (this.#responses.refused(eventId, code)) return;
    const wasUpdate = connection.refusedUpdate(eventId);
    if (wasUpdate && code === 'cannot_update_voice') {
      this.#connections.replace(); // another connection may still choose its voice
      return;
    }
    if (judgeServerError(error).kind === 'benign') return;
    this.#tellError(raw);
  }

  #tellError(error: WireEvent | ParleyError): void {
    if (!this.hears('error')) {
      const message = error instanceof Error ? error.message : JSON.stringify(error['error']);
      this.#options.log.warn(`the Realtime session reports an error, and nobody listens to it: ${message}`);
    }
    this.dispatch('error', error);
  }

  #onCallEvent(event: CallEvent): void {
    switch (event.type) {
      case 'call.session_participant_joined':
      case 'call.session_participant_left':
        this.dispatch(event.type, event);
        break;
      case 'call.session_ended':
      case 'call.ended':
        this.dispatch(event.type, event);
        break;
      case 'custom':
        this.dispatch(event.type, event);
    }
    this.#log('server', event);
  }

  #sendOutput(call: FunctionCall, output: string): void {
    const { current } = this.#connections;
    if (this.#phase !== 'open' || current === undefined) return; // the next connection is told by what it is seeded with
    sendCallOutput(current, this.#conversation.getItems(), call, output);
  }

  #truncate(itemId: string, audioEndMs: number): void {
    const { current } = this.#connections;
    if (current !== undefined) truncateItem(current, itemId, audioEndMs);
  }

  #spokenItem(id: string): RealtimeItem {
    const item = this.#conversation.getItem(id);
    if (item === null) throw new Error(`Could not find item "${id}"`);
    if (item.type !== 'message') throw new Error('Can only cancelResponse messages with type "message"');
    if (item.role !== 'assistant') throw new Error('Can only cancelResponse messages with role "assistant"');
    const isAudio = item.content?.some(({ type }) => type === 'audio' || type === 'output_audio') ?? false;
    if (!isAudio) throw new Error('Could not find audio on item to cancel');
    return item;
  }

  async #nextItem(
    eventName: 'conversation.item.appended' | 'conversation.item.completed',
  ): Promise<{ item: RealtimeItem }> {
    if (this.#phase === 'closed') throw sessionOver();
    let reject: (error: Error) => void = () => undefined;
    const closed = new Promise<never>((_resolve, rejectClosed) => (reject = rejectClosed));
    this.#waiting.add(reject);
    try {
      const event = await Promise.race([this.waitForNext(eventName), closed]);
      return { item: event!.item };
    } finally {
      this.#waiting.delete(reject);
    }
  }

  /** Once for each kind. */
  #notice(kind: string, message: string, error?: unknown): void {
    if (this.#noticed.has(kind)) return;
    this.#noticed.add(kind);
    if (error === undefined) this.#options.log.warn(message);
    else this.#options.log.error({ err: error }, message);
  }

  #end(error: ParleyError | undefined): void {
    if (this.#phase === 'closed') return;
    const wasOpen = this.#phase === 'open';
    this.#phase = 'closed';
    this.#responses.stop();
    this.#connections.close();
    this.#closing = Promise.all([this.#room?.leave(), this.#options.onClosed()]).then(() => undefined);
    this.#closing.catch((cause: unknown) => {
      this.#notice('closing', 'the session was not released', cause);
    });
    for (const reject of [...this.#waiting]) reject(error ?? sessionOver());
    if (!wasOpen) return;
    if (error !== undefined) this.#tellError(error);
    const close = { error: error !== undefined };
    this.realtime.dispatch('close', close);
    this.dispatch('close', close);
  }
}

function sessionOver(): ParleyError {
  return new ParleyError('service_unavailable', 'the session is over: no further item will come');
}
