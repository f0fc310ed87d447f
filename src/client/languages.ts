/** Languages as a listener's page compares them, by BCP 47 tags, through Intl. */

/** Written standards of one spoken language. */
const SPOKEN_AS = new Map([
  ['nb', 'no'],
  ['nn', 'no'],
]);

/** Regions whose Spanish is not that of Spain. */
const LATIN_AMERICA =
  /^(?:419|AR|BO|BR|BZ|CL|CO|CR|CU|DO|EC|GT|HN|MX|NI|PA|PE|PR|PY|SV|US|UY|VE|005|013|019)$/;

/** VideoSDK's pubSub topic of captions for readers of `language`. Throws RangeError for what is no BCP 47 tag. */
export function captionsTopic(language: string): string {
  const subtag = new Intl.Locale(language).language || 'und'; // what `und` is, depends on the version of Intl
  const { script, region = '' } = new Intl.Locale(language).maximize();
  const usual = new Intl.Locale(subtag).maximize().script;
  return `PARLEY_CAPTIONS_${subtag}${script === undefined || script === usual ? standardOf(subtag, region) : `-${script}`}`;
}

/** Which of two written standards, where it is not the usual one. */
function standardOf(subtag: string, region: string): string {
  if (subtag === 'es') return LATIN_AMERICA.test(region) ? '-419' : '';
  return subtag === 'pt' && region !== 'BR' ? '-PT' : '';
}

/** Whether both BCP 47 tags are one spoken language, region and script aside. What is no tag is like nothing. */
export function isSameLanguage(a: string, b: string): boolean {
  const spoken = spokenLanguage(a);
  return spoken !== '' && spoken === spokenLanguage(b);
}

/** A subtag such as `pt`; empty for what is no tag. */
function spokenLanguage(tag: string): string {
  try {
    const { language } = new Intl.Locale(tag);
    return SPOKEN_AS.get(language) ?? language;
  } catch {
    return '';
  }
}

/** A tag in its usual writing. Throws RangeError for what is no tag. */
export function canonicalTag(tag: string): string {
  return new Intl.Locale(tag).toString();
}
