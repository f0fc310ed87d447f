/**
 * Which languages a text may be in, by eld (Apache-2.0): n-grams of 60 languages. Its smallest tables judge sentences as well as
 * the larger ones, and take 30 MB of heap; they are loaded once per process, when they are first needed.
 */
import { type LanguageTag, spokenLanguage } from './languages.js';

/** Languages as the detector names them, mostly ISO 639-1: see {@link LanguageDetector.nameOf}. */
export interface LanguageDetector {
  /** What the detector calls the spoken language of a tag; undefined where it does not know it. */
  nameOf(tag: LanguageTag): string | undefined;
  /** Whether it tells a language, by its name, in texts of this script (ISO 15924). */
  tells(name: string, script: string): boolean;
  /**
   * How well a text fits each language, 0 to 1, the best first; languages that it does not fit at all are missing. Only the
   * first {@link DETECTED_BYTES} of it count.
   */
  scoresOf(text: string): readonly LanguageScore[];
}

/** See {@link LanguageDetector.scoresOf}. */
export type LanguageScore = { readonly language: string; readonly score: number };

/** Known by another code: one language of several close ones stands for them. */
const KNOWN_AS: Readonly<Record<string, string>> = { id: 'ms', fil: 'tl', yue: 'zh', bs: 'hr', ckb: 'ku' };

/** Written in other scripts than their usual one in the texts that it was made from, or in several. */
const TOLD_IN: Readonly<Record<string, readonly string[]>> = {
  ja: ['Hani', 'Hira', 'Kana'],
  ko: ['Hang'],
  ku: ['Arab'],
  sr: ['Cyrl', 'Latn'],
  zh: ['Hani'],
};

/** It looks at so many bytes of a text, and at nothing behind them. */
export const DETECTED_BYTES = 350;

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
    tells(name, script) {
      return known.has(name) && (TOLD_IN[name] ?? [new Intl.Locale(name).maximize().script]).includes(script);
    },
    scoresOf(text) {
      const scores = Object.entries(eld.detect(text).getScores());
      return scores.map(([language, score]) => ({ language, score })).sort((a, b) => b.score - a.score);
    },
  };
}
