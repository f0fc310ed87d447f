import { type LanguageTag, spokenLanguage } from '../../languages/languages.js';
import type { MeetingPerson } from '../meeting-events.js';

/** What these people prefer to hear: one tag of each spoken language, in the order of people. */
export function preferredLanguages(people: readonly Pick<MeetingPerson, 'prefers'>[]): LanguageTag[] {
  const bySpoken = new Map<string, LanguageTag>();
  for (const { prefers } of people) {
    if (prefers !== undefined && !bySpoken.has(spokenLanguage(prefers)))
      bySpoken.set(spokenLanguage(prefers), prefers);
  }
  return [...bySpoken.values()];
}
