import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { languageName, parseLanguage, spokenLanguage } from '../../src/languages/languages.js';

/** Everything that CLDR, by this Node's Intl, calls a language, a region and a script. */
const english = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
const englishRegions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
const letters = 'abcdefghijklmnopqrstuvwxyz'.split('');
const pairs = letters.flatMap((a) => letters.map((b) => a + b));
const codes = [...pairs, ...pairs.flatMap((pair) => letters.map((c) => pair + c))];
const NO_LANGUAGES = new Set(['und', 'mul', 'mis', 'zxx']);
const languages = [
  ...new Set(
    codes
      .filter((code) => english.of(code) !== undefined && !NO_LANGUAGES.has(code))
      .map((code) => new Intl.Locale(code).language),
  ),
];
const regions = [...pairs.map((pair) => pair.toUpperCase()), '419', '001', '150'].filter(
  (code) => englishRegions.of(code) !== undefined && new Intl.Locale(`en-${code}`).region === code,
);
const scripts = 'Latn Cyrl Arab Hans Hant Deva Hebr Grek Guru Beng Thai Tfng Geor Hang Mong Adlm'.split(' ');
const STYLES = ['long', 'short', 'narrow'] as const;
const DISPLAYS = ['dialect', 'standard'] as const;

/** Names of tags in a locale. */
type Names = (tag: string) => readonly string[];

/** Asked for again and again: one for all locales that share their data. */
const namesByLocale = new Map<string, Names>();
function namesIn(locale: string): Names {
  const known = namesByLocale.get(locale);
  if (known !== undefined) return known;
  const made = makeNames(locale);
  namesByLocale.set(locale, made);
  return made;
}

function makeNames(locale: string): Names {
  if (Intl.DisplayNames.supportedLocalesOf(locale).length === 0) return () => [];
  const data = new Intl.DisplayNames(locale, { type: 'language' }).resolvedOptions().locale;
  if (data !== locale) return namesIn(data);
  const namers = STYLES.flatMap((style) =>
    DISPLAYS.map(
      (languageDisplay) =>
        new Intl.DisplayNames(locale, { style, languageDisplay, type: 'language', fallback: 'none' }),
    ),
  );
  const known = new Map<string, readonly string[]>();
  return (tag) => {
    const names = known.get(tag) ?? [...new Set(namers.flatMap((namer) => namer.of(tag) ?? []))];
    known.set(tag, names);
    return names;
  };
}

/** Every name of a tag in a locale, in every style; none where the locale has none. */
const namesOf = (tag: string, locale: string): readonly string[] => namesIn(locale)(tag);

function expectRead(name: string, tag: string): void {
  const read = parseLanguage(name);
  expect(read, `${JSON.stringify(name)}, a name of ${tag}`).toBeDefined();
  expect(spokenLanguage(read!), `${JSON.stringify(name)}, a name of ${tag}, read as ${read}`).toBe(
    spokenLanguage(tag),
  );
}

describe('names of CLDR', () => {
  it('every language is understood by each of its names, in English and in itself', () => {
    expect(languages.length).toBeGreaterThan(500);
    for (const tag of languages)
      for (const name of [
        ...namesOf(tag, 'en'),
        ...namesOf(tag, tag),
        languageName(tag),
        languageName(tag, tag),
      ])
        expectRead(name, tag);
  });

  it('so it is with any region or script beside it, however it is written', () => {
    const tags = fc
      .record({
        // Those that have names in themselves, more often than all the others.
        language: fc.oneof(
          { weight: 4, arbitrary: fc.constantFrom(...Intl.DisplayNames.supportedLocalesOf(languages)) },
          { weight: 1, arbitrary: fc.constantFrom(...languages) },
        ),
        script: fc.option(fc.constantFrom(...scripts), { nil: undefined }),
        region: fc.option(fc.constantFrom(...regions), { nil: undefined }),
      })
      .map(({ language, script, region }) =>
        [language, script, region].filter((part) => part !== undefined).join('-'),
      );
    const writings = fc.constantFrom<(name: string) => string>(
      (name) => name,
      (name) => name.toLowerCase(),
      (name) => name.normalize('NFD'),
      (name) => `  ${name} `,
      (name) => name.replace(/[(（]/g, '[').replace(/[)）]/g, ']'),
      (name) => name.replace(/[‘’ʻʼ']/g, '`'),
      (name) => `\u200f${name}\u200e`,
    );
    fc.assert(
      fc.property(tags, fc.boolean(), writings, (tag, inEnglish, written) => {
        const locale = inEnglish ? 'en' : new Intl.Locale(tag).language;
        for (const name of namesOf(tag, locale)) expectRead(written(name), tag);
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it('so it is with the region that it is mostly spoken in, in any brackets', () => {
    const writings = [
      (name: string, place: string) => `${name} (${place})`,
      (name: string, place: string) => `${name} [${place}]`,
      (name: string, place: string) => `${name}（${place}）`,
      (name: string, place: string) => `${name} - ${place}`,
      (name: string, place: string) => `${name}, ${place}`,
    ];
    let count = 0;
    for (const tag of languages) {
      const { language, region } = new Intl.Locale(tag).maximize();
      for (const locale of ['en', language]) {
        if (region === undefined || Intl.DisplayNames.supportedLocalesOf(locale).length === 0) continue;
        const name = new Intl.DisplayNames(locale, { type: 'language', fallback: 'none' }).of(language);
        const place = new Intl.DisplayNames(locale, { type: 'region', fallback: 'none' }).of(region);
        if (name === undefined || place === undefined) continue;
        expectRead(writings[count++ % writings.length]!(name, place), tag); // in turn: all of them take long
      }
    }
    expect(count).toBeGreaterThan(700);
  });

  it('so it is in every locale of a language that has a script or a region of its own', () => {
    const MORE_SCRIPTS = ['Aran', 'Olck', 'Telu', 'Vaii', 'Nkoo', 'Cakm', 'Rohg'];
    let count = 0;
    for (const language of Intl.DisplayNames.supportedLocalesOf(languages)) {
      const subtags = [...scripts, ...MORE_SCRIPTS, ...regions];
      const locales = subtags.map((subtag) => `${language}-${subtag}`);
      const names = new Map<string, string>();
      for (const locale of Intl.DisplayNames.supportedLocalesOf(locales))
        for (const name of [...namesOf(language, locale), ...namesOf(locale, locale)])
          names.set(name, language);
      for (const [name, tag] of names) expectRead(name, tag);
      count += names.size;
    }
    expect(count).toBeGreaterThan(20_000);
  });

  it('any apostrophe will do, and none', () => {
    const APOSTROPHES = ['\u0027', '\u2018', '\u2019', '\u02bb', '\u02bc', '\u00b4', '\u2032', '\u0060'];
    const APOSTROPHE = /['\u2018\u2019\u02bb\u02bc]/;
    const written = languages.flatMap((tag) =>
      [...namesOf(tag, 'en'), ...namesOf(tag, tag)]
        .filter((name) => APOSTROPHE.test(name))
        .map((name) => [tag, name] as const),
    );
    expect(written.length).toBeGreaterThan(10);
    for (const [tag, name] of written)
      for (const apostrophe of [...APOSTROPHES, ''])
        expectRead(name.replaceAll(new RegExp(APOSTROPHE, 'g'), apostrophe), tag);
  });

  it('what CLDR names as a dialect keeps its region and script', () => {
    const dialects =
      'ar-001 de-AT de-CH en-AU en-CA en-GB en-US es-419 es-ES es-MX fa-AF fr-CA fr-CH nl-BE pt-BR pt-PT sw-CD zh-Hans zh-Hant'.split(
        ' ',
      );
    for (const tag of dialects)
      for (const name of [...namesOf(tag, 'en'), ...namesOf(tag, tag)])
        expect([name, parseLanguage(name)]).toEqual([name, tag]);
  });

  it('a name says which region and script where its language is written or spoken in several', () => {
    const told = fc.record({
      language: fc.constantFrom('sr', 'uz', 'az', 'pa', 'zh', 'kk', 'bs'),
      region: fc.constantFrom('US', 'MX', 'BR', 'PT', 'CH', 'EG', 'BA', 'HK', 'TW', 'SG', '419', 'KE', 'IN'),
      script: fc.constantFrom('Latn', 'Cyrl', 'Arab', 'Hans', 'Hant'),
    });
    fc.assert(
      fc.property(told, fc.boolean(), ({ language, region, script }, inEnglish) => {
        for (const tag of [
          `${language}-${region}`,
          `${language}-${script}`,
          `${language}-${script}-${region}`,
        ])
          for (const name of namesOf(tag, inEnglish ? 'en' : language))
            expect(parseLanguage(name), name).toBe(tag);
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});
