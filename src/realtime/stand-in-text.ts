/** What the embedded server says where it has no translation: everybody who counts translations must be able to tell. */

const PLAYED_BACK = /^\[not in the phrasebook: \d+\.\d s played back\]$/;

/** The transcript of speech that the embedded server plays back, since it is not in its phrasebook. */
export function playedBackText(durationMs: number): string {
  return `[not in the phrasebook: ${(durationMs / 1_000).toFixed(1)} s played back]`;
}

/** Whether a "translation" is none: {@link playedBackText}. No model says this. */
export function isPlayedBack(translatedText: string): boolean {
  return PLAYED_BACK.test(translatedText.trim());
}
