import type { AudioFrame } from '../../../audio/index.js';
import type { Clock, TimerHandle } from '../../clock.js';
import { isBotId } from '../room.js';
import { SpeakerTrack } from '../webrtc/speaker-track.js';
import type { SdkMediaStream, SdkTrack, Wrtc } from '../webrtc/wrtc-types.js';
import { AUDIO_TRACK, SCREEN_SHARE_AUDIO_TRACK } from './sdk-types.js';
import type { NamedSession } from './sessions.js';

/** A microphone that is on has brought its sound after this long, or the host is told. */
const STREAM_WAIT_MS = 10_000;

type SessionAudioEvents = {
  onStarted(participantId: string): void;
  onStopped(participantId: string): void;
  onFrame(participantId: string, frame: AudioFrame): void;
  onShareStarted(participantId: string): void;
  onShareStopped(participantId: string): void;
  /** Absent: the sound of shared screens is not received. */
  onShareFrame?(participantId: string, frame: AudioFrame): void;
  onProblem(text: string): void;
};

type Heard = { track: SdkTrack; speaker: SpeakerTrack | undefined };
type Ear = { microphone: Heard | undefined; share: Heard | undefined; wait: TimerHandle | undefined };

/**
 * Everyone's microphones and shared screens, never an interpreter's. The service sends each participant's audio by itself; whether a
 * track is on says the list of what they publish, since its stream stays after a mute.
 */
export class SessionAudio {
  readonly #wrtc: Wrtc;
  readonly #clock: Clock;
  readonly #events: SessionAudioEvents;
  readonly #ears = new Map<string, Ear>();

  constructor(wrtc: Wrtc, clock: Clock, events: SessionAudioEvents) {
    this.#wrtc = wrtc;
    this.#clock = clock;
    this.#events = events;
  }

  /** These are there, as they are now. */
  follow(sessions: readonly NamedSession[]): void {
    const present = new Set(sessions.map(({ id }) => id));
    for (const id of [...this.#ears.keys()]) if (!present.has(id)) this.detach(id);
    for (const named of sessions) if (!isBotId(named.id)) this.#follow(named);
  }

  detach(id: string): void {
    const ear = this.#ears.get(id);
    if (ear === undefined) return;
    this.#ears.delete(id);
    ear.wait?.cancel();
    this.#hearMicrophone(id, ear, undefined);
    this.#hearShare(id, ear, undefined);
  }

  detachAll(): void {
    for (const id of [...this.#ears.keys()]) this.detach(id);
  }

  #follow({ id, session }: NamedSession): void {
    let ear = this.#ears.get(id);
    if (ear === undefined) {
      ear = { microphone: undefined, share: undefined, wait: undefined };
      this.#ears.set(id, ear);
    }
    const isOn = session.publishedTracks.includes(AUDIO_TRACK);
    const track = isOn ? audioTrackOf(session.audioStream) : undefined;
    this.#hearMicrophone(id, ear, track);
    const sharesSound = session.publishedTracks.includes(SCREEN_SHARE_AUDIO_TRACK);
    this.#hearShare(id, ear, sharesSound ? audioTrackOf(session.screenShareAudioStream) : undefined);
    this.#awaitStream(id, ear, isOn && track === undefined);
  }

  #hearMicrophone(id: string, ear: Ear, track: SdkTrack | undefined): void {
    if (ear.microphone?.track === track) return;
    ear.microphone?.speaker?.stop();
    if (ear.microphone !== undefined) this.#events.onStopped(id);
    ear.microphone = undefined;
    if (track === undefined) return;
    const speaker = new SpeakerTrack(this.#wrtc, track, (frame) => this.#events.onFrame(id, frame));
    ear.microphone = { track, speaker };
    this.#events.onStarted(id);
  }

  #hearShare(id: string, ear: Ear, track: SdkTrack | undefined): void {
    if (ear.share?.track === track) return;
    ear.share?.speaker?.stop();
    if (ear.share !== undefined) this.#events.onShareStopped(id);
    ear.share = undefined;
    if (track === undefined) return;
    const speaker =
      this.#events.onShareFrame === undefined
        ? undefined
        : new SpeakerTrack(this.#wrtc, track, (frame) => this.#events.onShareFrame?.(id, frame));
    ear.share = { track, speaker };
    this.#events.onShareStarted(id);
  }

  #awaitStream(id: string, ear: Ear, isMissing: boolean): void {
    if (!isMissing) {
      ear.wait?.cancel();
      ear.wait = undefined;
      return;
    }
    ear.wait ??= this.#clock.setTimer(() => {
      this.#events.onProblem(`the microphone of ${id} is on, and its sound does not come`);
    }, STREAM_WAIT_MS);
  }
}

function audioTrackOf(stream: SdkMediaStream | undefined): SdkTrack | undefined {
  return stream?.getTracks().find(({ kind, readyState }) => kind === 'audio' && readyState === 'live');
}
