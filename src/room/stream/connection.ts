import type { AudioFrame } from '../../../audio/index.js';
import type { Clock, TimerHandle } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import type { WayTo } from '../../outgoing/agents.js';
import { settledWithin } from '../../settled-within.js';
import type { LeaveReason, Participant } from '../room.js';
import { type JoinFailure, lostJoin } from '../sdk/join-failure.js';
import { guardRejections } from '../sdk/rejections.js';
import type { RoomConnection, RoomConnectionEvents } from '../sdk/room-connection.js';
import { SdkTimers } from '../sdk/timers.js';
import { SdkWebSockets } from '../sdk/web-sockets.js';
import type { AudioSourceTrack } from '../webrtc/audio-source-track.js';
import { SdkPeerConnections } from '../webrtc/peer-connections.js';
import type { Wrtc } from '../webrtc/wrtc-types.js';
import { endingsOf } from './call-endings.js';
import type { CallId } from './call-id.js';
import type { CustomEvents } from './data.js';
import { joinFailed } from './errors.js';
import { OwnTrack } from './own-track.js';
import { type CreateStreamSdk, INSTALL_HINT, missingMembers, STREAM_PACKAGE } from './sdk-loader.js';
import type { StreamCall, StreamClient, StreamSession } from './sdk-types.js';
import { SessionAudio } from './session-audio.js';
import { type NamedSession, SessionIds, toParticipant } from './sessions.js';

/** The client's `leave` and `disconnectUser` are not waited for longer than this. */
const LEAVE_TIMEOUT_MS = 2_000;
/** So long the client may take to come back by itself; then we open a connection of our own. */
const CLIENT_PATIENCE_S = 30;
/** When it does not keep to that. */
const DEAD_AFTER_MS = 40_000;

/** What a connection is made of. */
export type StreamConnectionOptions = {
  callId: CallId;
  apiKey: string;
  /** Our user's id: the participant's. */
  participantId: string;
  name: string;
  metadata: Readonly<Record<string, unknown>>;
  /** A user token for `participantId`, for one connection. */
  createToken: () => Promise<string>;
  /** Address of the API; the vendor's by default. */
  baseUrl: string | undefined;
  /** How addresses are reached. */
  wayTo: WayTo;
  hears: 'people' | 'nobody';
  joinTimeoutMs: number;
  clock: Clock;
  wrtc: Wrtc;
  createSdk: CreateStreamSdk;
  microphone: AudioSourceTrack;
};

type Events = RoomConnectionEvents<Participant, CustomEvents>;

/** How far a join has come, for saying what it waits for. */
type JoinStage = 'connecting' | 'joining' | 'publishing';

/**
 * One client of Stream and its stay in a call: joining, everything that it tells, and an end that leaves nothing behind. The client
 * reconnects within a connection by itself; when it is past that, the room opens another one.
 */
export class StreamConnection implements RoomConnection {
  readonly #options: StreamConnectionOptions;
  readonly #events: Events;
  readonly #timers: SdkTimers;
  readonly #webSockets: SdkWebSockets;
  readonly #peerConnections: SdkPeerConnections;
  readonly #audio: SessionAudio;
  readonly #sessionIds: SessionIds;
  readonly #ownTrack: OwnTrack;
  readonly #stopGuard: () => void;
  readonly #stops: (() => void)[] = [];
  #secrets: readonly string[] = [];
  #client: StreamClient | undefined;
  #call: StreamCall | undefined;
  #sessions: readonly StreamSession[] = [];
  #others: readonly NamedSession[] = [];
  #stage: JoinStage = 'connecting';
  /** Why the last socket did not open; the client says nothing of it. */
  #unreachable: string | undefined;
  #settleJoin: ((failure: JoinFailure | undefined) => void) | undefined;
  #isInCall = false;
  /** The call goes on on another media server. */
  #isMigrating = false;
  /** The service has said why our stay ends; the client leaves right after. */
  #ending: LeaveReason | undefined;
  #deadTimer: TimerHandle | undefined;
  #closing: Promise<void> | undefined;
  #over = false;

  constructor(options: StreamConnectionOptions, events: Events) {
    const { wayTo, wrtc, clock, microphone, participantId } = options;
    this.#options = options;
    this.#events = events;
    const onError = (error: unknown): void => {
      // Until we are in the call, the join says what is wrong.
      if (!this.#over && this.#settleJoin === undefined)
        events.onNotice(`the Stream client failed: ${messageOf(error)}`);
    };
    this.#stopGuard = guardRejections(STREAM_PACKAGE, onError);
    this.#timers = new SdkTimers(onError);
    this.#webSockets = new SdkWebSockets({
      ...{ wayTo, onError },
      onUnreachable: (problem) => (this.#unreachable = problem),
    });
    this.#peerConnections = new SdkPeerConnections(wrtc, () => this.#ownTrack.connectionChanged());
    this.#ownTrack = new OwnTrack({
      ...{ microphone, clock },
      ownSession: () => this.#ownSession(),
      connectionOutput: () => this.#peerConnections.output,
      onProblem: (text) => events.onNotice(text),
      onHopeless: (why) => this.#end(() => events.onDead(why)),
    });
    this.#sessionIds = new SessionIds(participantId);
    this.#audio = new SessionAudio(wrtc, clock, {
      onStarted: (id) => events.onAudioStarted(id),
      onStopped: (id) => events.onAudioStopped(id),
      onFrame: (id: string, frame: AudioFrame) => events.onFrame(id, frame),
      onShareStarted: (id) => events.onShareStarted(id),
      onShareStopped: (id) => events.onShareStopped(id),
      ...(events.onShareFrame === undefined
        ? {}
        : { onShareFrame: (id: string, frame: AudioFrame) => events.onShareFrame?.(id, frame) }),
      onProblem: (text) => events.onNotice(text),
    });
  }

  async join(): Promise<JoinFailure | undefined> {
    const { clock, joinTimeoutMs } = this.#options;
    let timer: TimerHandle | undefined;
    const outcome = new Promise<JoinFailure | undefined>((resolve) => {
      this.#settleJoin = resolve;
      timer = clock.setTimer(() => resolve(this.#joinTimedOut()), joinTimeoutMs);
    });
    this.#enter().then(
      () => this.#settleJoin?.(undefined),
      (error: unknown) => this.#settleJoin?.(this.#failureOf(error)),
    );
    const failure = await outcome;
    timer?.cancel();
    this.#settleJoin = undefined;
    if (failure !== undefined) this.#over = true;
    else if (!this.#over) this.#inCall();
    return failure;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #enter(): Promise<void> {
    const { createSdk, wrtc, apiKey, participantId, name, metadata, callId, baseUrl } = this.#options;
    const sdk = createSdk({
      wrtc,
      webSockets: this.#webSockets,
      peerConnections: this.#peerConnections,
      timers: this.#timers,
    });
    const client = new sdk.StreamVideoClient(apiKey, {
      ...(baseUrl === undefined ? {} : { baseURL: baseUrl }),
      allowServerSideConnect: true, // this is no browser, and no page would show its token
      clientEventsReportingEnabled: false,
      maxConnectUserRetries: 1, // a refused token is refused five times as well
      logger: () => undefined, // tokens may be in its lines
    });
    this.#client = client;
    const call = client.call(callId.type, callId.id);
    const missing = missingMembers(client, call);
    if (missing.length > 0)
      throw new ParleyError('config', `this ${STREAM_PACKAGE} has no ${missing.join(', ')}: ${INSTALL_HINT}`);
    const token = await this.#options.createToken();
    this.#secrets = [token, apiKey];
    await client.connectUser({ id: participantId, name, custom: metadata }, token);
    if (this.#isOver()) return;
    this.#stage = 'joining';
    this.#watch(call);
    await call.join({ maxJoinRetries: 1 });
    if (this.#isOver()) return;
    this.#stage = 'publishing';
    await this.#ownTrack.publishTo(call);
  }

  #watch(call: StreamCall): void {
    this.#call = call;
    call.setDisconnectionTimeout(CLIENT_PATIENCE_S);
    const endings = endingsOf(call, this.#options.participantId, (reason) => {
      this.#ending = reason;
    });
    const participants = call.state.participants$.subscribe((sessions) => this.#follow(sessions));
    const callingState = call.state.callingState$.subscribe((state) => this.#stateChanged(state));
    this.#stops.push(
      endings,
      () => participants.unsubscribe(),
      () => callingState.unsubscribe(),
    );
  }

  #stateChanged(state: string): void {
    if (this.#over) return;
    if (state === 'left') this.#left();
    else if (this.#settleJoin !== undefined) return;
    else if (state === 'joined') this.#backInCall();
    else if (state === 'reconnecting-failed')
      this.#end(() => this.#events.onDead('the Stream client did not come back by itself'));
    else {
      if (state === 'migrating') this.#isMigrating = true;
      this.#interrupted();
    }
  }

  #left(): void {
    const reason = this.#ending;
    if (this.#settleJoin !== undefined) {
      const text =
        reason === undefined
          ? 'the call was left before it was joined'
          : `the call was not joined: ${reason.message}`;
      this.#settleJoin(lostJoin(text));
      return;
    }
    this.#end(() => {
      if (reason === undefined) this.#events.onDead('the Stream client gave up the call');
      else this.#events.onLeft(reason);
    });
  }

  #interrupted(): void {
    if (!this.#isInCall) return;
    this.#isInCall = false;
    this.#audio.detachAll();
    this.#ownTrack.hold();
    this.#deadTimer = this.#options.clock.setTimer(() => {
      this.#end(() => this.#events.onDead('the Stream client is still not back'));
    }, DEAD_AFTER_MS);
    this.#events.onInterrupted();
  }

  /** The client is back by itself, perhaps in a new session. */
  #backInCall(): void {
    if (this.#isInCall || this.#call === undefined) return;
    this.#deadTimer?.cancel();
    this.#ownTrack.backInCall(this.#isMigrating);
    this.#isMigrating = false;
    this.#inCall();
  }

  #inCall(): void {
    if (this.#call === undefined) return;
    this.#isInCall = true;
    this.#others = this.#sessionIds.name(this.#sessions);
    this.#events.onJoined(this.#others.map(toParticipant), this.#call);
    this.#ownTrack.follow();
    this.#listen();
  }

  #follow(sessions: readonly StreamSession[]): void {
    if (this.#over) return;
    this.#sessions = sessions;
    if (!this.#isInCall) return;
    const before = this.#others;
    this.#others = this.#sessionIds.name(sessions);
    const present = new Set(this.#others.map(({ id }) => id));
    for (const { id } of before) {
      if (present.has(id)) continue;
      this.#audio.detach(id);
      this.#events.onPeerLeft(id, undefined);
    }
    for (const named of this.#others) this.#events.onPeerJoined(toParticipant(named));
    this.#ownTrack.follow();
    this.#listen();
  }

  #listen(): void {
    if (this.#options.hears === 'people') this.#audio.follow(this.#others);
  }

  #isOver(): boolean {
    return this.#over;
  }

  #ownSession(): StreamSession | undefined {
    return this.#sessions.find(({ isLocalParticipant }) => isLocalParticipant === true);
  }

  #failureOf(error: unknown): JoinFailure {
    if (error instanceof ParleyError) return { reason: { kind: 'refused', message: error.message }, error };
    const failure = joinFailed(error, this.#secrets);
    return failure.reason.kind === 'lost' ? (this.#notReached() ?? failure) : failure;
  }

  #notReached(): JoinFailure | undefined {
    return this.#unreachable === undefined
      ? undefined
      : lostJoin(`${this.#unreachable}; check the network, and the address where you set one`);
  }

  #joinTimedOut(): JoinFailure {
    const unreachable = this.#notReached();
    if (unreachable !== undefined) return unreachable;
    const seconds = Math.round(this.#options.joinTimeoutMs / 1_000);
    switch (this.#stage) {
      case 'connecting':
        return lostJoin(`Stream did not let the interpreter's user connect within ${seconds} s; try again`);
      case 'joining':
        return lostJoin(`the call was not joined within ${seconds} s; try again`);
      case 'publishing':
        return lostJoin(`the call took no track of ours within ${seconds} s; try again`);
    }
  }

  /** The connection's last word: nothing more is told of it. */
  #end(notify: () => void): void {
    if (this.#over || this.#settleJoin !== undefined) return;
    this.#audio.detachAll();
    this.#ownTrack.stop();
    this.#deadTimer?.cancel();
    this.#over = true;
    notify();
  }

  async #close(): Promise<void> {
    this.#audio.detachAll();
    this.#over = true;
    this.#deadTimer?.cancel();
    this.#ownTrack.stop();
    this.#settleJoin?.(lostJoin('we left before the call was joined'));
    for (const stop of this.#stops) stop();
    await this.#atMost(this.#call?.leave());
    await this.#atMost(this.#client?.disconnectUser(LEAVE_TIMEOUT_MS));
    this.#peerConnections.closeAll();
    await this.#webSockets.close();
    this.#timers.stop();
    this.#stopGuard();
  }

  /** The client's `leave` throws when the call was left already, and waits for ever for a join that hangs. */
  async #atMost(ended: Promise<unknown> | undefined): Promise<void> {
    if (ended === undefined) return;
    const over = ended.catch(() => undefined);
    await settledWithin(over, LEAVE_TIMEOUT_MS, this.#options.clock);
  }
}
