import type { AudioFrame } from '../../../audio/index.js';
import type { Clock, TimerHandle } from '../../clock.js';
import { messageOf } from '../../errors.js';
import { isBotId } from '../room.js';
import type { SdkParticipant, SdkStream } from './sdk-types.js';
import type { Wrtc } from '../webrtc/wrtc-types.js';
import { SpeakerTrack } from '../webrtc/speaker-track.js';

/** A microphone that is on has brought its stream after this long, or is asked for again. */
const STREAM_WAIT_MS = 2_000;
const MAX_ASKS = 6;
const MAX_ASK_DELAY_MS = 15_000;

/** Whose audio is asked for; `people` are all but interpreters. */
export type SubscriptionScope = 'people' | 'everyone' | 'nobody';

type AudioSubscriptionsEvents = {
  onStarted(participantId: string): void;
  onStopped(participantId: string): void;
  onFrame(participantId: string, frame: AudioFrame): void;
  /** The sound of somebody's shared screen begins and ends. */
  onShareStarted?(participantId: string): void;
  onShareStopped?(participantId: string): void;
  /** Absent: it is not received. */
  onShareFrame?(participantId: string, frame: AudioFrame): void;
  onProblem(text: string): void;
};

type AudioSubscription = {
  participant: SdkParticipant;
  stream: { id: string; track: SpeakerTrack } | undefined;
  /** The sound of their shared screen; without a track where it is not received. */
  share: { id: string; track: SpeakerTrack | undefined } | undefined;
  asks: number;
  timer: TimerHandle | undefined;
};

/**
 * Everyone's microphones: asks for each participant's audio (never video, never an interpreter's) and turns their
 * streams into frames. A mute closes the stream and an unmute brings a new one, with a new track.
 */
export class AudioSubscriptions {
  readonly #wrtc: Wrtc;
  readonly #clock: Clock;
  readonly #events: AudioSubscriptionsEvents;
  readonly #hears: SubscriptionScope;
  readonly #subscriptions = new Map<string, AudioSubscription>();

  constructor(
    wrtc: Wrtc,
    clock: Clock,
    events: AudioSubscriptionsEvents,
    hears: SubscriptionScope = 'people',
  ) {
    this.#wrtc = wrtc;
    this.#clock = clock;
    this.#events = events;
    this.#hears = hears;
  }

  /** Listens to `participant`, in place of an earlier object of the same one. */
  attach(participant: SdkParticipant): void {
    if (this.#hears === 'nobody' || (this.#hears === 'people' && isBotId(participant.id))) return;
    this.detach(participant.id);
    const subscription: AudioSubscription = {
      participant,
      stream: undefined,
      share: undefined,
      asks: 0,
      timer: undefined,
    };
    this.#subscriptions.set(participant.id, subscription);
    participant.on('stream-enabled', (stream) => this.#start(subscription, stream));
    participant.on('stream-disabled', (stream) => {
      if (subscription.stream?.id === stream.id) this.#stop(subscription);
      if (subscription.share?.id === stream.id) this.#stopShare(subscription);
    });
    participant.on('media-status-changed', ({ kind, newStatus }) => {
      if (kind !== 'audio' || !newStatus) return;
      subscription.asks = 0;
      this.#askLater(subscription, STREAM_WAIT_MS);
    });
    for (const stream of participant.streams.values()) this.#start(subscription, stream);
    if (subscription.stream === undefined) this.#ask(subscription);
  }

  detach(participantId: string): void {
    const subscription = this.#subscriptions.get(participantId);
    if (subscription === undefined) return;
    this.#subscriptions.delete(participantId);
    subscription.timer?.cancel();
    this.#stop(subscription);
    this.#stopShare(subscription);
  }

  detachAll(): void {
    for (const id of [...this.#subscriptions.keys()]) this.detach(id);
  }

  #start(subscription: AudioSubscription, stream: SdkStream): void {
    const { id } = subscription.participant;
    if (stream.kind === 'shareAudio') this.#startShare(subscription, stream);
    if (
      stream.kind !== 'audio' ||
      this.#subscriptions.get(id) !== subscription ||
      subscription.stream?.id === stream.id
    )
      return;
    this.#stop(subscription);
    subscription.timer?.cancel();
    const track = new SpeakerTrack(this.#wrtc, stream.track, (frame) => this.#events.onFrame(id, frame));
    subscription.stream = { id: stream.id, track };
    this.#events.onStarted(id);
  }

  #stop(subscription: AudioSubscription): void {
    if (subscription.stream === undefined) return;
    subscription.stream.track.stop();
    subscription.stream = undefined;
    this.#events.onStopped(subscription.participant.id);
  }

  #startShare(subscription: AudioSubscription, stream: SdkStream): void {
    const { id } = subscription.participant;
    if (this.#subscriptions.get(id) !== subscription || subscription.share?.id === stream.id) return;
    this.#stopShare(subscription);
    const track =
      this.#events.onShareFrame === undefined
        ? undefined
        : new SpeakerTrack(this.#wrtc, stream.track, (frame) => this.#events.onShareFrame?.(id, frame));
    subscription.share = { id: stream.id, track };
    this.#events.onShareStarted?.(id);
  }

  #stopShare(subscription: AudioSubscription): void {
    if (subscription.share === undefined) return;
    subscription.share.track?.stop();
    subscription.share = undefined;
    this.#events.onShareStopped?.(subscription.participant.id);
  }

  #ask(subscription: AudioSubscription): void {
    subscription.asks++;
    subscription.participant.consumeMicStreams().then(
      () => {
        if (subscription.participant.micOn) this.#askLater(subscription, STREAM_WAIT_MS);
      },
      (error: unknown) => {
        if (this.#subscriptions.get(subscription.participant.id) !== subscription) return;
        this.#events.onProblem(
          `the audio of ${subscription.participant.id} is not given to us: ${messageOf(error)}`,
        );
        this.#askLater(subscription, Math.min(1_000 * 2 ** subscription.asks, MAX_ASK_DELAY_MS));
      },
    );
  }

  #askLater(subscription: AudioSubscription, delayMs: number): void {
    if (
      this.#subscriptions.get(subscription.participant.id) !== subscription ||
      subscription.stream !== undefined ||
      subscription.asks >= MAX_ASKS
    )
      return;
    subscription.timer?.cancel();
    subscription.timer = this.#clock.setTimer(() => {
      if (subscription.stream === undefined) this.#ask(subscription);
    }, delayMs);
  }
}
