/** The sound of shared screens, interpreted as if whoever shares it said it. */
import { type AudioFrame, InputAdapter, TimedMixer } from '../../../audio/index.js';
import { ROOM_RATE_HZ } from '../../../audio/rates.js';
import type { OnAudio } from '../../room/room.js';

/** One person's microphone and shared sound, added up while both come. */
type Share = {
  readonly mixer: TimedMixer;
  readonly microphone: InputAdapter;
  readonly sound: InputAdapter;
  readonly frame: AudioFrame;
};

/** What people say and what their shared screens play, as one stream of frames per person. */
export class SharedSound {
  readonly #onAudio: OnAudio;
  readonly #shares = new Map<string, Share>();

  constructor(onAudio: OnAudio) {
    this.#onAudio = onAudio;
  }

  /** One frame of somebody's microphone. */
  hear(participantId: string, frame: AudioFrame, atMs: number): void {
    const share = this.#shares.get(participantId);
    if (share === undefined) this.#onAudio(participantId, frame, atMs);
    else share.mixer.push(share.microphone.process(frame), atMs);
  }

  /** One frame of the sound of somebody's shared screen. */
  play(participantId: string, frame: AudioFrame, atMs: number): void {
    const share = this.#shares.get(participantId) ?? this.#begin(participantId);
    share.mixer.push(share.sound.process(frame), atMs);
  }

  /** The shared sound ends here, or its owner is gone. */
  end(participantId: string): void {
    const share = this.#shares.get(participantId);
    if (share === undefined) return;
    share.mixer.flush();
    this.#shares.delete(participantId);
    share.microphone.close();
    share.sound.close();
  }

  /** Nobody shares anything any more. */
  endAll(): void {
    for (const id of [...this.#shares.keys()]) this.end(id);
  }

  #begin(participantId: string): Share {
    const frame: AudioFrame = { samples: new Int16Array(0), sampleRateHz: ROOM_RATE_HZ, channelCount: 1 };
    const mixer = new TimedMixer({
      sampleRateHz: ROOM_RATE_HZ,
      onMixed: (samples, atMs) => {
        frame.samples = samples;
        this.#onAudio(participantId, frame, atMs);
      },
    });
    const share = { mixer, microphone: new InputAdapter(), sound: new InputAdapter(), frame };
    this.#shares.set(participantId, share);
    return share;
  }
}
