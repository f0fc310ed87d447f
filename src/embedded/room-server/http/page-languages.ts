/** The languages that people choose from on the meeting page, with every name that they may be looked for by. */
import { type LanguageTag, languageName, parseLanguage, sameLanguage } from '../../../languages/languages.js';
import { isBotId } from '../../../room/room.js';
import type { RoomRecord } from '../room-registry.js';
import type { Signalling } from '../signalling/signalling.js';

/** What is offered. Any other language can still be spoken: it is the interpreter that decides. */
const TAGS = (
  'af ar az be bg bn bs ca cs cy da de el en es es-419 et eu fa fi fil fr gl gu he hi hr hu hy id is it ja ka kk kn ko lt ' +
  'lv mk ml mr ms nb ne nl nn pa pl pt pt-BR ro ru sk sl sq sr sr-Latn sv sw ta te th tr uk ur uz vi yue zh-Hans zh-Hant'
).split(' ');

/** One language that can be chosen. */
export type LanguageChoice = {
  readonly tag: LanguageTag;
  /** In itself, with a capital where its script has them. */
  readonly name: string;
  /** In the languages of the page's texts; browsers do not know them all. */
  readonly names: readonly string[];
};

/** Everything there is to choose, by its own name, in alphabetical order. `readers` are the languages of the page's texts. */
export function languageChoices(readers: readonly LanguageTag[]): readonly LanguageChoice[] {
  const collator = new Intl.Collator('en');
  return TAGS.map((tag) => ({
    tag,
    name: ownName(tag),
    names: [...new Set(readers.map((reader) => languageName(tag, reader)))],
  })).sort((a, b) => collator.compare(a.name, b.name));
}

function ownName(tag: LanguageTag): string {
  return languageName(tag, tag).replace(/^\p{Ll}/u, (letter) => letter.toLocaleUpperCase(tag));
}

/**
 * The languages of a meeting as far as they are known, each spoken language once: first those that its interpreters say they
 * interpret into, then what the people who are there prefer. What people say of themselves is read as a language or left out.
 */
export function meetingLanguages(signalling: Signalling, { roomId }: RoomRecord): readonly LanguageTag[] {
  const peers = signalling.rooms.get(roomId)?.joined() ?? [];
  const bots = peers.filter(({ id, claims }) => isBotId(id) && claims.participantId === id);
  const said = [
    ...bots.flatMap(({ profile }) => listOf(fieldOf(fieldOf(profile.metaData, 'parley'), 'languages'))),
    ...peers
      .filter((peer) => !bots.includes(peer))
      .map(({ profile }) => fieldOf(profile.metaData, 'preferredLanguage')),
  ];
  const languages: LanguageTag[] = [];
  for (const text of said) {
    const tag = typeof text === 'string' ? parseLanguage(text) : undefined;
    if (tag !== undefined && !languages.some((known) => sameLanguage(known, tag))) languages.push(tag);
  }
  return languages;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.slice(0, TAGS.length) : [];
}

function fieldOf(from: unknown, name: string): unknown {
  return typeof from === 'object' && from !== null ? (from as Record<string, unknown>)[name] : undefined;
}
