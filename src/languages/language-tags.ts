/** BCP 47 tags as people and programs write them, made canonical through Intl. */

/** A canonical BCP 47 tag of a known language, such as `es`, `pt-BR` or `zh-Hant`; no variants, no extensions. */
export type LanguageTag = string;

const TAG_SHAPE = /^[a-z]{2,3}(?:-[a-z0-9]{1,8})*$/i;
/** Codes of ISO 639 for no language in particular. */
const NOT_A_LANGUAGE = new Set(['und', 'mul', 'zxx', 'mis', 'root']);

/** What locale names of operating systems add: an encoding, and a script as a modifier. */
const POSIX_TAIL = /^([a-z]{2,3}(?:[-_][a-z0-9]+)*)(?:\.[a-z0-9-]+)?(?:@([a-z]+))?$/i;
const POSIX_SCRIPTS: ReadonlyMap<string, string> = new Map([
  ['latin', 'Latn'],
  ['cyrillic', 'Cyrl'],
  ['devanagari', 'Deva'],
]);

/** Languages that may follow a language they belong to, as `yue` does in `zh-yue` (extlangs of the IANA registry). */
const EXTENDED: ReadonlyMap<string, string> = new Map([
  [
    'ar',
    'aao abh abv acm acq acw acx acy adf aeb aec afb ajp apc apd arb arq ars ary arz auz avl ayh ayl ayn ayp pga shu ssh',
  ],
  ['kok', 'gom knn'],
  ['lv', 'ltg lvs'],
  [
    'ms',
    'bjn btj bve bvu coa dup hji jak jax kvb kvr kxd lce lcf liw max meo mfa mfb min mqg msi mui orn ors pel pse tmw urk vkk vkt xmm zlm zmi zsm',
  ],
  ['sw', 'swc swh'],
  ['uz', 'uzn uzs'],
  ['zh', 'cdo cjy cmn cnp cpx csp czh czo gan hak hnm hsn lzh luh mnp nan sjc wuu yue'],
]);

/** Tags of before 2005 that Intl no longer takes (IANA registry, type "grandfathered"). */
const GRANDFATHERED: ReadonlyMap<string, string> = new Map([
  ['zh-min-nan', 'nan'],
  ['no-bok', 'nb'],
  ['no-nyn', 'nn'],
]);

type SubtagKind = 'language' | 'region' | 'script';

const englishNames: Partial<Record<SubtagKind, Intl.DisplayNames>> = {};

/** The English names of subtags of one kind, made when they are needed first: what has none is not known. */
export function subtagNames(type: SubtagKind): Intl.DisplayNames {
  return (englishNames[type] ??= new Intl.DisplayNames('en', { type, fallback: 'none' }));
}

/**
 * The canonical tag that `text` means: a tag in any case, with hyphens or underscores (`pt_br`, `sr_RS@latin`, `zh-yue`).
 * Undefined where it is none, or of no known language, region or script.
 */
export function canonicalTag(text: string): LanguageTag | undefined {
  const [, plain = '', modifier = ''] = POSIX_TAIL.exec(text) ?? [];
  const written = plain.replaceAll('_', '-');
  const tag = GRANDFATHERED.get(written.toLowerCase()) ?? written;
  if (!TAG_SHAPE.test(tag)) return undefined;
  try {
    const given = new Intl.Locale(withoutExtended(tag));
    const { language, region } = given;
    const script = given.script ?? POSIX_SCRIPTS.get(modifier.toLowerCase());
    const known =
      !NOT_A_LANGUAGE.has(language) &&
      subtagNames('language').of(language) !== undefined &&
      (region === undefined || subtagNames('region').of(region) !== undefined) &&
      (script === undefined || subtagNames('script').of(script) !== undefined);
    if (!known) return undefined;
    // Variants are left out: Intl takes any word for one, so that somebody's tag could carry a sentence.
    return [language, script, region].filter((subtag) => subtag !== undefined).join('-');
  } catch {
    return undefined; // what Intl does not take for a tag
  }
}

/** `zh-yue-HK` → `yue-HK`; of what has no name of its own, the language that it belongs to. Throws RangeError for no tag. */
function withoutExtended(tag: string): string {
  const [language = '', extended = '', ...rest] = tag.split('-');
  if (!/^[a-z]{3}$/i.test(extended)) return tag;
  const belongs = EXTENDED.get(language.toLowerCase())?.split(' ').includes(extended.toLowerCase());
  if (belongs !== true) throw new RangeError('no extended language subtag');
  const named = subtagNames('language').of(extended) !== undefined;
  return [named ? extended : language, ...rest].join('-');
}
