/** Terms and how they are to be translated, per pair of languages, from a file of the host's. Pure. */
import { z } from 'zod';
import { ParleyError } from '../../errors.js';
import { type LanguageTag, parseLanguage, sameLanguage } from '../../languages/languages.js';

/** Terms that a file may hold. */
const MAX_ENTRIES = 5_000;
/** Terms, and characters of them, that go into one route's instructions. */
const MAX_ROUTE_ENTRIES = 100;
const MAX_ROUTE_CHARS = 4_000;

/** A term of the source language, and what it is in the target language. Both are untrusted text. */
export type GlossaryEntry = { readonly source: string; readonly target: string };

/** The terms from one language into another; undefined stands for any language. */
type GlossaryPair = {
  readonly from: LanguageTag | undefined;
  readonly to: LanguageTag | undefined;
  readonly entries: readonly GlossaryEntry[];
};
export type Glossary = readonly GlossaryPair[];

/** What a route translates, and into what. */
type RouteLanguages = { readonly from: readonly LanguageTag[]; readonly to: LanguageTag };

const fileSchema = z.record(z.string(), z.record(z.string(), z.string()));

/**
 * Reads `{"es>en": {"acta": "minutes"}, "*>*": {"Parley": "Parley"}}`: each key is a pair of languages (tags or names), `*`
 * any language. Throws ParleyError `config` that names `fileName` and what is wrong in it.
 */
export function parseGlossary(json: unknown, fileName: string): Glossary {
  const { data } = fileSchema.safeParse(json);
  const refuse = (problem: string) => new ParleyError('config', `${fileName} ${problem}`);
  if (data === undefined)
    throw refuse('is no glossary: write it like {"es>en": {"acta": "minutes"}, "*>*": {"Parley": "Parley"}}');
  const pairs = Object.entries(data).map(([key, terms]): GlossaryPair => {
    const sides = key.split('>').map((side) => sideOf(side.trim()));
    const [from, to] = sides;
    if (sides.length !== 2 || from === undefined || to === undefined)
      throw refuse(`has ${shown(key)} for a pair of languages: write it like es>en, with * for any language`);
    const entries = Object.entries(terms).map(([source, target]) => ({ source, target }));
    const empty = entries.find(({ source, target }) => source.trim() === '' || target.trim() === '');
    if (empty !== undefined)
      throw refuse(`has a term without a translation in ${shown(key)}: ${shown(empty.source)}`);
    return { from: from.tag, to: to.tag, entries };
  });
  const count = pairs.reduce((sum, { entries }) => sum + entries.length, 0);
  if (count > MAX_ENTRIES) throw refuse(`has ${count} terms: ${MAX_ENTRIES} are allowed`);
  return pairs;
}

/** Whether any term is meant for this route. */
export function hasTermsFor(glossary: Glossary, route: RouteLanguages): boolean {
  return glossary.some((pair) => pair.entries.length > 0 && fits(pair, route));
}

/**
 * The terms for one route, those of its own pair of languages first; of one term in several pairs the first counts. What
 * does not fit into instructions is left out and counted. Where the source is not known, every source's terms count.
 */
export function termsFor(
  glossary: Glossary,
  route: RouteLanguages,
): { entries: readonly GlossaryEntry[]; leftOut: number } {
  const wildcards = ({ from, to }: GlossaryPair): number =>
    Number(from === undefined) + Number(to === undefined);
  const chosen = new Map<string, GlossaryEntry>();
  let chars = 0;
  let leftOut = 0;
  for (const { entries } of glossary
    .filter((pair) => fits(pair, route))
    .sort((a, b) => wildcards(a) - wildcards(b))) {
    for (const entry of entries) {
      const key = entry.source.normalize('NFC').trim().toLowerCase();
      if (chosen.has(key)) continue;
      const entryChars = entry.source.length + entry.target.length;
      if (chosen.size >= MAX_ROUTE_ENTRIES || chars + entryChars > MAX_ROUTE_CHARS) {
        leftOut++;
        continue;
      }
      chars += entryChars;
      chosen.set(key, entry);
    }
  }
  return { entries: [...chosen.values()], leftOut };
}

function fits({ from, to }: GlossaryPair, route: RouteLanguages): boolean {
  return (
    (to === undefined || sameLanguage(to, route.to)) &&
    (from === undefined ||
      (route.from.length === 0
        ? !sameLanguage(from, route.to)
        : route.from.some((tag) => sameLanguage(tag, from))))
  );
}

/** One side of a pair: a language, any (without a tag), or undefined for neither. */
function sideOf(text: string): { tag: LanguageTag | undefined } | undefined {
  if (text === '*') return { tag: undefined };
  const tag = parseLanguage(text);
  return tag === undefined ? undefined : { tag };
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
}
