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

/**
 * Who talks over one voice. Speech that begins while the voice speaks somebody else's words turns it down at once, and
 * clears it when it has lasted long enough: a cough is over before that. Whoever was speaking already does neither.
 */
export class BargeIn {
  #policy: BargeInPolicy;
  #minMs: number;
  /** Whose present speech is known. */
  readonly #speaking = new Set<string>();
  /** Those of them who began while the voice spoke. */
  readonly #talkingOver = new Set<string>();

  constructor(policy: BargeInPolicy, minMs: number) {
    this.#policy = policy;
    this.#minMs = minMs;
  }

  /** From now on, for speech that begins and speech that goes on. */
  configure(policy: BargeInPolicy, minMs: number): void {
    this.#policy = policy;
    this.#minMs = minMs;
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
    if (spokenFor === undefined || !clearsPlayback(this.#policy, speakerId, spokenFor)) return false;
    if (begins) this.#talkingOver.add(speakerId);
    return lastedMs >= this.#minMs && this.#talkingOver.has(speakerId);
  }

  /** Whether words of `spokenFor` are to be turned down. */
  ducks(spokenFor: string): boolean {
    for (const id of this.#talkingOver) if (clearsPlayback(this.#policy, id, spokenFor)) return true;
    return false;
  }

  /** Whether `speakerId` clears words of `spokenFor` that wait, too: their own wait on. */
  clears(speakerId: string, spokenFor: string): boolean {
    return clearsPlayback(this.#policy, speakerId, spokenFor);
  }

  /** The voice is silent: nobody talks over it any more. */
  silent(): void {
    this.#talkingOver.clear();
  }
}
