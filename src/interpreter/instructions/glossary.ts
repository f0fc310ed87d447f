/** Terms and how they are to be translated, per pair of languages, by the host's word. Pure. */
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

/** Terms as they stand in JSON: by pair of languages, such as `{"es>en": {"acta": "minutes"}}`. */
export const glossarySchema = z
  .record(z.string(), z.record(z.string(), z.string()))
  .superRefine((terms, context) => {
    for (const { path, problem } of problemsOf(terms))
      context.addIssue({ code: 'custom', path, message: problem });
  });
/** What {@link glossarySchema} reads. */
export type GlossaryJson = z.infer<typeof glossarySchema>;

/**
 * Reads `{"es>en": {"acta": "minutes"}, "*>*": {"Parley": "Parley"}}`: each key is a pair of languages (tags or names), `*`
 * any language. Throws ParleyError `config` that names `fileName` and what is wrong in it.
 */
export function parseGlossary(json: unknown, fileName: string): Glossary {
  const { data, error } = glossarySchema.safeParse(json);
  if (data !== undefined) return glossaryOf(data);
  const problem = error.issues.find(({ code }) => code === 'custom')?.message;
  throw new ParleyError(
    'config',
    problem === undefined
      ? `${fileName} is no glossary: write it like {"es>en": {"acta": "minutes"}, "*>*": {"Parley": "Parley"}}`
      : `${fileName}: ${problem}`,
  );
}

/** The glossary of terms that {@link glossarySchema} has read. */
export function glossaryOf(terms: GlossaryJson): Glossary {
  return Object.entries(terms).flatMap(([key, pairTerms]): GlossaryPair[] => {
    const pair = pairOf(key);
    if (pair === undefined) return [];
    const entries = Object.entries(pairTerms).map(([source, target]) => ({ source, target }));
    return [{ from: pair.from.tag, to: pair.to.tag, entries }];
  });
}

function problemsOf(terms: GlossaryJson): { path: string[]; problem: string }[] {
  const problems: { path: string[]; problem: string }[] = [];
  let count = 0;
  for (const [key, pairTerms] of Object.entries(terms)) {
    if (pairOf(key) === undefined)
      problems.push({
        path: [key],
        problem: `${shown(key)} is no pair of languages: write it like es>en, with * for any language`,
      });
    for (const [source, target] of Object.entries(pairTerms)) {
      count++;
      if (source.trim() === '' || target.trim() === '')
        problems.push({
          path: [key, source],
          problem: `a term in ${shown(key)} has no translation: ${shown(source)}`,
        });
    }
  }
  if (count > MAX_ENTRIES)
    problems.push({ path: [], problem: `it has ${count} terms: ${MAX_ENTRIES} are allowed` });
  return problems;
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

/** Both sides of a key such as `es>en`; undefined for a text that is none. */
function pairOf(key: string): { from: Side; to: Side } | undefined {
  const [from, to, ...more] = key.split('>').map((side) => sideOf(side.trim()));
  return from === undefined || to === undefined || more.length > 0 ? undefined : { from, to };
}

type Side = { tag: LanguageTag | undefined };

/** One side of a pair: a language, any (without a tag), or undefined for neither. */
function sideOf(text: string): Side | undefined {
  if (text === '*') return { tag: undefined };
  const tag = parseLanguage(text);
  return tag === undefined ? undefined : { tag };
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 39)}…` : text);
}
