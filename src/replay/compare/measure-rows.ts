/** The figures of a comparison in words, a row per measure: the same on the page and in the terminal. Pure. */
import { secondsText } from '../../duration-text.js';
import { ownLanguageName } from '../../languages/languages.js';
import type { ComparedContender, CompareDocument } from './document.js';

/** One measure, and its value for each contender in their order. */
export type MeasureRow = { readonly name: string; readonly values: readonly string[] };

/** Said wherever figures of the embedded server are shown. */
export const STAND_IN_TEXT =
  'These figures are the stand-in’s: the embedded server knows the phrases of its phrasebook, and no model. They say that the tool works, and nothing of how well an engine interprets.';

type Value = (contender: ComparedContender) => string;
type Delays = ComparedContender['delays'];
type Kept = ComparedContender['kept'];

/** All measures; those of what is rare only where it happened. */
export function measureRows({ contenders }: CompareDocument): MeasureRow[] {
  const row = (name: string, value: Value): MeasureRow => ({ name, values: contenders.map(value) });
  const ifAny = (name: string, count: (contender: ComparedContender) => number): MeasureRow[] =>
    contenders.some((each) => count(each) > 0) ? [row(name, (each) => String(count(each)))] : [];
  const delay = (name: string, of: (delays: Delays) => Delays['firstWord']): MeasureRow =>
    row(name, ({ delays }) => delayText(of(delays)));
  const kept = (name: string, of: keyof Kept): MeasureRow => row(name, (each) => keptText(each.kept[of]));
  const languages = [...new Set(contenders.flatMap(({ chrfByLanguage }) => Object.keys(chrfByLanguage)))];
  const hasReferences = contenders.some((each) => each.chrf !== null);
  return [
    row('heard', ({ outcomes }) => `${outcomes.heard} of ${outcomes.expected}`),
    ...ifAny('in captions only', ({ outcomes }) => outcomes.captionsOnly),
    row('lost: said, not translated', ({ outcomes }) => String(outcomes.lost)),
    row('added: translated, not said', ({ outcomes }) => String(outcomes.added)),
    ...ifAny('cut short', ({ outcomes }) => outcomes.cut),
    ...ifAny('played back, not translated', ({ outcomes }) => outcomes.playedBack),
    delay('ear-voice span', (delays) => delays.earVoiceSpan),
    delay('first word', (delays) => delays.firstWord),
    delay('last word', (delays) => delays.lastWord),
    row('catching up after a monologue', ({ delays: { catchUpMs } }) =>
      catchUpMs === null ? 'no monologue' : secondsText(catchUpMs),
    ),
    ...(hasReferences ? [row('chrF', (each) => scoreText(each.chrf))] : []),
    ...(languages.length > 1
      ? languages.map((tag) =>
          row(`chrF, ${ownLanguageName(tag)}`, (each) => scoreText(each.chrfByLanguage[tag] ?? null)),
        )
      : []),
    kept('glossary terms kept', 'terms'),
    kept('numbers kept', 'numbers'),
    kept('names kept', 'names'),
    row('in a wrong language', ({ findings }) => String(findings.wrongLanguage)),
    row('answered, not translated', ({ findings }) => String(findings.answers)),
    ...ifAny('its own voice, translated back', ({ findings }) => findings.ownVoice),
    row('cost per hour', ({ cost }) => costText(cost)),
  ];
}

/** chrF with one digit. */
export function scoreText(score: number | null): string {
  return score === null ? 'no reference' : score.toFixed(1);
}

function delayText(figures: Delays['firstWord']): string {
  if (figures === null) return 'none';
  return `${secondsText(figures.medianMs)} (p95 ${secondsText(figures.p95Ms)})`;
}

function keptText({ kept, said }: Kept['terms']): string {
  return said === 0 ? 'none said' : `${kept} of ${said}`;
}

function costText(cost: ComparedContender['cost']): string {
  if (cost === null) return 'not billed';
  if (cost.unpriced === 0)
    return `${cost.isLowerBound === true ? 'at least' : 'about'} $${cost.usdPerHour.toFixed(2)}`;
  return `at least $${cost.usdPerHour.toFixed(2)}: ${cost.unpriced} ${cost.unpriced === 1 ? 'use' : 'uses'} without a price`;
}
