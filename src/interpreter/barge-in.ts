/** When somebody who starts to speak silences the interpreter. */

/**
 * `others`: anyone but the person whose words are being spoken. `any`: everyone, that person included (the literal form
 * of the API's guides). `off`: nobody.
 */
export type BargeInPolicy = 'others' | 'any' | 'off';

/** Whether `startedBy`, who has just started to speak, clears a playback of words that `spokenFor` said. */
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
