import { ParleyError } from '../errors.js';
import { printable } from './printable.js';
import { checkLength, type Sound, type SoundFormat } from './sound.js';

/** A recording that is joined behind another: how long it is in bytes, and how it is opened. */
export type LaterSound = { sizeBytes: number; open: () => Promise<Sound> };

/** Recordings of one format, one after the other. Those behind the first that cannot be read are left out, and told. */
export class JoinedSound implements Sound {
  readonly format: SoundFormat;
  #sound: Sound;
  #later: readonly LaterSound[];
  #earlierWarnings: string[] = [];
  #frames = 0;
  #leftOut: { sizeBytes: number; problem: string } | undefined;

  constructor(first: Sound, later: readonly LaterSound[]) {
    this.#sound = first;
    this.#later = later;
    this.format = { ...first.format, declaredMs: undefined };
  }

  async read(): Promise<Int16Array | undefined> {
    let samples = await this.#sound.read();
    while (samples === undefined) {
      const [next, ...others] = this.#later;
      if (next === undefined) return undefined;
      this.#later = others;
      samples = await this.#begin(next);
    }
    this.#frames += samples.length / this.format.channelCount;
    checkLength((this.#frames * 1000) / this.format.sampleRateHz);
    return samples;
  }

  warnings(): string[] {
    const read = [...new Set([...this.#earlierWarnings, ...this.#sound.warnings()])];
    if (this.#leftOut === undefined) return read;
    const { sizeBytes, problem } = this.#leftOut;
    const mib = (sizeBytes / 2 ** 20).toFixed(1);
    return [...read, `another recording is joined behind it, ${mib} MiB that were not read: ${problem}`];
  }

  close(): Promise<void> {
    return this.#sound.close();
  }

  /** The beginning of the next recording; undefined where there is none to be had. */
  async #begin(next: LaterSound): Promise<Int16Array | undefined> {
    await this.#sound.close();
    const earlier = [...this.#earlierWarnings, ...this.#sound.warnings()];
    let sound: Sound | undefined;
    try {
      sound = await next.open();
      const problem = this.#problemOf(sound.format);
      const samples = problem === undefined ? await sound.read() : undefined;
      if (problem === undefined) {
        this.#sound = sound;
        this.#earlierWarnings = [...new Set(earlier)];
        return samples;
      }
      await sound.close();
      this.#leaveOut(next, problem);
    } catch (error) {
      await sound?.close();
      if (!(error instanceof ParleyError) || error.code === 'internal') throw error;
      this.#leaveOut(next, printable(error.message));
    }
    return undefined;
  }

  #problemOf({ sampleRateHz, channelCount }: SoundFormat): string | undefined {
    const same = sampleRateHz === this.format.sampleRateHz && channelCount === this.format.channelCount;
    return same ? undefined : 'it has another format';
  }

  #leaveOut({ sizeBytes }: LaterSound, problem: string): void {
    this.#leftOut = {
      sizeBytes: (this.#leftOut?.sizeBytes ?? 0) + sizeBytes,
      problem: this.#leftOut?.problem ?? problem,
    };
  }
}
