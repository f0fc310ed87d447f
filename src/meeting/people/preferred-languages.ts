import { type LanguageTag, sameLanguage, spokenLanguage } from '../../languages/languages.js';
import type { MeetingPerson } from '../meeting-events.js';

/**
 * What these people prefer to hear: one tag of each spoken language, in the order of people. `offered`: the only languages to be
 * had; empty: any.
 */
export function preferredLanguages(
  people: readonly Pick<MeetingPerson, 'prefers'>[],
  offered: readonly LanguageTag[],
): LanguageTag[] {
  const isOffered = (tag: LanguageTag): boolean =>
    offered.length === 0 || offered.some((language) => sameLanguage(language, tag));
  const bySpoken = new Map<string, LanguageTag>();
  for (const { prefers } of people) {
    if (prefers !== undefined && isOffered(prefers) && !bySpoken.has(spokenLanguage(prefers)))
      bySpoken.set(spokenLanguage(prefers), prefers);
  }
  return [...bySpoken.values()];
}
