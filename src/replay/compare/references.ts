/**
 * References: what was said in a meeting and how people would translate it, by when and by whom it was said. Read from a JSON file,
 * checked against the meeting.
 */
import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import { ParleyError } from '../../errors.js';
import { languageSchema, languagesSchema } from '../../languages/language-schema.js';
import { ownLanguageName, parseLanguage, sameLanguage } from '../../languages/languages.js';
import { keyOfRecording, type Scenario, wrong } from '../meeting/scenario.js';
import type { LoadedScenario } from '../meeting/scenario-file.js';

const MAX_BYTES = 4 * 1024 * 1024;
const MAX_SEGMENTS = 10_000;
/** A reference may begin so long before the recording that it is of. */
const EARLY_MS = 250;

const ms = z.number().min(0).max(7_200_000);
const text = z
  .string()
  .max(4_000)
  .refine((value) => value.trim() !== '', 'is empty');

const segmentSchema = z.strictObject({
  /** Who says it; not needed where one person speaks. */
  speakerId: z.string().optional(),
  /** When it begins and ends, in milliseconds of the meeting; without an end, it lasts to the speaker's next one, or to the end of the recording. */
  fromMs: ms,
  toMs: ms.optional(),
  /** The language that it is said in. */
  language: languageSchema,
  /** What is said. */
  text,
  /** By language, how people would translate it. */
  translations: z.record(z.string(), text),
});

const referencesSchema = z.strictObject({
  /** For people: whose texts these are. */
  license: z.string().optional(),
  /** Languages that are judged; absent: all into which the meeting is translated. */
  languages: languagesSchema.optional(),
  /** Names and proper nouns that translations must keep, beside those of the people. */
  names: z.array(z.string().min(1).max(200)).max(1_000).default([]),
  segments: z.array(segmentSchema).min(1).max(MAX_SEGMENTS),
});

/** Something that is said in the meeting, and its translations by language tag. */
export type ReferenceSegment = {
  readonly speakerId: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly language: string;
  readonly text: string;
  readonly translations: Readonly<Record<string, string>>;
};

/** What a file of references holds, in the order of time. */
export type References = {
  readonly path: string;
  readonly names: readonly string[];
  readonly segments: readonly ReferenceSegment[];
};

/**
 * Reads references of this meeting.
 * @throws ParleyError `input_missing` or `input_unusable`: one line with the file, the place in it and what to do; so for a segment
 * at which its speaker says nothing, and for a language of the meeting that has no reference at all
 */
export function loadReferences(path: string, loaded: LoadedScenario): References {
  const parsed = referencesSchema.safeParse(readJson(path));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = (issue?.path ?? [])
      .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
      .join('');
    throw wrong(path, place.replace(/^\./, ''), issue?.message ?? 'is wrong');
  }
  const { names, segments: given, languages } = parsed.data;
  const said = saidIn(loaded);
  const targets = targetsOf(loaded.scenario);
  const segments = given.map((segment, index) => {
    const place = `segments[${index}]`;
    const speakerId = segment.speakerId ?? onlySpeaker(said);
    if (speakerId === undefined)
      throw wrong(path, `${place}.speakerId`, 'say who speaks: several people do in this meeting');
    const { fromMs, toMs, language, text: said_ } = segment;
    const spoken = said.find(
      (each) => each.speakerId === speakerId && fromMs >= each.fromMs - EARLY_MS && fromMs < each.toMs,
    );
    if (spoken === undefined)
      throw wrong(
        path,
        `${place}.fromMs`,
        `${JSON.stringify(speakerId)} says nothing at ${fromMs} ms: it belongs to no segment of this meeting`,
      );
    const translations = translationsOf(segment.translations, { path, place, targets });
    return { speakerId, fromMs, toMs: toMs ?? spoken.toMs, language, text: said_, translations };
  });
  segments.sort((a, b) => a.fromMs - b.fromMs);
  segments.forEach((segment, index) => {
    const next = segments.slice(index + 1).find(({ speakerId }) => speakerId === segment.speakerId);
    if (next !== undefined) segment.toMs = Math.min(segment.toMs, next.fromMs);
    if (segment.toMs <= segment.fromMs)
      throw wrong(
        path,
        '',
        `a segment at ${segment.fromMs} ms has no length: give it an end behind its beginning`,
      );
  });
  checkLanguages(segments, { path, languages: languages ?? targets });
  return { path, names, segments };
}

/** The languages in which somebody in the meeting follows it. */
export function targetsOf({ people, languages }: Scenario): string[] {
  const preferred = people.flatMap(({ preferredLanguage, script }) => [
    preferredLanguage,
    ...script.map((step) =>
      step.do === 'join' || step.do === 'language' ? step.preferredLanguage : undefined,
    ),
  ]);
  return [...new Set([...languages, ...preferred.filter((tag) => tag !== undefined)])];
}

type Said = { speakerId: string; fromMs: number; toMs: number };

/** Each recording that somebody says, and when. */
function saidIn({ scenario, recordings }: LoadedScenario): Said[] {
  return scenario.people.flatMap(({ id, script }) =>
    script.flatMap((step) => {
      if (step.do !== 'say') return [];
      let atMs = step.atMs;
      return [step.recording].flat().flatMap((part): Said[] => {
        const fromMs = atMs;
        if (typeof part === 'number') {
          atMs += part;
          return [];
        }
        atMs += recordings.get(keyOfRecording({ path: part, channel: step.channel }))!.durationMs;
        return [{ speakerId: id, fromMs, toMs: atMs }];
      });
    }),
  );
}

function onlySpeaker(said: readonly Said[]): string | undefined {
  const [first] = said;
  return said.every(({ speakerId }) => speakerId === first?.speakerId) ? first?.speakerId : undefined;
}

function translationsOf(
  given: Readonly<Record<string, string>>,
  { path, place, targets }: { path: string; place: string; targets: readonly string[] },
): Record<string, string> {
  const translations = Object.entries(given).map(([language, translated]) => {
    const tag = parseLanguage(language);
    const at = `${place}.translations`;
    if (tag === undefined) throw wrong(path, at, `${JSON.stringify(language)} is no language`);
    const target = targets.find((each) => sameLanguage(each, tag));
    if (target === undefined)
      throw wrong(
        path,
        at,
        `nobody in this meeting follows it in ${ownLanguageName(tag)} (${tag}): it has ${targets.join(', ')}`,
      );
    return [target, translated] as const;
  });
  return Object.fromEntries(translations);
}

/** Every language has a reference somewhere: a figure that covers half of a meeting's languages would look like one of all. */
function checkLanguages(
  segments: readonly ReferenceSegment[],
  { path, languages }: { path: string; languages: readonly string[] },
): void {
  for (const language of languages) {
    const others = segments.filter((segment) => !sameLanguage(segment.language, language));
    const has = others.some(({ translations }) =>
      Object.keys(translations).some((tag) => sameLanguage(tag, language)),
    );
    if (others.length === 0 || has) continue;
    throw wrong(
      path,
      '',
      `no segment has a reference in ${ownLanguageName(language)} (${language}): add them, or name those that are judged with "languages"`,
    );
  }
}

function readJson(path: string): unknown {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new ParleyError('input_missing', `there is no file of references ${path}`);
  if (!stats.isFile() || stats.size > MAX_BYTES)
    throw new ParleyError('input_unusable', `${path} is not a file of at most 4 MiB`);
  try {
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new ParleyError('input_unusable', `${path} is not JSON: check it with an editor`, { cause });
  }
}
