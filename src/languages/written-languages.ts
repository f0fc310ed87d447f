/** Languages as they are written: one spoken language may have several writings, whose readers want each their own. */
import { BoundedMap } from '../bounded-map.js';
import { type LanguageTag, sameLanguage } from './languages.js';

/** Written as another one is. */
const WRITTEN_AS: ReadonlyMap<string, string> = new Map([['no', 'nb']]);
/** By language, the usual written standard's regions, or those of another one, and what the other one is called. */
const STANDARDS: ReadonlyMap<
  string,
  { readonly other: string; readonly isOther: (region: string) => boolean }
> = new Map([
  ['pt', { other: 'PT', isOther: (region: string) => region !== 'BR' }],
  ['es', { other: '419', isOther: (region: string) => LATIN_AMERICA.has(region) }],
]);
const LATIN_AMERICA = new Set(
  '419 AR BO BR BZ CL CO CR CU DO EC GT HN MX NI PA PE PR PY SV US UY VE 005 013 019'.split(' '),
);
const MAX_REMEMBERED_TAGS = 1_000;

const remembered = new BoundedMap<string>(MAX_REMEMBERED_TAGS);

/**
 * The written language of a tag: the language, with its script where that is not the usual one, and with its standard where
 * there are two: `zh` and `zh-Hant`, `sr` and `sr-Latn`, `pt` and `pt-PT`, `es` and `es-419`, `nb` and `nn`. Throws RangeError for
 * what is no tag.
 */
export function writtenLanguage(tag: LanguageTag): string {
  const known = remembered.get(tag);
  if (known !== undefined) return known;
  const { language } = new Intl.Locale(tag);
  const written = (WRITTEN_AS.get(language) ?? language) + writingOf(tag);
  remembered.set(tag, written);
  return written;
}

/** What a tag's writing adds to its language: `-Hant`, `-PT`; empty for the usual one. */
export function writingOf(tag: LanguageTag): string {
  const { language, script, region } = new Intl.Locale(tag).maximize();
  const usual = new Intl.Locale(new Intl.Locale(tag).language).maximize().script;
  if (script !== undefined && script !== usual) return `-${script}`;
  const standard = STANDARDS.get(language);
  return standard?.isOther(region ?? '') === true ? `-${standard.other}` : '';
}

/** Whether readers of both read one text: it is written in one language, or one of them has named no standard of it. */
export function sameWriting(a: LanguageTag, b: LanguageTag): boolean {
  return writtenLanguage(a) === writtenLanguage(b) || (sameLanguage(a, b) && (isOpen(a) || isOpen(b)));
}

/** `es` and `pt` alone say nothing of the standard. */
function isOpen(tag: LanguageTag): boolean {
  return STANDARDS.has(tag);
}
