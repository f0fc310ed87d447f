/**
 * Who is here → which routes there are: one per speaker and target language that somebody needs, one more that only writes for
 * each other writing of it, and one that only writes down what is said where nothing else does. Pure, and independent of the
 * order in which people are given.
 */
import { compareText } from '../../text.js';
import { type LanguageTag, sameLanguage, spokenLanguage } from '../../languages/languages.js';
import { canRewrite, isSourceWriting } from '../../languages/rewriting.js';
import { sameWriting, writtenLanguage } from '../../languages/written-languages.js';
import type { PersonLanguages } from './declared-languages.js';

/** One person of the meeting, interpreters not counted. */
export type RoutedPerson = PersonLanguages & {
  readonly id: string;
  /** False: they hear and read others, and are not interpreted. */
  readonly interpret?: false;
};

/** One speaker × one target language, or one speaker who is only written down. */
export type RouteSpec = {
  /** Names the route for as long as it stays, whatever else of it changes. */
  readonly key: string;
  readonly speakerId: string;
  /** What is translated: the speaker's languages other than the target. Empty: whatever they speak. */
  readonly from: readonly LanguageTag[];
  /** Undefined: nothing is translated, what is said is only written down for those who have chosen no language yet. */
  readonly to: LanguageTag | undefined;
  /** The route goes both ways: what is said in `to` is translated into this. Its speaker is the room. */
  readonly back?: LanguageTag;
  /** Its translations are read, and never heard: another route speaks this language in another writing of it. */
  readonly written?: true;
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
type RouteChanges = {
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
  /** Somebody who is alone reads their own words: so they see that they are heard. */
  writesAlone?: boolean;
  /** Whose words are written down although nobody needs them: somebody else follows the meeting. Nobody's by default. */
  writesDown?: (personId: string) => boolean;
};

/** What is asked for of one spoken language: by whom, and under each tag by how many. */
type Need = {
  readonly listenerIds: string[];
  readonly counts: Map<LanguageTag, number>;
  /** By tag, in the order of people. */
  readonly readerIds: Map<LanguageTag, string[]>;
};

/** What all speakers' routes are planned from. */
type Plan = {
  readonly preferences: ReadonlyMap<string, readonly LanguageTag[]>;
  readonly needs: ReadonlyMap<string, Need>;
  /** Who hears no translation and reads what is said; of somebody alone, they themselves. */
  readonly readerIds: readonly string[];
  readonly before: ReadonlyMap<string, RouteSpec>;
  /** By speaker, the route that transcribes at present. */
  readonly carriers: ReadonlyMap<string, string>;
  readonly stopped: ReadonlySet<string>;
  readonly isAlone: boolean;
  readonly writesDown: (personId: string) => boolean;
};

/** In the key of a route without a target: no spoken language has this tag (ISO 639-2 "undetermined"). */
const NO_TARGET = 'und';

/**
 * The routes that these people need.
 * - A route is needed where someone prefers a language that another person does not (only) speak. Languages are the same
 *   when their language subtags are, after `Intl.Locale.maximize()`.
 * - Whoever speaks nobody knows what is routed to every language that another person prefers.
 * - Who has no route gets one that only transcribes where `writesDown` says so.
 * - Whose preference is not known hears the meeting's language where one is declared, and either of two. Otherwise nothing
 *   is translated for them: they read what is said, so that whoever has no other route gets one that only transcribes.
 */
export function planRoutes(people: readonly RoutedPerson[], options: PlanOptions = {}): RoutePlan {
  const { languages = [] } = options;
  const sorted = [...people].sort((a, b) => compareText(a.id, b.id));
  const offers = (tag: LanguageTag): boolean =>
    languages.length === 0 || languages.some((language) => sameLanguage(language, tag));
  const preferenceOf = ({ prefers }: RoutedPerson): readonly LanguageTag[] => {
    if (prefers !== undefined && offers(prefers)) return [prefers];
    return languages.length <= 2 ? languages : [];
  };
  const preferences = new Map(sorted.map((person) => [person.id, preferenceOf(person)]));
  const { before = [], stopped = new Set<string>(), writesAlone = false, writesDown = () => false } = options;
  const isAlone = writesAlone && sorted.length === 1;
  const plan: Plan = {
    preferences,
    needs: needsOf(preferences),
    readerIds: [...preferences].flatMap(([id, tags]) => (tags.length === 0 || isAlone ? [id] : [])),
    before: new Map(before.map((route) => [route.key, route])),
    carriers: new Map(before.flatMap((route) => (route.transcribes ? [[route.speakerId, route.key]] : []))),
    ...{ stopped, isAlone, writesDown },
  };
  const routes = sorted.flatMap((speaker) => (speaker.interpret === false ? [] : routesOf(speaker, plan)));
  return {
    routes: routes.sort((a, b) => compareText(a.key, b.key)),
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
  return [...tags.values()].sort(compareText);
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

/** By spoken language, in the order of people. */
function needsOf(preferences: Plan['preferences']): Map<string, Need> {
  const needs = new Map<string, Need>();
  for (const [id, tags] of preferences) {
    for (const tag of tags) {
      const language = spokenLanguage(tag);
      let need = needs.get(language);
      if (need === undefined)
        needs.set(language, (need = { listenerIds: [], counts: new Map(), readerIds: new Map() }));
      need.counts.set(tag, (need.counts.get(tag) ?? 0) + 1);
      need.readerIds.set(tag, [...(need.readerIds.get(tag) ?? []), id]);
      if (need.listenerIds.at(-1) !== id) need.listenerIds.push(id);
    }
  }
  return needs;
}

function routesOf({ id: speakerId, speaks, heard }: RoutedPerson, plan: Plan): RouteSpec[] {
  const { preferences, needs, readerIds, before, carriers, stopped, isAlone, writesDown } = plan;
  const transcriptionLanguage = speaks.length === 1 && !heard ? speaks[0] : undefined;
  const common = { speakerId, transcribes: false, transcriptionLanguage };
  const routes: RouteSpec[] = [];
  for (const [language, need] of needs) {
    const from = speaks.filter((tag) => spokenLanguage(tag) !== language);
    if (from.length === 0 && speaks.length > 0) continue; // nothing to translate
    const own = (preferences.get(speakerId) ?? []).filter((tag) => spokenLanguage(tag) === language);
    const listenerIds = own.length === 0 ? need.listenerIds : without(need.listenerIds, speakerId);
    if (listenerIds.length === 0) continue;
    const key = `${language}:${speakerId}`;
    const to = mostAskedFor(need, own, before.get(key)?.to);
    routes.push({ ...common, key, from, to, listenerIds });
    if (to === undefined) continue;
    for (const [writing, readerIds] of otherWritings(need, to, speakerId)) {
      const writtenKey = `${language}/${writing}:${speakerId}`;
      const tags = [...need.counts.keys()].filter((tag) => writtenLanguage(tag) === writing);
      const read = mostAskedFor(need, own, before.get(writtenKey)?.to, tags);
      routes.push({ ...common, key: writtenKey, from, to: read, written: true, listenerIds: readerIds });
    }
  }
  const readers = isAlone ? readerIds : without(readerIds, speakerId);
  if (routes.length === 0 && (readers.length > 0 || writesDown(speakerId))) {
    const key = `${NO_TARGET}:${speakerId}`;
    routes.push({ ...common, key, from: speaks, to: undefined, listenerIds: readers });
  }
  routes.sort((a, b) => compareText(a.key, b.key));
  const runs = ({ key }: RouteSpec): boolean => !stopped.has(key);
  const present = carriers.get(speakerId);
  const carrier =
    routes.find((route) => route.key === present && runs(route)) ??
    routes.find((route) => route.written !== true && runs(route)) ??
    routes.find(runs) ??
    routes[0];
  return routes.map((route) => (route === carrier ? { ...route, transcribes: true } : route));
}

/**
 * Writings of a language that readers of theirs do not get from the route into `to`: with them, their readers, each sorted. The
 * speaker is none of them.
 */
function otherWritings({ readerIds }: Need, to: LanguageTag, speakerId: string): [string, string[]][] {
  const writings = new Map<string, string[]>();
  for (const [tag, ids] of readerIds) {
    const readers = ids.filter((id) => id !== speakerId);
    if (readers.length === 0 || sameWriting(tag, to) || canRewrite(to, tag)) continue;
    const writing = writtenLanguage(tag);
    writings.set(writing, [...(writings.get(writing) ?? []), ...readers]);
  }
  return [...writings].map(([writing, ids]) => [writing, ids.sort(compareText)]);
}

/**
 * Of the tags of one spoken language the most frequent, the speaker's `own` not counted; of equals the present one, then the
 * first by alphabet. Where one of them is the writing that others are made from, only that writing counts.
 */
function mostAskedFor(
  { counts }: Need,
  own: readonly LanguageTag[],
  present: LanguageTag | undefined,
  tags: readonly LanguageTag[] = [...counts.keys()],
): LanguageTag | undefined {
  let best: LanguageTag | undefined;
  let most = 0;
  const countOf = (tag: LanguageTag): number =>
    (counts.get(tag) ?? 0) - own.filter((each) => each === tag).length;
  const sources = tags.filter((tag) => isSourceWriting(tag) && countOf(tag) > 0);
  for (const tag of sources.length > 0 ? sources : tags) {
    const count = countOf(tag);
    const isFirst = best === undefined || tag === present || (best !== present && tag < best);
    if (count > most || (count === most && count > 0 && isFirst)) [best, most] = [tag, count];
  }
  return best;
}

function without(ids: readonly string[], id: string): readonly string[] {
  return ids.includes(id) ? ids.filter((each) => each !== id) : ids;
}

function sameRoute(a: RouteSpec, b: RouteSpec): boolean {
  return (
    a.to === b.to &&
    a.back === b.back &&
    a.written === b.written &&
    a.transcribes === b.transcribes &&
    a.transcriptionLanguage === b.transcriptionLanguage &&
    sameList(a.from, b.from) &&
    sameList(a.listenerIds, b.listenerIds)
  );
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
