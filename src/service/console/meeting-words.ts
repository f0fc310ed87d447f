/** States, reasons and settings in words. */
import type { BotSummary, Cost } from './api/types.js';
import { moneyText } from './format.js';
import { hasText, text } from './texts.js';

/** What a meeting cost; at least so much, where a part of it is not known. */
export function costText(
  { usd, isLowerBound }: Pick<Cost, 'usd' | 'isLowerBound'>,
  language: string,
): string {
  const money = moneyText(usd, language);
  return isLowerBound === true ? text('live.atLeast', { usd: money }) : money;
}

/** What a bot does now, in a few words. */
export function stateText({ state, waitingFor }: Pick<BotSummary, 'state' | 'waitingFor'>): string {
  if (state === 'joining' && waitingFor === 'admission') return text('state.admission');
  const key = `state.${state}`;
  return hasText(key) ? text(key) : state;
}

/** Why a bot is over; empty where there is nothing to say. */
export function reasonText({ state, reason }: Pick<BotSummary, 'state' | 'reason'>): string {
  if (reason === undefined) return '';
  const key = `reason.${reason}`;
  if (hasText(key)) return text(key);
  return state === 'failed' ? text('reason.other', { reason }) : '';
}

/** How a state looks: `good`, `busy`, `bad`, `waiting` or `done`. */
export function toneOf({ state, waitingFor }: Pick<BotSummary, 'state' | 'waitingFor'>): string {
  switch (state) {
    case 'active':
      return 'good';
    case 'failed':
      return 'bad';
    case 'recovering':
      return 'warn';
    case 'joining':
      return waitingFor === 'admission' ? 'warn' : 'busy';
    case 'ended':
    case 'cancelled':
      return 'done';
    case 'scheduled':
      return 'waiting';
    default:
      return 'busy';
  }
}

/** A setting's name for people; its own where we have none. */
export function settingText(name: string): string {
  const key = `setting.${name}`;
  return hasText(key) ? text(key) : name;
}

/** One of a few values of a setting, in words. */
export function valueText(name: string, value: string): string {
  const key = `value.${name}.${value}`;
  return hasText(key) ? text(key) : value;
}

/** A glossary as lines that people write: `es>en: acta = minutes`. */
export function glossaryLines(
  glossary: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined,
): string {
  return Object.entries(glossary ?? {})
    .flatMap(([pair, terms]) =>
      Object.entries(terms).map(
        ([term, translation]) => `${pair === '*>*' ? '' : `${pair}: `}${term} = ${translation}`,
      ),
    )
    .join('\n');
}

/**
 * Reads such lines; `term = translation` alone is for all languages. Lines that cannot be read are named by their number.
 */
export function readGlossary(lines: string): {
  readonly glossary: Record<string, Record<string, string>>;
  readonly wrongLines: readonly number[];
} {
  const glossary = new Map<string, Map<string, string>>();
  const wrongLines: number[] = [];
  for (const [index, line] of lines.split('\n').entries()) {
    if (line.trim() === '') continue;
    const match = /^(?:\s*([\w*-]+\s*>\s*[\w*-]+)\s*:)?\s*([^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    const [, pair = '*>*', term = '', translation = ''] = match ?? [];
    if (term === '' || translation === '') {
      wrongLines.push(index + 1);
      continue;
    }
    const name = pair.replace(/\s/g, '');
    glossary.set(name, (glossary.get(name) ?? new Map<string, string>()).set(term, translation));
  }
  return {
    glossary: Object.fromEntries([...glossary].map(([pair, terms]) => [pair, Object.fromEntries(terms)])),
    wrongLines,
  };
}

/** The meeting in what somebody wrote or pasted; undefined where there is none. */
export function meetingIdIn(written: string): string | undefined {
  const given = written.trim();
  const isId = (id: string): boolean => /^[\w.~-]{1,128}$/.test(id);
  if (!/^https?:\/\//i.test(given)) return isId(given) ? given : undefined;
  if (!URL.canParse(given)) return undefined;
  const { pathname, searchParams } = new URL(given);
  const id = searchParams.get('meetingId') ?? pathname.split('/').findLast((part) => part !== '');
  return id !== undefined && isId(id) ? id : undefined;
}
