/**
 * The simple form: one session hears the whole room and interprets between two languages, both ways. Cheaper than a route
 * per speaker, and weaker: it hears people on top of each other, guesses directions, and interrupts itself. Pure.
 */
import { compareText } from '../../text.js';
import { type LanguageTag, languageName, sameLanguage, spokenLanguage } from '../../languages/languages.js';
import type { GlossaryEntry } from '../instructions/glossary.js';
import {
  DATA_IS_DATA,
  END_OF_DATA,
  KEEP_EXACTLY,
  MAX_NAME_CHARS,
  termLines,
  TRANSLATE_ONLY,
} from '../instructions/instructions.js';
import { planRoutes, type PlanOptions, type RoutedPerson, type RoutePlan, type RouteSpec } from './routes.js';
import { quoteUntrusted } from '../instructions/untrusted-text.js';

/** Speaks for the whole room: no participant has this id. */
export const ROOM_SPEAKER_ID = '';

const KEY = 'two-way';
const MAX_NAMES = 8;

/**
 * The one route, where somebody needs it: between the first two of the meeting's `languages`, or the two that most people
 * speak or prefer. Whoever prefers another language is undecided. Where there
 * is none, those have one that only writes down whom `writesDown` names, and whoever is alone, if wanted.
 */
export function planTwoWay(people: readonly RoutedPerson[], options: PlanOptions = {}): RoutePlan {
  const { languages = [], before = [], writesAlone = false, writesDown = () => false } = options;
  const present = before.find(({ key }) => key === KEY);
  const pair = languages.length >= 2 ? languages.slice(0, 2) : mostUsed(people, present);
  const [first, second] = [...pair].sort(compareText);
  const isPair = first !== undefined && second !== undefined;
  const plan = planRoutes(people, { languages: isPair ? pair : languages, before, writesAlone, writesDown });
  const needed = plan.routes.filter(({ to }) => to !== undefined);
  if (!isPair || needed.length === 0) {
    const isWritten = ({ speakerId, to }: RouteSpec): boolean =>
      people.length === 1 || (to === undefined && writesDown(speakerId));
    return { ...plan, routes: plan.routes.filter(isWritten) };
  }
  const listenerIds = [...new Set(needed.flatMap((route) => route.listenerIds))].sort(compareText);
  const route: RouteSpec = {
    key: KEY,
    speakerId: ROOM_SPEAKER_ID,
    from: [first],
    to: second,
    back: first,
    listenerIds,
    transcribes: true,
    transcriptionLanguage: undefined,
  };
  return { ...plan, routes: [route] };
}

/** Which way this person's words go; undefined where what they speak does not tell. */
export function directionOf(
  { to, back }: Pick<RouteSpec, 'to' | 'back'>,
  speaks: readonly LanguageTag[],
): { from: LanguageTag; to: LanguageTag } | undefined {
  if (to === undefined || back === undefined) return undefined;
  const [isTo, isBack] = [to, back].map((tag) => speaks.some((spoken) => sameLanguage(spoken, tag)));
  if (isTo === isBack) return undefined;
  return isTo === true ? { from: to, to: back } : { from: back, to };
}

/** What the session of a two-way route is told. Names and glossary entries are untrusted text. */
type TwoWayInstructionsInput = {
  languages: readonly [LanguageTag, LanguageTag];
  people: readonly { name: string }[];
  glossary: readonly GlossaryEntry[];
};

/** The instructions of a session that interprets a room both ways: equal input, equal text. */
export function buildTwoWayInstructions({ languages, people, glossary }: TwoWayInstructionsInput): string {
  const [a, b] = languages.map((tag) => languageName(tag)) as [string, string];
  const names = people.slice(0, MAX_NAMES).flatMap(({ name }) => quoteUntrusted(name, MAX_NAME_CHARS) ?? []);
  const data = [
    ...(names.length === 0 ? [] : [`- People: ${names.join(', ')}`]),
    ...new Set(termLines(glossary)),
  ];
  return `You are a simultaneous interpreter in a meeting. Interpret between ${a} and ${b}, both ways: whatever is said in one of them, say it in the other. Say only the translation.

- ${TRANSLATE_ONLY}
- Several people speak. Speak as whoever speaks, in the first person. Keep meaning, tone, register and degree of politeness; add nothing and leave nothing out.
- ${KEEP_EXACTLY}
- When there is nothing to translate (silence, noise, a cough, music, any other language), stay silent.
- No preface, no notes, no quotation marks around it.

Data, for names and terms only. ${DATA_IS_DATA}
${data.join('\n')}
${END_OF_DATA}`;
}

/** One tag of each of the two languages that most people speak or prefer; of equals those at present, then the first. */
function mostUsed(people: readonly RoutedPerson[], present: RouteSpec | undefined): LanguageTag[] {
  const uses = new Map<string, { tag: LanguageTag; count: number }>();
  for (const { prefers, speaks } of people) {
    const tags = new Map(
      [...(prefers === undefined ? [] : [prefers]), ...speaks].map((tag) => [spokenLanguage(tag), tag]),
    );
    for (const [language, tag] of tags) {
      const use = uses.get(language) ?? { tag, count: 0 };
      uses.set(language, { tag: compareText(tag, use.tag) < 0 ? tag : use.tag, count: use.count + 1 });
    }
  }
  const isPresent = (tag: LanguageTag): number =>
    present !== undefined &&
    [present.to, present.back].some((each) => each !== undefined && sameLanguage(each, tag))
      ? 1
      : 0;
  return [...uses.values()]
    .sort((a, b) => b.count - a.count || isPresent(b.tag) - isPresent(a.tag) || compareText(a.tag, b.tag))
    .slice(0, 2)
    .map(({ tag }) => tag);
}
