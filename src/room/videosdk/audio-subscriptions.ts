import type { AudioFrame } from '../../../audio/index.js';
import type { Clock, TimerHandle } from '../../clock.js';
import { messageOf } from '../../errors.js';
import { isBotId } from '../room.js';
import type { SdkParticipant, SdkStream, Wrtc } from './sdk-types.js';
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
  onProblem(text: string): void;
};

type SpeakerDownsampler = {
  participant: SdkParticipant;
  stream: { id: string; track: SpeakerTrack } | undefined;
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
  readonly #subscriptions = new Map<string, SpeakerDownsampler>();

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
    const ear: SpeakerDownsampler = { participant, stream: undefined, asks: 0, timer: undefined };
    this.#subscriptions.set(participant.id, ear);
    participant.on('stream-enabled', (stream) => this.#start(ear, stream));
    participant.on('stream-disabled', (stream) => {
      if (ear.stream?.id === stream.id) this.#stop(ear);
    });
    participant.on('media-status-changed', ({ kind, newStatus }) => {
      if (kind !== 'audio' || !newStatus) return;
      ear.asks = 0;
      this.#askLater(ear, STREAM_WAIT_MS);
    });
    for (const stream of participant.streams.values()) this.#start(ear, stream);
    if (ear.stream === undefined) this.#ask(ear);
  }

  detach(participantId: string): void {
    const ear = this.#subscriptions.get(participantId);
    if (ear === undefined) return;
    this.#subscriptions.delete(participantId);
    ear.timer?.cancel();
    this.#stop(ear);
  }

  detachAll(): void {
    for (const id of [...this.#subscriptions.keys()]) this.detach(id);
  }

  #start(ear: SpeakerDownsampler, stream: SdkStream): void {
    const { id } = ear.participant;
    if (stream.kind !== 'audio' || this.#subscriptions.get(id) !== ear || ear.stream?.id === stream.id)
      return;
    this.#stop(ear);
    ear.timer?.cancel();
    const track = new SpeakerTrack(this.#wrtc, stream.track, (frame) => this.#events.onFrame(id, frame));
    ear.stream = { id: stream.id, track };
    this.#events.onStarted(id);
  }

  #stop(ear: SpeakerDownsampler): void {
    if (ear.stream === undefined) return;
    ear.stream.track.stop();
    ear.stream = undefined;
    this.#events.onStopped(ear.participant.id);
  }

  #ask(ear: SpeakerDownsampler): void {
    ear.asks++;
    ear.participant.consumeMicStreams().then(
      () => {
        if (ear.participant.micOn) this.#askLater(ear, STREAM_WAIT_MS);
      },
      (error: unknown) => {
        if (this.#subscriptions.get(ear.participant.id) !== ear) return;
        this.#events.onProblem(`the audio of ${ear.participant.id} is not given to us: ${messageOf(error)}`);
        this.#askLater(ear, Math.min(1_000 * 2 ** ear.asks, MAX_ASK_DELAY_MS));
      },
    );
  }

  #askLater(ear: SpeakerDownsampler, delayMs: number): void {
    if (
      this.#subscriptions.get(ear.participant.id) !== ear ||
      ear.stream !== undefined ||
      ear.asks >= MAX_ASKS
    )
      return;
    ear.timer?.cancel();
    ear.timer = this.#clock.setTimer(() => {
      if (ear.stream === undefined) this.#ask(ear);
    }, delayMs);
  }
}
