/** Raises the speech of people whose microphones are very quiet, and tells of them once. */
import { AutomaticGain } from '../../../audio/index.js';
import type { MicrophoneStage, OnCleaned } from './microphone-stage.js';

/** The gains of one meeting's microphones. */
export class QuietMicrophones {
  readonly #onQuiet: (participantId: string) => void;
  readonly #gains = new Map<string, AutomaticGain>();

  /** @param onQuiet told once of each whose microphone turns out to be very quiet */
  constructor(onQuiet: (participantId: string) => void) {
    this.#onQuiet = onQuiet;
  }

  /** Microphones that are raised at present. */
  get raised(): number {
    let count = 0;
    for (const { gainDb } of this.#gains.values()) if (gainDb > 0) count++;
    return count;
  }

  /** A microphone to be raised where that is needed. */
  microphone(participantId: string, onCleaned: OnCleaned): MicrophoneStage {
    const gain = new AutomaticGain();
    this.#gains.set(participantId, gain);
    let told = false;
    let own = new Int16Array(0);
    return {
      push: (samples, atMs) => {
        if (own.length < samples.length) own = new Int16Array(samples.length);
        const raised = own.subarray(0, samples.length);
        raised.set(samples);
        gain.process(raised);
        onCleaned(raised, atMs);
        if (told || !gain.isVeryQuiet) return;
        told = true;
        this.#onQuiet(participantId);
      },
      flush: () => undefined,
      close: () => {
        if (this.#gains.get(participantId) === gain) this.#gains.delete(participantId);
      },
    };
  }
}
