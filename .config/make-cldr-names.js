/**
 * Writes `src/languages/cldr-names.json`: what CLDR, by the Intl of this Node, calls languages in English and in themselves, and
 * regions and scripts in English. To be run again when a newer CLDR is wanted: `node .config/make-cldr-names.js`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Regions and scripts that are part of a dialect's own name somewhere in CLDR. */
const DIALECTS = (
  'ar-001 az-Arab de-AT de-CH en-AU en-CA en-GB en-US es-ES es-MX es-419 fa-AF fr-CA fr-CH hi-Latn kk-Arab nds-NL nl-BE pt-BR pt-PT ' +
  'ro-MD sr-ME sw-CD zh-Hans zh-Hant'
).split(' ');
/** Locales in which a language has names beside those of its usual one. */
const OWN_LOCALES = (
  'az-Cyrl bs-Cyrl en-AU en-GB en-VC es-MX fa-AF ff-Adlm hi-Latn kk-Arab ko-KP kok-Latn ks-Deva kxv-Deva kxv-Telu ms-Arab ' +
  'pa-Arab sat-Deva sd-Deva shi-Latn sr-Latn sr-ME uz-Arab uz-Cyrl vai-Latn yo-BJ yrl-CO yrl-VE yue-Hans zh-Hant zh-Hant-HK pt-PT su-Latn'
).split(' ');
const NO_LANGUAGES = new Set(['und', 'mul', 'mis', 'zxx']);

const letters = [...'abcdefghijklmnopqrstuvwxyz'];
const pairs = letters.flatMap((a) => letters.map((b) => a + b));
const triples = pairs.flatMap((pair) => letters.map((c) => pair + c));
const english = {
  language: new Intl.DisplayNames('en', { type: 'language', fallback: 'none' }),
  region: new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }),
  script: new Intl.DisplayNames('en', { type: 'script', fallback: 'none' }),
};

const languages = unique(
  [...pairs, ...triples]
    .filter((code) => english.language.of(code) !== undefined && !NO_LANGUAGES.has(code))
    .map((code) => new Intl.Locale(code).language),
);
const areas = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'));
const regions = [...pairs.map((pair) => pair.toUpperCase()), ...areas].filter(
  (code) => english.region.of(code) !== undefined && new Intl.Locale(`en-${code}`).region === code,
);
const scripts = pairs
  .flatMap((first) => pairs.map((second) => first[0].toUpperCase() + first[1] + second))
  .filter((code) => english.script.of(code) !== undefined && new Intl.Locale(`en-${code}`).script === code);

/** Dialect and standard names, long and short. */
function languageNames(locale, tag) {
  return unique(
    ['long', 'short'].flatMap((style) =>
      ['dialect', 'standard'].flatMap(
        (languageDisplay) =>
          new Intl.DisplayNames(locale, { type: 'language', fallback: 'none', style, languageDisplay }).of(
            tag,
          ) ?? [],
      ),
    ),
  );
}

function plainNames(locale, type, subtag) {
  return ['long', 'short'].flatMap(
    (style) => new Intl.DisplayNames(locale, { type, style, fallback: 'none' }).of(subtag) ?? [],
  );
}

function unique(list) {
  return [...new Set(list)];
}

const names = {};
for (const tag of [...languages, ...DIALECTS]) names[tag] = languageNames('en', tag);
const own = {};
const usualScript = (language) => new Intl.Locale(language).maximize().script;
for (const locale of [...Intl.DisplayNames.supportedLocalesOf(languages), ...OWN_LOCALES]) {
  const { language, script } = new Intl.Locale(locale).maximize();
  const written = script === usualScript(language) ? language : `${language}-${script}`;
  own[written] = unique([...(own[written] ?? []), ...languageNames(locale, language)]);
  for (const dialect of DIALECTS.filter((tag) => new Intl.Locale(tag).language === language))
    own[dialect] = unique([...(own[dialect] ?? []), ...languageNames(locale, dialect)]);
}
const plain = (type, subtags) =>
  Object.fromEntries(subtags.map((subtag) => [subtag, unique(plainNames('en', type, subtag))]));
const table = { names, own, regions: plain('region', regions), scripts: plain('script', scripts) };
const entries = (object) =>
  `{\n${Object.entries(object)
    .map(([key, value]) => `    ${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(',\n')}\n  }`;
writeFileSync(
  join(import.meta.dirname, '..', 'src', 'languages', 'cldr-names.json'),
  `{\n${Object.entries(table)
    .map(([key, value]) => `  ${JSON.stringify(key)}: ${entries(value)}`)
    .join(',\n')}\n}\n`,
);
