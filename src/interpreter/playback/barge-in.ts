/** When somebody who starts to speak silences the interpreter. */

/**
 * `others`: anyone but the person whose words are being spoken. `any`: everyone, that person included (the literal form
 * of the API's guides). `off`: nobody.
 */
export type BargeInPolicy = 'others' | 'any' | 'off';

/** Whether `startedBy`, who has just started to speak, may clear a playback of words that `spokenFor` said. */
export function clearsPlayback(policy: BargeInPolicy, startedBy: string, spokenFor: string): boolean {
  switch (policy) {
    case 'off':
      return false;
    case 'any':
      return true;
    case 'others':
      return startedBy !== spokenFor;
  }
}

/** A speech detector goes on for so long after the sound has ended. */
const DETECTED_LATER_MS = 90;

/** How barge-in behaves. */
export type BargeInOptions = {
  policy: BargeInPolicy;
  /** How long speech lasts before it silences the voice. */
  minMs: number;
  /** A sound that is over after so long was no interruption: the voice goes on from where it was silenced. */
  backchannelMaxMs: number;
};

/**
 * Who talks over one voice. Speech that begins while the voice speaks somebody else's words turns it down at once, silences it
 * when it has lasted a while, and clears it when it has lasted so long that it is no backchannel ("mhm", "ja"): one that is over
 * before that gives the word back, and the voice goes on. Whoever was speaking already does nothing of it.
 */
export class BargeIn {
  #options: BargeInOptions;
  /** Whose present speech is known. */
  readonly #speaking = new Set<string>();
  /** Those of them who began while the voice spoke, and whether that has silenced it. */
  readonly #talkingOver = new Map<string, boolean>();

  constructor(options: BargeInOptions) {
    this.#options = options;
  }

  /** From now on, for speech that begins and speech that goes on. */
  configure(options: BargeInOptions): void {
    this.#options = options;
  }

  /**
   * Somebody speaks, for `lastedMs` until now; 0 when they stopped. `spokenFor` is whose words the voice speaks, undefined
   * while it is silent. Returns whether the voice is to be cleared.
   */
  heard(speakerId: string, lastedMs: number, spokenFor: string | undefined): boolean {
    if (lastedMs <= 0) {
      this.#speaking.delete(speakerId);
      this.#talkingOver.delete(speakerId);
      return false;
    }
    const begins = !this.#speaking.has(speakerId);
    this.#speaking.add(speakerId);
    if (spokenFor === undefined || !this.clears(speakerId, spokenFor)) return false;
    if (!begins && !this.#talkingOver.has(speakerId)) return false;
    const { minMs, backchannelMaxMs } = this.#options;
    this.#talkingOver.set(speakerId, lastedMs >= minMs);
    return lastedMs >= (backchannelMaxMs > 0 ? Math.max(minMs, backchannelMaxMs + DETECTED_LATER_MS) : minMs);
  }

  /** Whether words of `spokenFor` are to be turned down. */
  ducks(spokenFor: string): boolean {
    for (const id of this.#talkingOver.keys()) if (this.clears(id, spokenFor)) return true;
    return false;
  }

  /** Whether words of `spokenFor` are to wait: they may go on soon. */
  holds(spokenFor: string): boolean {
    for (const [id, silences] of this.#talkingOver) if (silences && this.clears(id, spokenFor)) return true;
    return false;
  }

  /** Whether `speakerId` clears words of `spokenFor` that wait, too: their own wait on. */
  clears(speakerId: string, spokenFor: string): boolean {
    return clearsPlayback(this.#options.policy, speakerId, spokenFor);
  }

  /** The voice is silent: nobody talks over it any more. */
  silent(): void {
    this.#talkingOver.clear();
  }
}
