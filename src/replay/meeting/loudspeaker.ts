import { type AudioFrame, mix } from '../../../audio/index.js';
import { AcousticRoom } from '../../room/testing/acoustic-room.js';
import { FRAME_SAMPLES } from '../recording/recorded-frames.js';

/**
 * Somebody who listens without headphones: what they hear of the interpreter comes back through their microphone.
 * Frames are 10 ms of 48 kHz mono.
 */
export class Loudspeaker {
  readonly #room: AcousticRoom;
  readonly #plays: (participantId: string) => boolean;
  /** What is played from now on, and what was played until now. */
  #playing = new Int16Array(FRAME_SAMPLES);
  #played = new Int16Array(FRAME_SAMPLES);
  readonly #echo = new Int16Array(FRAME_SAMPLES);

  /** `plays`: whom of the others they hear through it. */
  constructor(options: { delayMs: number; levelDb: number; plays: (participantId: string) => boolean }) {
    const { delayMs, levelDb, plays } = options;
    this.#room = new AcousticRoom({ delayMs, levelDb });
    this.#plays = plays;
  }

  /** A frame of somebody, heard from now on. */
  hear(participantId: string, { samples }: AudioFrame): void {
    if (this.#plays(participantId)) mix([this.#playing, samples], this.#playing);
  }

  /** Adds the echo of the last 10 ms to what the microphone picked up in them. */
  pickUp({ samples }: AudioFrame): void {
    const echo = this.#room.play(this.#played);
    for (let index = 0; index < echo.length; index++) this.#echo[index] = Math.round(echo[index]!);
    mix([samples, this.#echo], samples);
    [this.#played, this.#playing] = [this.#playing, this.#played];
    this.#playing.fill(0);
  }
}
