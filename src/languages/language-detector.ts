/**
 * Which languages a text may be in, by eld (Apache-2.0): n-grams of 60 languages. Its smallest tables judge sentences as well as
 * the larger ones, and take 30 MB of heap; they are loaded once per process, when they are first needed.
 */
import { type LanguageTag, spokenLanguage } from './languages.js';

/** Languages as the detector names them, mostly ISO 639-1: see {@link LanguageDetector.nameOf}. */
export interface LanguageDetector {
  /** What the detector calls the spoken language of a tag; undefined where it does not know it. */
  nameOf(tag: LanguageTag): string | undefined;
  /** How well a text fits each language, 0 to 1, the best first; languages that it does not fit at all are missing. */
  scoresOf(text: string): readonly LanguageScore[];
}

/** See {@link LanguageDetector.scoresOf}. */
export type LanguageScore = { readonly language: string; readonly score: number };

/** Known by another code: one language of several close ones stands for them. */
const KNOWN_AS: Readonly<Record<string, string>> = { id: 'ms', fil: 'tl', yue: 'zh', bs: 'hr', ckb: 'ku' };

let loaded: Promise<LanguageDetector> | undefined;

/** The detector of this process. */
export function loadLanguageDetector(): Promise<LanguageDetector> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<LanguageDetector> {
  const { eld } = await import('eld/extrasmall');
  const known = new Set(Object.values(eld.info().Languages));
  return {
    nameOf(tag) {
      const spoken = spokenLanguage(tag);
      const name = KNOWN_AS[spoken] ?? spoken;
      return known.has(name) ? name : undefined;
    },
    scoresOf(text) {
      const scores = Object.entries(eld.detect(text).getScores());
      return scores.map(([language, score]) => ({ language, score })).sort((a, b) => b.score - a.score);
    },
  };
}
