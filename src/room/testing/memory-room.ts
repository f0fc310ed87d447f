import type { AudioFrame } from '../../../audio/index.js';
import { ROOM_RATE_HZ } from '../../../audio/rates.js';
import { ParleyError } from '../../errors.js';
import { EventEmitter, type EventSource } from '../../events.js';
import type { FakeMeeting, FakeParticipant } from './fake-meeting.js';
import {
  type DataMessage,
  isBotId,
  type LeaveReason,
  type OnAudio,
  type Participant,
  type PublishOptions,
  type Room,
  type RoomCapabilities,
  type RoomEvents,
  type RoomState,
  type TrackSource,
} from '../room.js';

const FRAME_SAMPLES = 480;
/** Ends that are no error. */
const GOOD_ENDS: ReadonlySet<LeaveReason['kind']> = new Set(['asked', 'removed', 'room_closed']);

/** The port to a meeting, in memory: our place in a {@link FakeMeeting}, with a connection that a script can cut. */
export class MemoryRoom implements Room {
  readonly participantId: string;
  readonly capabilities: RoomCapabilities;
  readonly #meeting: FakeMeeting;
  readonly #events = new EventEmitter<RoomEvents>();
  readonly #participants = new Map<string, Participant>();
  /** Whose microphone is on, as far as we were told. */
  readonly #audible = new Set<string>();
  readonly #subscriptions = new Set<{ topic: string; onMessage: (message: DataMessage) => void }>();
  readonly #seat: FakeParticipant;
  readonly #out = { samples: new Int16Array(FRAME_SAMPLES), sampleRateHz: ROOM_RATE_HZ, channelCount: 1 };
  #state: RoomState = { kind: 'idle' };
  #onAudio: OnAudio | undefined;
  #onShareAudio: OnAudio | undefined;
  /** Whose shared screens have sound. */
  readonly #sharing = new Set<string>();
  #source: TrackSource | undefined;

  constructor(options: {
    meeting: FakeMeeting;
    participantId: string;
    name: string;
    metadata?: Readonly<Record<string, unknown>>;
    /** What its data channel can do; everything by default. */
    capabilities?: RoomCapabilities;
  }) {
    const { meeting, participantId, name, metadata = {} } = options;
    this.participantId = participantId;
    this.capabilities = options.capabilities ?? { directedData: true, keptData: true };
    this.#meeting = meeting;
    this.#seat = {
      participant: { id: participantId, name, metadata, isBot: isBotId(participantId) },
      micOn: false,
      nextFrame: (nowMs) => this.#pull(nowMs),
      observer: {
        joined: (participant) => {
          if (this.#connected) this.#addParticipant(participant);
        },
        changed: (participant) => {
          if (this.#connected) this.#changeParticipant(participant);
        },
        left: (participant, reason) => {
          if (this.#connected) this.#dropParticipant(participant, reason);
        },
        microphone: (id, on) => {
          if (this.#connected) this.#setAudible(id, on);
        },
        frame: (id, frame, atMs) => {
          if (this.#connected && this.#audible.has(id)) this.#onAudio?.(id, frame, atMs);
        },
        share: (id, frame, atMs) => {
          if (this.#connected) this.#share(id, frame, atMs);
        },
        message: (message) => {
          if (this.#connected) this.#deliver(message);
        },
        removed: (reason) => {
          this.#end(reason, GOOD_ENDS.has(reason.kind) ? undefined : errorOf(reason));
        },
      },
    };
  }

  get events(): EventSource<RoomEvents> {
    return this.#events;
  }

  get state(): RoomState {
    return this.#state;
  }

  get participants(): ReadonlyMap<string, Participant> {
    return this.#participants;
  }

  async join(): Promise<void> {
    if (this.#state.kind !== 'idle') throw new ParleyError('internal', 'a room is joined once');
    this.#setState({ kind: 'connecting' });
    await Promise.resolve(); // like any room, it is never joined synchronously
    const refusal = this.#meeting.refusal;
    const reason = this.#leftReason() ?? refusal;
    if (reason !== undefined) {
      const error = errorOf(reason);
      this.#end(reason, error);
      throw error;
    }
    this.#seat.micOn = this.#source !== undefined;
    this.#meeting.sit(this.#seat);
    this.#setState({ kind: 'connected' });
    this.#reconcile();
  }

  leave(): Promise<void> {
    if (this.#state.kind !== 'left') {
      const reason: LeaveReason = { kind: 'asked', message: 'left' };
      this.#meeting.giveUp(this.#seat, reason);
      this.#end(reason);
    }
    return Promise.resolve();
  }

  listen(onAudio: OnAudio, onShareAudio?: OnAudio): void {
    this.#onAudio = onAudio;
    this.#onShareAudio = onShareAudio;
  }

  publish(source: TrackSource): void {
    this.#source = source;
  }

  send(topic: string, text: string, options: PublishOptions = {}): Promise<void> {
    if (!this.#connected) {
      const message = 'the message was not sent: the meeting is not connected at present';
      return Promise.reject(new ParleyError('service_unavailable', message, { retryable: true }));
    }
    const { directedData, keptData } = this.capabilities;
    if ((options.sendOnly !== undefined && !directedData) || (options.persist === true && !keptData))
      return Promise.reject(new ParleyError('internal', `this room cannot send ${topic} as it was asked to`));
    this.#meeting.send(this.#seat.participant, topic, text, options);
    return Promise.resolve();
  }

  subscribe(topic: string, onMessage: (message: DataMessage) => void): () => void {
    const subscription = { topic, onMessage };
    this.#subscriptions.add(subscription);
    return () => {
      this.#subscriptions.delete(subscription);
    };
  }

  /** The script cuts the connection: audio stops both ways, and what happens in the meeting is not seen. */
  dropConnection(): void {
    if (!this.#connected) return;
    this.#meeting.setMicrophone(this.#seat, false);
    this.#setState({ kind: 'reconnecting' });
    for (const id of [...this.#audible]) this.#setAudible(id, false);
  }

  /** The connection is back: what changed meanwhile is emitted. */
  restoreConnection(): void {
    if (this.#state.kind !== 'reconnecting') return;
    this.#meeting.setMicrophone(this.#seat, this.#source !== undefined);
    this.#setState({ kind: 'connected' });
    this.#reconcile();
  }

  /** The connection is gone for good. */
  loseConnection(): void {
    const reason: LeaveReason = { kind: 'lost', message: 'the connection to the meeting was lost' };
    this.#end(reason, errorOf(reason));
    this.#meeting.giveUp(this.#seat, reason);
  }

  get #connected(): boolean {
    return this.#state.kind === 'connected';
  }

  #share(id: string, frame: AudioFrame | undefined, atMs: number): void {
    if (frame === undefined) {
      if (this.#sharing.delete(id)) this.#events.emit('shareAudioStopped', id);
      return;
    }
    if (!this.#sharing.has(id)) this.#events.emit('shareAudioStarted', id);
    this.#sharing.add(id);
    this.#onShareAudio?.(id, frame, atMs);
  }

  /** While the connection is down nothing is pulled: what is queued waits for its listeners. */
  #pull(nowMs: number): ReturnType<FakeParticipant['nextFrame']> {
    if (!this.#connected || this.#source === undefined) return undefined;
    this.#source.pull(this.#out.samples, nowMs);
    return { frame: this.#out, atMs: nowMs };
  }

  /** Brings what we know in line with who is really there. */
  #reconcile(): void {
    const present = this.#meeting.participants;
    for (const participant of [...this.#participants.values()]) {
      if (!present.has(participant.id)) this.#dropParticipant(participant, undefined);
    }
    for (const participant of present.values()) {
      if (participant.id === this.participantId) continue;
      const known = this.#participants.get(participant.id);
      if (known === undefined) this.#addParticipant(participant);
      else if (known !== participant) this.#changeParticipant(participant);
      if (this.#meeting.isMicOn(participant.id)) this.#setAudible(participant.id, true);
    }
  }

  #addParticipant(participant: Participant): void {
    this.#participants.set(participant.id, participant);
    this.#events.emit('participantJoined', participant);
  }

  #changeParticipant(participant: Participant): void {
    this.#participants.set(participant.id, participant);
    this.#events.emit('participantChanged', participant);
  }

  #dropParticipant(participant: Participant, reason: LeaveReason | undefined): void {
    this.#setAudible(participant.id, false);
    if (this.#participants.delete(participant.id)) this.#events.emit('participantLeft', participant, reason);
  }

  #setAudible(id: string, on: boolean): void {
    if (isBotId(id) || this.#audible.has(id) === on) return;
    if (on) this.#audible.add(id);
    else this.#audible.delete(id);
    this.#events.emit(on ? 'audioStarted' : 'audioStopped', id);
  }

  #deliver(message: DataMessage): void {
    for (const { topic, onMessage } of [...this.#subscriptions]) {
      if (topic !== message.topic) continue;
      try {
        onMessage(message);
      } catch {
        this.#events.emit('notice', `a receiver of ${topic} failed`);
      }
    }
  }

  #leftReason(): LeaveReason | undefined {
    return this.#state.kind === 'left' ? this.#state.reason : undefined;
  }

  #end(reason: LeaveReason, error?: ParleyError): void {
    if (this.#state.kind === 'left') return;
    this.#setState(error === undefined ? { kind: 'left', reason } : { kind: 'left', reason, error });
    this.#participants.clear();
    this.#audible.clear();
  }

  #setState(state: RoomState): void {
    this.#state = state;
    this.#events.emit('state', state);
  }
}

function errorOf(reason: LeaveReason): ParleyError {
  const code = reason.kind === 'refused' ? 'key_refused' : 'service_unavailable';
  return new ParleyError(code, `not in the meeting: ${reason.message}`, {
    retryable: reason.kind === 'lost',
  });
}
