import type { Caption } from '../../src/captions/caption.js';

/** A final caption of Ana, in Spanish and English, but for what is changed. */
export function captionOf(change: Partial<Caption> = {}): Caption {
  const turnId = change.turnId ?? 't1';
  return {
    v: 2,
    kind: 'speech',
    segmentId: `${turnId}#${change.part ?? 0}`,
    turnId,
    part: 0,
    speakerId: 'ana',
    speakerName: 'Ana',
    sourceLanguage: 'es',
    targetLanguage: 'en',
    sourceText: 'Hola.',
    translatedText: 'Hello.',
    original: true,
    final: true,
    startMs: 1_000,
    endMs: 2_000,
    ...change,
  };
}
