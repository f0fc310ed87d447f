/** The summary of a profile. Pure: the same profile gives the same text ("deterministic", Quick Start). */
import { languageName, parseLanguage } from '../../languages/languages.js';
import type { Memory } from './memory.js';
import type { Traits } from './requests.js';

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/** Who somebody is, what their notes say, and what is remembered of them, the latest first; whole sentences while they fit. */
export function summarise(traits: Traits, memories: readonly Memory[], maxChars: number): string {
  const remembered = memories.filter(({ source }) => source === 'memory').map(({ text }) => text);
  const parts = [introduction(traits), traits.notes ?? '', ...remembered.reverse()];
  let summary = '';
  for (const part of parts) {
    for (const sentence of sentencesOf(part)) {
      const longer = summary === '' ? sentence : `${summary} ${sentence}`;
      if (longer.length > maxChars) return summary === '' ? cutAtWord(sentence, maxChars) : summary;
      summary = longer;
    }
  }
  return summary;
}

function introduction({ name, locale, timezone }: Traits): string {
  const language = locale === undefined ? undefined : parseLanguage(locale);
  const facts = [
    ...(language === undefined ? [] : [`speaks ${languageName(language)}`]),
    ...(timezone === undefined ? [] : [`is in time zone ${timezone}`]),
  ].join(' and ');
  if (name === undefined) return facts === '' ? '' : `The user ${facts}.`;
  return facts === '' ? `The user is ${name}.` : `${name} ${facts}.`;
}

/** Each ends in a full stop or what it had. */
function sentencesOf(text: string): string[] {
  return [...sentences.segment(text.trim())]
    .map(({ segment }) => segment.trim())
    .filter((sentence) => sentence !== '')
    .map((sentence) => (/[\p{L}\p{N}]$/u.test(sentence) ? `${sentence}.` : sentence));
}

function cutAtWord(text: string, maxChars: number): string {
  const cut = text.slice(0, maxChars).replace(/[\uD800-\uDBFF]$/, '');
  const atWord = cut.replace(/\s\S*$/, '');
  return atWord === '' ? cut : atWord;
}
