import { html, type TemplateResult } from 'lit';

/** Words with the places of a search in them: `matches` is where those begin and end. */
export type Quote = {
  readonly text: string;
  readonly matches: readonly (readonly [number, number])[];
};

/** A quote with its hits marked: as text, whatever it holds. */
export function markedQuote({ text: words, matches }: Quote): (TemplateResult | string)[] {
  const parts: (TemplateResult | string)[] = [];
  let at = 0;
  for (const [begin, end] of matches) {
    if (begin < at) continue;
    parts.push(words.slice(at, begin), html`<mark>${words.slice(begin, end)}</mark>`);
    at = end;
  }
  return [...parts, words.slice(at)];
}
