/**
 * What people say of their languages, in the metadata that they join with and in the meeting, and what is known of them with
 * what was heard. All of what they say is untrusted.
 */
import { type LanguageTag, parseLanguage, sameLanguage } from '../../languages/languages.js';
import { oneLine } from '../../text.js';

/** Shown of what cannot be read as a language. */
const MAX_UNREAD_CHARS = 40;
/** Spoken languages that are taken from one person; further ones are ignored. */
const MAX_SPOKEN = 4;

/** What somebody said. */
export type DeclaredLanguages = {
  /** What they speak, without repeats; empty when they did not say. */
  readonly speaks: readonly LanguageTag[];
  /** What they prefer to hear; undefined when they did not say. */
  readonly prefers: LanguageTag | undefined;
  /** What they gave for what they prefer, fit for showing, where it cannot be read as a language. */
  readonly unread?: string;
};

/** The two facts per person that routes are made of. */
export type PersonLanguages = {
  /** What they speak, without repeats; empty when it is not known. */
  readonly speaks: readonly LanguageTag[];
  /** What they prefer to hear; undefined when it is not known. */
  readonly prefers: LanguageTag | undefined;
  /** `speaks` was heard, not said: it may still turn out otherwise. */
  readonly heard: boolean;
  /** What they gave for a language and is none that is known: see {@link DeclaredLanguages.unread}. */
  readonly unread?: string;
};

/**
 * Reads `preferredLanguage` (a tag, or a language's name in English or in itself) and `spokenLanguages` (a list of the
 * same). What is no language counts as not said, and is kept for asking.
 */
export function declaredLanguages(fields: Readonly<Record<string, unknown>>): DeclaredLanguages {
  const prefers = languageOf(fields['preferredLanguage']);
  const unread = prefers === undefined ? unreadLanguage(fields) : undefined;
  return {
    speaks: languagesOf(fields['spokenLanguages']),
    prefers,
    ...(unread === undefined ? {} : { unread }),
  };
}

/** What `preferredLanguage` says, fit for showing, where that is no language that is known. */
export function unreadLanguage(fields: Readonly<Record<string, unknown>>): string | undefined {
  const value = fields['preferredLanguage'];
  if (typeof value !== 'string' || parseLanguage(value) !== undefined) return undefined;
  return oneLine(value, MAX_UNREAD_CHARS) || undefined;
}

/**
 * What somebody says after they change it in the meeting, by the same fields: one that is missing stays as it was, and an
 * empty list of spoken languages takes back what was said of them. Undefined when nothing of it makes sense.
 */
export function changedLanguages(
  before: DeclaredLanguages,
  fields: Readonly<Record<string, unknown>>,
): DeclaredLanguages | undefined {
  const { speaks, prefers } = declaredLanguages(fields);
  const spoken: unknown = fields['spokenLanguages'];
  const takesBack = Array.isArray(spoken) && spoken.length === 0;
  if (prefers === undefined && speaks.length === 0 && !takesBack) return undefined;
  return {
    speaks: speaks.length > 0 || takesBack ? speaks : before.speaks,
    prefers: prefers ?? before.prefers,
  };
}

/**
 * What is known: what they said, before what was heard, before what follows from it. Somebody who said nothing but what they
 * prefer speaks that; somebody of whom only a language was heard prefers that.
 */
export function knownLanguages(
  { speaks, prefers, ...said }: DeclaredLanguages,
  heard: LanguageTag | undefined,
): PersonLanguages {
  const unread = said.unread === undefined ? {} : { unread: said.unread };
  if (speaks.length > 0) return { speaks, prefers, heard: false, ...unread };
  if (heard !== undefined) return { speaks: [heard], prefers: prefers ?? heard, heard: true, ...unread };
  return { speaks: prefers === undefined ? [] : [prefers], prefers, heard: false, ...unread };
}

function languagesOf(list: unknown): readonly LanguageTag[] {
  const tags: LanguageTag[] = [];
  for (const value of Array.isArray(list) ? (list.slice(0, MAX_SPOKEN) as unknown[]) : []) {
    const tag = languageOf(value);
    if (tag !== undefined && !tags.some((known) => sameLanguage(known, tag))) tags.push(tag);
  }
  return tags;
}

function languageOf(value: unknown): LanguageTag | undefined {
  return typeof value === 'string' ? parseLanguage(value) : undefined;
}
