import type { AudioFrame } from '../../../audio/index.js';
import type { Clock, TimerHandle } from '../../clock.js';
import { messageOf } from '../../errors.js';
import { settledWithin } from '../../settled-within.js';
import { AudioSubscriptions, type SubscriptionScope } from './audio-subscriptions.js';
import { deniedJoin, type JoinFailure, lostJoin } from '../sdk/join-failure.js';
import { failureOfLeaving, initConfigFailed, leaveReasonOf, refusedJoin } from './errors.js';
import { SdkFetch } from './https-fetch.js';
import type { WayTo } from '../../outgoing/agents.js';
import type { AudioSourceTrack, TrackOutput } from '../webrtc/audio-source-track.js';
import { SdkPeerConnections } from '../webrtc/peer-connections.js';
import type { RoomConnection, RoomConnectionEvents } from '../sdk/room-connection.js';
import { guardRejections } from '../sdk/rejections.js';
import { createSdk, SDK_FILE } from './sdk-loader.js';
import { watchSignalling } from './signalling-watch.js';
import type { SdkMeeting, SdkPeer, SdkPubSub, VideoSdk } from './sdk-types.js';
import type { Wrtc } from '../webrtc/wrtc-types.js';
import { SdkTimers } from '../sdk/timers.js';
import { Watchdog } from './watchdog.js';
import { SdkWebSockets, type TrustedAddress } from '../sdk/web-sockets.js';

/** The SDK's `leave` is not waited for longer than this. */
const LEAVE_TIMEOUT_MS = 2_000;
/** Different errors of the SDK that are remembered as told. */
const MAX_REPORTED_ERRORS = 50;

export type SdkConnectionOptions = {
  meetingId: string;
  participantId: string;
  name: string;
  token: string;
  metadata: Readonly<Record<string, unknown>>;
  /** `host[:port]` of the signalling server; VideoSDK's own when it is not given. */
  signalingBaseUrl: string | undefined;
  trusted: TrustedAddress | undefined;
  /** How addresses are reached. */
  wayTo: WayTo;
  telemetry: boolean;
  hears: SubscriptionScope;
  joinTimeoutMs: number;
  clock: Clock;
  wrtc: Wrtc;
  microphone: AudioSourceTrack;
};

/** What a connection tells, after it was joined and until it is closed. */
export type SdkConnectionEvents = RoomConnectionEvents<SdkPeer, SdkPubSub>;

/** How far a join has come, for saying what it waits for. */
type JoinStage = 'connecting' | 'socket_open' | 'entry_requested' | 'entry_allowed';

/**
 * One evaluated SDK and its stay in a meeting: joining, everything that it tells, and an end that leaves nothing behind.
 * The SDK reconnects within a connection by itself; when it is past that, the room opens another connection.
 */
export class SdkConnection implements RoomConnection {
  readonly #options: SdkConnectionOptions;
  readonly #events: SdkConnectionEvents;
  readonly #fetch: SdkFetch;
  readonly #webSockets: SdkWebSockets;
  readonly #peerConnections: SdkPeerConnections;
  readonly #timers: SdkTimers;
  readonly #subscriptions: AudioSubscriptions;
  readonly #watchdog: Watchdog;
  readonly #leftOut = new Set<string>();
  /** What the SDK repeats is reported once. */
  readonly #reportedErrors = new Set<string>();
  #meeting: SdkMeeting | undefined;
  #stage: JoinStage = 'connecting';
  #settleJoin: ((failure: JoinFailure | undefined) => void) | undefined;
  #closing: Promise<void> | undefined;
  #over = false;
  readonly #stopGuard: () => void;

  constructor(options: SdkConnectionOptions, events: SdkConnectionEvents) {
    this.#options = options;
    this.#events = events;
    const { trusted, wayTo, telemetry, wrtc, clock, microphone } = options;
    const onError = (error: unknown): void => {
      if (!this.#over) events.onNotice(`the VideoSDK SDK failed: ${messageOf(error)}`);
    };
    this.#stopGuard = guardRejections(SDK_FILE, onError);
    this.#fetch = new SdkFetch({ trusted, telemetry });
    this.#watchdog = new Watchdog({
      clock,
      rejoinMs: options.joinTimeoutMs,
      onDead: (why) => this.#end(() => events.onDead(why)),
    });
    this.#webSockets = new SdkWebSockets({
      trusted,
      wayTo,
      onError,
      watch: watchSignalling({
        onOpen: () => {
          if (this.#stage === 'connecting') this.#stage = 'socket_open';
          this.#watchdog.socketOpened();
        },
        onClose: () => this.#watchdog.socketClosed(),
        onLeftOut: (id) => this.#leaveOut(id),
      }),
    });
    const onOutput = (output: TrackOutput): void => {
      microphone.output = this.#over ? 'off' : output;
    };
    this.#peerConnections = new SdkPeerConnections(wrtc, onOutput, { givesStats: telemetry });
    this.#timers = new SdkTimers(onError);
    const earsEvents = {
      onStarted: (id: string) => events.onAudioStarted(id),
      onStopped: (id: string) => events.onAudioStopped(id),
      onFrame: (id: string, frame: AudioFrame) => events.onFrame(id, frame),
      onShareStarted: (id: string) => events.onShareStarted(id),
      onShareStopped: (id: string) => events.onShareStopped(id),
      ...(events.onShareFrame === undefined
        ? {}
        : { onShareFrame: (id: string, frame: AudioFrame) => events.onShareFrame?.(id, frame) }),
      onProblem: (text: string) => events.onNotice(text),
    };
    this.#subscriptions = new AudioSubscriptions(wrtc, clock, earsEvents, options.hears);
  }

  /** Resolves with undefined in the meeting, or with why we are not in it; then the connection is still to be closed. */
  async join(): Promise<JoinFailure | undefined> {
    const { clock, joinTimeoutMs } = this.#options;
    let timer: TimerHandle | undefined;
    const outcome = new Promise<JoinFailure | undefined>((resolve) => {
      this.#settleJoin = resolve;
      timer = clock.setTimer(() => resolve(this.#joinTimedOut()), joinTimeoutMs);
    });
    try {
      const sdk = createSdk({
        wrtc: this.#options.wrtc,
        fetch: this.#fetch.fetch,
        webSockets: this.#webSockets,
        peerConnections: this.#peerConnections,
        timers: this.#timers,
        openMicrophone: () => this.#options.microphone.createStream(),
      });
      this.#enter(this.#initMeeting(sdk));
    } catch (error) {
      this.#settleJoin?.(this.#joinFailed(error));
    }
    const failure = await outcome;
    timer?.cancel();
    this.#settleJoin = undefined;
    if (failure !== undefined) this.#over = true;
    return failure;
  }

  /** Leaves the meeting and ends everything that belongs to it. Safe in every state, and to call twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #initMeeting(sdk: VideoSdk): SdkMeeting {
    const { meetingId, participantId, name, metadata, signalingBaseUrl, microphone, token } = this.#options;
    sdk.config(token);
    return sdk.initMeeting({
      meetingId,
      participantId,
      name,
      micEnabled: true,
      webcamEnabled: false,
      multiStream: false,
      autoConsume: false,
      debugMode: false,
      customMicrophoneAudioTrack: microphone.createStream(),
      metaData: { ...metadata },
      ...(signalingBaseUrl === undefined ? {} : { signalingBaseUrl }),
    });
  }

  #enter(meeting: SdkMeeting): void {
    this.#meeting = meeting;
    meeting.on('entry-responded', (participantId, decision) => {
      if (participantId !== this.#options.participantId) return;
      if (decision === 'allowed') this.#stage = 'entry_allowed';
      else this.#settleJoin?.(deniedJoin('the host denied us entry to the meeting', false));
    });
    meeting.on('meeting-joined', ({ peers }) => {
      if (this.#over) return;
      this.#watchdog.joined();
      this.#settleJoin?.(undefined);
      this.#events.onJoined(peers, meeting.pubSub);
    });
    meeting.on('socket-state-changed', ({ state }) => {
      if (state === 'SOCKET_DISCONNECTED') this.#interrupted();
    });
    meeting.on('meeting-state-changed', ({ state }) => {
      if (state === 'RECONNECTING') this.#interrupted();
    });
    meeting.on('meeting-left', (reason) => {
      const why = leaveReasonOf(reason) ?? { kind: 'lost', message: 'the meeting was left without a reason' };
      if (this.#settleJoin !== undefined) this.#settleJoin(failureOfLeaving(why));
      else this.#end(() => this.#events.onLeft(why));
    });
    meeting.on('participant-joined', (participant) => {
      if (this.#over || participant.id === this.#options.participantId) return;
      this.#events.onPeerJoined(participant);
      this.#subscriptions.attach(participant);
    });
    meeting.on('participant-left', ({ id }, reason) => {
      this.#subscriptions.detach(id);
      if (!this.#over) this.#events.onPeerLeft(id, leaveReasonOf(reason));
    });
    // A moderator who muted us asks us to speak again: an interpreter always does.
    meeting.on('mic-requested', ({ accept }) => accept());
    meeting.on('error', ({ code, message }) => {
      if (this.#over || this.#settleJoin !== undefined) return;
      const text = `VideoSDK error ${String(code)}: ${String(message)}`;
      if (this.#reportedErrors.has(text)) return;
      if (this.#reportedErrors.size < MAX_REPORTED_ERRORS) this.#reportedErrors.add(text);
      this.#events.onNotice(text);
    });
    meeting.join().then(
      () => {
        if (this.#stage !== 'entry_allowed') this.#stage = 'entry_requested';
      },
      (error: unknown) => this.#settleJoin?.(this.#joinFailed(error)),
    );
  }

  #leaveOut(participantId: string): void {
    if (this.#over || this.#leftOut.has(participantId)) return;
    this.#leftOut.add(participantId);
    this.#events.onNotice(
      `a participant with the id "${participantId}" is not interpreted: every JavaScript object has something of that name; let them join under another id`,
    );
  }

  #joinFailed(error: unknown): JoinFailure {
    if (this.#fetch.initConfigFailure !== undefined) return initConfigFailed(this.#fetch.initConfigFailure);
    const code = (error as { code?: unknown } | undefined)?.code;
    // 3047 stands for everything; with an open socket it is the answer to the request for entry.
    if (code === 3047 && this.#stage === 'socket_open')
      return deniedJoin('the meeting server refused us entry', false);
    if (typeof code === 'number') return refusedJoin(code, messageOf(error));
    return lostJoin(`the meeting could not be joined: ${messageOf(error)}`, undefined, error);
  }

  #joinTimedOut(): JoinFailure {
    const seconds = Math.round(this.#options.joinTimeoutMs / 1_000);
    switch (this.#stage) {
      case 'connecting':
        return lostJoin(`the signalling server gave no socket within ${seconds} s; try again`);
      case 'socket_open':
        return lostJoin(`the signalling server did not answer within ${seconds} s; try again`);
      case 'entry_requested':
        return deniedJoin(
          `nobody let us in within ${seconds} s: the meeting has a lobby; ask the host to admit us and try again`,
          true,
        );
      case 'entry_allowed':
        return lostJoin(`we were let in, but the meeting was not joined within ${seconds} s; try again`);
    }
  }

  #interrupted(): void {
    if (this.#over || this.#settleJoin !== undefined) return;
    this.#watchdog.reconnecting();
    this.#subscriptions.detachAll();
    if (this.#options.microphone.output === 'live') this.#options.microphone.output = 'silent';
    this.#events.onInterrupted();
  }

  /** The connection's last word: nothing more is told of it. */
  #end(notify: () => void): void {
    if (this.#over || this.#settleJoin !== undefined) return;
    this.#subscriptions.detachAll();
    this.#over = true;
    notify();
  }

  async #close(): Promise<void> {
    this.#subscriptions.detachAll();
    this.#over = true;
    this.#watchdog.stop();
    this.#options.microphone.output = 'off';
    this.#settleJoin?.(lostJoin('we left before the meeting was joined'));
    if (this.#meeting !== undefined) await this.#leave(this.#meeting);
    this.#peerConnections.closeAll();
    await this.#webSockets.close();
    this.#timers.stop();
    this.#stopGuard();
  }

  /** The SDK's `leave` throws when it has left already (3054) and when it has no socket yet (3035). */
  async #leave(meeting: SdkMeeting): Promise<void> {
    const left = meeting.leave().catch(() => undefined);
    await settledWithin(left, LEAVE_TIMEOUT_MS, this.#options.clock);
  }
}
