import type { AudioFrame } from '../../../audio/index.js';
import type { Clock } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import { EventEmitter, type EventSource } from '../../events.js';
import type {
  DataMessage,
  LeaveReason,
  OnAudio,
  Participant,
  PublishOptions,
  Room,
  RoomCapabilities,
  RoomEvents,
  RoomState,
  TrackSource,
} from '../room.js';
import { errorOfLeaving, type JoinFailure, lostJoin } from './join-failure.js';
import { RejoinSchedule } from './rejoin-schedule.js';
import type { RoomConnection, RoomConnectionEvents } from './room-connection.js';
import type { ParticipantsChange, Roster } from './roster.js';
import { AudioSourceTrack } from '../webrtc/audio-source-track.js';
import { counter, type Metric } from '../../metrics.js';
import { playoutClockOn } from '../webrtc/playout-clock.js';
import type { Wrtc } from '../webrtc/wrtc-types.js';

/** A sink gives a frame when its 10 ms are over. */
const FRAME_MS = 10;

/** Topics that are listened to, whatever becomes of the connection that messages go through. */
export interface RoomData<DataLine> {
  /** The meeting is joined (again). */
  attach(dataLine: DataLine): void;
  /** The connection is down; nothing can be sent. */
  detach(): void;
  send(topic: string, text: string, options: PublishOptions): Promise<void>;
  subscribe(topic: string, onMessage: (message: DataMessage) => void): () => void;
  metrics?(): readonly Metric[];
}

/** What makes a room that of one service. */
export type RoomParts<Peer, DataLine> = {
  participantId: string;
  capabilities: RoomCapabilities;
  /** For people: whose meetings these are. */
  service: string;
  clock: Clock;
  wrtc: Wrtc;
  roster: Roster<Peer>;
  /** Made once; `onProblem` takes a line for a log. */
  createData: (onProblem: (text: string) => void) => RoomData<DataLine>;
  /** A connection that has not joined yet; `microphone` is what it publishes. */
  openConnection: (
    microphone: AudioSourceTrack,
    events: RoomConnectionEvents<Peer, DataLine>,
  ) => RoomConnection;
};

/**
 * The room port over a service's SDK: one room, and as many connections to it as it takes. The SDK reconnects within a connection
 * by itself; when it is past that, another connection is opened.
 */
export class RejoiningRoom<Peer, DataLine> implements Room {
  readonly participantId: string;
  readonly capabilities: RoomCapabilities;
  readonly #parts: RoomParts<Peer, DataLine>;
  readonly #clock: Clock;
  readonly #events: EventEmitter<RoomEvents>;
  readonly #roster: Roster<Peer>;
  readonly #data: RoomData<DataLine>;
  readonly #microphone: AudioSourceTrack;
  readonly #audible = new Set<string>();
  #state: RoomState = { kind: 'idle' };
  readonly #schedule = new RejoinSchedule();
  #onAudio: OnAudio = () => undefined;
  #onShareAudio: OnAudio | undefined;
  #connection: RoomConnection | undefined;
  #stopPlayout: (() => void) | undefined;
  #leaving: Promise<void> | undefined;

  constructor(parts: RoomParts<Peer, DataLine>, onListenerError: (error: unknown, event: string) => void) {
    this.#parts = parts;
    this.participantId = parts.participantId;
    this.capabilities = parts.capabilities;
    this.#clock = parts.clock;
    this.#events = new EventEmitter<RoomEvents>(onListenerError);
    this.#roster = parts.roster;
    this.#data = parts.createData((text) => this.#notice(text));
    this.#microphone = new AudioSourceTrack(parts.wrtc, (error) => onListenerError(error, 'pull'));
  }

  get events(): EventSource<RoomEvents> {
    return this.#events;
  }

  get state(): RoomState {
    return this.#state;
  }

  get participants(): ReadonlyMap<string, Participant> {
    return this.#roster.participants;
  }

  async join(): Promise<void> {
    if (this.#state.kind !== 'idle') throw new ParleyError('internal', 'a room is joined only once');
    this.#setState({ kind: 'connecting' });
    this.#stopPlayout = playoutClockOn(this.#clock).add(this.#microphone);
    const failure = await this.#openConnection();
    if (failure === undefined) return;
    await this.#finish(failure.reason, failure.error);
    throw failure.error;
  }

  async leave(): Promise<void> {
    await this.#finish({ kind: 'asked', message: 'we left' });
  }

  listen(onAudio: OnAudio, onShareAudio?: OnAudio): void {
    this.#onAudio = onAudio;
    this.#onShareAudio = onShareAudio;
  }

  publish(source: TrackSource): void {
    this.#microphone.feedFrom(source);
  }

  send(topic: string, text: string, options: PublishOptions = {}): Promise<void> {
    return this.#data.send(topic, text, options);
  }

  subscribe(topic: string, onMessage: (message: DataMessage) => void): () => void {
    return this.#data.subscribe(topic, onMessage);
  }

  async #openConnection(): Promise<JoinFailure | undefined> {
    const connection: RoomConnection = this.#parts.openConnection(
      this.#microphone,
      this.#connectionEvents((): boolean => this.#connection === connection),
    );
    this.#connection = connection;
    const failure = await connection.join();
    if (failure !== undefined) await connection.close();
    return failure;
  }

  /** Only the connection that is current has a say. */
  #connectionEvents(isCurrent: () => boolean): RoomConnectionEvents<Peer, DataLine> {
    return {
      onJoined: (peers, dataLine) => {
        if (!isCurrent() || this.#isLeaving()) return;
        this.#schedule.joined(this.#clock.nowMs());
        this.#setState({ kind: 'connected' });
        this.#apply(this.#roster.reconcile(peers), undefined);
        this.#data.attach(dataLine);
      },
      onInterrupted: () => {
        if (!isCurrent() || this.#isLeaving()) return;
        if (this.#schedule.lost(this.#clock.nowMs())) this.#interrupted();
        else void this.#rejoin();
      },
      onLeft: (reason) => {
        if (isCurrent()) void this.#finish(reason, errorOfLeaving(reason, this.#parts.service));
      },
      onDead: (why) => {
        if (!isCurrent() || this.#isLeaving()) return;
        this.#notice(`${why}; joining again`);
        this.#schedule.lost(this.#clock.nowMs());
        void this.#rejoin();
      },
      onPeerJoined: (peer) => this.#apply(this.#roster.add(peer), undefined),
      onPeerLeft: (id, reason) => this.#apply(this.#roster.remove(id), reason),
      onAudioStarted: (id) => this.#audioStarted(id),
      onAudioStopped: (id) => this.#audioStopped(id),
      onFrame: (id, frame) => this.#hear(id, frame),
      onShareStarted: (id) => this.#events.emit('shareAudioStarted', id),
      onShareStopped: (id) => this.#events.emit('shareAudioStopped', id),
      ...(this.#onShareAudio === undefined
        ? {}
        : {
            onShareFrame: (id: string, frame: AudioFrame) =>
              this.#onShareAudio?.(id, frame, this.#clock.nowMs() - FRAME_MS),
          }),
      onNotice: (text) => this.#notice(text),
    };
  }

  #interrupted(): void {
    this.#data.detach();
    if (this.#state.kind === 'connected') this.#setState({ kind: 'reconnecting' });
  }

  /** Opens new connections until one joins, or nothing is left to hope for. */
  async #rejoin(): Promise<void> {
    this.#interrupted();
    await this.#connection?.close();
    let failure = lostJoin('the meeting server lets us in and ends each connection within a minute');
    for (;;) {
      const delayMs = this.#schedule.nextDelayMs();
      if (delayMs === undefined) break;
      await this.#wait(delayMs);
      if (this.#isLeaving()) return;
      const refused = await this.#openConnection();
      if (refused === undefined || this.#isLeaving()) return;
      failure = refused;
      if (!failure.error.retryable) break;
    }
    await this.#finish(failure.reason, failure.error);
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.setTimer(resolve, delayMs);
    });
  }

  #isLeaving(): boolean {
    return this.#leaving !== undefined;
  }

  /** The end of it all, for whatever reason came first. */
  #finish(reason: LeaveReason, error?: ParleyError): Promise<void> {
    this.#leaving ??= this.#tearDown(reason, error);
    return this.#leaving;
  }

  async #tearDown(reason: LeaveReason, error: ParleyError | undefined): Promise<void> {
    this.#data.detach();
    this.#stopPlayout?.();
    try {
      await this.#connection?.close();
    } catch (failure) {
      this.#notice(`the connection did not close cleanly: ${messageOf(failure)}`);
    }
    this.#microphone.stop();
    this.#setState(error === undefined ? { kind: 'left', reason } : { kind: 'left', reason, error });
  }

  metrics(): readonly Metric[] {
    const { beats, maxLateMs, reanchors, skippedMs, caughtUpFrames } = playoutClockOn(this.#clock).stats;
    return [
      counter('playout_frames', 'Frames of 10 ms that were due for all tracks of this process.', beats),
      counter(
        'playout_caught_up_frames',
        'Frames of 10 ms that were published late and at once, because the process had stood still.',
        caughtUpFrames,
      ),
      counter(
        'playout_skips',
        'How often playout was too late to catch up, and went on from there.',
        reanchors,
      ),
      counter(
        'playout_skipped_ms',
        'Time that nothing was published for because playout was too late.',
        skippedMs,
      ),
      {
        name: 'playout_max_late_ms',
        help: 'How late a frame was published at most.',
        kind: 'gauge',
        value: maxLateMs,
      },
      {
        name: 'microphones_on',
        help: 'Participants whose microphone is on and heard.',
        kind: 'gauge',
        value: this.#audible.size,
      },
      counter(
        'published_frames',
        'Frames of 10 ms that were published on our own track.',
        this.#microphone.playedFrames,
      ),
      counter(
        'room_listener_errors',
        'How many times a listener of the room has thrown.',
        this.#events.listenerErrors,
      ),
      ...(this.#data.metrics?.() ?? []),
    ];
  }

  #setState(state: RoomState): void {
    if (state.kind === this.#state.kind) return;
    this.#state = state;
    this.#events.emit('state', state);
  }

  #apply(changes: readonly ParticipantsChange[], reason: LeaveReason | undefined): void {
    for (const { kind, participant } of changes) {
      if (kind === 'joined') this.#events.emit('participantJoined', participant);
      else if (kind === 'changed') this.#events.emit('participantChanged', participant);
      else this.#events.emit('participantLeft', participant, reason);
    }
  }

  #audioStarted(participantId: string): void {
    this.#audible.add(participantId);
    this.#events.emit('audioStarted', participantId);
  }

  #audioStopped(participantId: string): void {
    if (this.#audible.delete(participantId)) this.#events.emit('audioStopped', participantId);
  }

  #hear(participantId: string, frame: AudioFrame): void {
    this.#onAudio(participantId, frame, this.#clock.nowMs() - FRAME_MS);
  }

  #notice(text: string): void {
    this.#events.emit('notice', text);
  }
}
