/**
 * Who is here → which routes there are: one per speaker and target language that somebody needs, and one that only writes
 * down what is said where nothing else does. Pure, and independent of the order in which people are given.
 */
import { type LanguageTag, sameLanguage, spokenLanguage } from '../languages/languages.js';
import type { PersonLanguages } from './declared-languages.js';

/** One person of the meeting, interpreters not counted. */
export type RoutedPerson = PersonLanguages & { readonly id: string };

/** One speaker × one target language, or one speaker who is only written down. */
export type RouteSpec = {
  /** Names the route for as long as it stays, whatever else of it changes. */
  readonly key: string;
  readonly speakerId: string;
  /** What is translated: the speaker's languages other than the target. Empty: whatever they speak. */
  readonly from: readonly LanguageTag[];
  /** Undefined: nothing is translated, what is said is only written down for those who have chosen no language yet. */
  readonly to: LanguageTag | undefined;
  /** Who needs it, sorted. */
  readonly listenerIds: readonly string[];
  /** Whether this route's session transcribes what is said: exactly one of a speaker's does. */
  readonly transcribes: boolean;
  /** What its transcription may count on: the speaker's only language, where they said so themselves. */
  readonly transcriptionLanguage: LanguageTag | undefined;
};

/** The routes of a meeting, sorted by key, and who should be asked what they prefer to hear. */
export type RoutePlan = {
  readonly routes: readonly RouteSpec[];
  /** What one can hear here: the meeting's languages where they are declared, else what people prefer, sorted. */
  readonly languages: readonly LanguageTag[];
  /** People whose preference is not known, or is none of the meeting's languages; sorted. */
  readonly undecidedIds: readonly string[];
};

/** What opens, stays with changes, and closes between two plans. */
export type RouteChanges = {
  readonly open: readonly RouteSpec[];
  readonly update: readonly RouteSpec[];
  readonly close: readonly RouteSpec[];
};

/** What shapes a plan beside the people. */
export type PlanOptions = {
  /** The meeting's languages: the only targets. Empty or absent: whatever people prefer. */
  languages?: readonly LanguageTag[];
  /** The routes so far: what can stay as it is, does. */
  before?: readonly RouteSpec[];
  /** Keys of routes that have no session although they need one: another of the speaker's transcribes meanwhile. */
  stopped?: ReadonlySet<string>;
};

/** By spoken language: what is asked for under which tags, and by whom. */
type Need = { tags: LanguageTag[]; listenerIds: string[] };

/** In the key of a route without a target: no spoken language has this tag (ISO 639-2 "undetermined"). */
const NO_TARGET = 'und';

/**
 * The routes that these people need.
 * - A route is needed where someone prefers a language that another person does not (only) speak. Languages are the same
 *   when their language subtags are, after `Intl.Locale.maximize()`.
 * - Whoever speaks nobody knows what is routed to every language that another person prefers.
 * - Whose preference is not known hears the meeting's language where one is declared, and either of two. Otherwise nothing
 *   is translated for them: they read what is said, so that whoever has no other route gets one that only transcribes.
 */
export function planRoutes(people: readonly RoutedPerson[], options: PlanOptions = {}): RoutePlan {
  const { languages = [] } = options;
  const sorted = [...people].sort((a, b) => compare(a.id, b.id));
  const offers = (tag: LanguageTag): boolean =>
    languages.length === 0 || languages.some((language) => sameLanguage(language, tag));
  const preferenceOf = ({ prefers }: RoutedPerson): readonly LanguageTag[] => {
    if (prefers !== undefined && offers(prefers)) return [prefers];
    return languages.length <= 2 ? languages : [];
  };
  const routes = sorted.flatMap((speaker) => {
    const needs = new Map<string, Need>();
    const readerIds: string[] = [];
    for (const listener of sorted) {
      if (listener.id === speaker.id) continue;
      const preference = preferenceOf(listener);
      for (const tag of preference) addNeed(needs, tag, listener.id);
      if (preference.length === 0) readerIds.push(listener.id);
    }
    return routesOf(speaker, needs, readerIds, options);
  });
  return {
    routes: routes.sort((a, b) => compare(a.key, b.key)),
    languages: languages.length > 0 ? languages : preferredBy(sorted),
    undecidedIds: sorted
      .filter(({ prefers }) => prefers === undefined || !offers(prefers))
      .map(({ id }) => id),
  };
}

/** One tag of each spoken language that somebody prefers. */
function preferredBy(people: readonly RoutedPerson[]): LanguageTag[] {
  const tags = new Map<string, LanguageTag>();
  for (const { prefers } of people) {
    if (prefers !== undefined && !tags.has(spokenLanguage(prefers)))
      tags.set(spokenLanguage(prefers), prefers);
  }
  return [...tags.values()].sort(compare);
}

/** The way from one set of routes to another. A route that stays is not restarted, only told what changed. */
export function changesBetween(before: readonly RouteSpec[], after: readonly RouteSpec[]): RouteChanges {
  const old = new Map(before.map((route) => [route.key, route]));
  const kept = new Set(after.map(({ key }) => key));
  return {
    open: after.filter(({ key }) => !old.has(key)),
    update: after.filter((route) => {
      const was = old.get(route.key);
      return was !== undefined && !sameRoute(was, route);
    }),
    close: before.filter(({ key }) => !kept.has(key)),
  };
}

function addNeed(needs: Map<string, Need>, tag: LanguageTag, listenerId: string): void {
  const need = needs.get(spokenLanguage(tag)) ?? { tags: [], listenerIds: [] };
  needs.set(spokenLanguage(tag), need);
  need.tags.push(tag);
  if (need.listenerIds.at(-1) !== listenerId) need.listenerIds.push(listenerId);
}

function routesOf(
  speaker: RoutedPerson,
  needs: ReadonlyMap<string, Need>,
  readerIds: readonly string[],
  { before = [], stopped }: PlanOptions,
): RouteSpec[] {
  const { id: speakerId, speaks, heard } = speaker;
  const own = before.filter((route) => route.speakerId === speakerId);
  const transcriptionLanguage = speaks.length === 1 && !heard ? speaks[0] : undefined;
  const common = { speakerId, transcribes: false, transcriptionLanguage };
  const routes: RouteSpec[] = [];
  for (const [language, { tags, listenerIds }] of needs) {
    const from = speaks.filter((tag) => spokenLanguage(tag) !== language);
    if (from.length === 0 && speaks.length > 0) continue; // nothing to translate
    const key = `${language}:${speakerId}`;
    const to = mostAskedFor(tags, own.find((route) => route.key === key)?.to);
    routes.push({ ...common, key, from, to, listenerIds });
  }
  if (routes.length === 0 && readerIds.length > 0) {
    const key = `${NO_TARGET}:${speakerId}`;
    routes.push({ ...common, key, from: speaks, to: undefined, listenerIds: readerIds });
  }
  routes.sort((a, b) => compare(a.key, b.key));
  const runs = ({ key }: RouteSpec): boolean => stopped?.has(key) !== true;
  const present = own.find(({ transcribes }) => transcribes)?.key;
  const carrier =
    routes.find((route) => route.key === present && runs(route)) ?? routes.find(runs) ?? routes[0];
  return routes.map((route) => (route === carrier ? { ...route, transcribes: true } : route));
}

/** Of the tags of one spoken language the most frequent; of equals the present one, then the first by alphabet. */
function mostAskedFor(tags: readonly LanguageTag[], present: LanguageTag | undefined): LanguageTag {
  const counts = new Map<LanguageTag, number>();
  for (const tag of tags) counts.set(tag, (counts.get(tag) ?? 0) + 1);
  const most = Math.max(...counts.values());
  const candidates = [...counts].flatMap(([tag, count]) => (count === most ? [tag] : [])).sort(compare);
  return present !== undefined && candidates.includes(present) ? present : candidates[0]!;
}

function sameRoute(a: RouteSpec, b: RouteSpec): boolean {
  return (
    a.to === b.to &&
    a.transcribes === b.transcribes &&
    a.transcriptionLanguage === b.transcriptionLanguage &&
    sameList(a.from, b.from) &&
    sameList(a.listenerIds, b.listenerIds)
  );
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}

/** By code units: the same everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
