/** Values of options that several commands take. */
import { InvalidArgumentError } from 'commander';
import { ParleyError } from '../../errors.js';
import { isInheritedName } from '../../inherited-names.js';
import { noLanguageText } from '../../languages/language-hint.js';
import { type LanguageTag, parseLanguage } from '../../languages/languages.js';
import { isMeetingId, meetingIdIn } from '../../room/meeting-id.js';
import { CALL_ID, parseCallId } from '../../room/stream/call-id.js';
import type { ProcessSettings } from '../../settings/process-settings.js';
import { plain } from '../../text.js';

/** A TCP port; 0 for any free one. */
export function parsePort(value: string): number {
  return parseWhole(0, 65_535)(value);
}

/** A parser of whole numbers in a range. */
export function parseWhole(from: number, to: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d{1,9}$/.test(value) || number < from || number > to)
      throw new InvalidArgumentError(`It must be ${from} to ${to}.`);
    return number;
  };
}

/** Resolves when the run is to end. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** The language that an option's value means. Throws ParleyError `usage` for what is none. */
export function languageOption(text: string, flag: string): LanguageTag {
  const tag = parseLanguage(text);
  if (tag === undefined) throw new ParleyError('usage', `${flag}: ${noLanguageText(text)}`);
  return tag;
}

/** An id as VideoSDK's addresses can carry it. Throws ParleyError `usage` for any other. */
export function checkId(what: string, id: string): string {
  if (isInheritedName(id))
    throw new ParleyError('usage', `${what} cannot be ${id}: every JavaScript object has that name`);
  if (isMeetingId(id)) return id;
  throw new ParleyError('usage', `${what} is made of 1 to 128 letters, digits and . _ ~ -`);
}

/**
 * The meeting that somebody names: its id, or a link to it as people copy it, whose last part is the id (a meeting page's) or
 * whose `meetingId` names it; of Stream a call's type and id, `default:weekly-sync`. Throws ParleyError `usage` for
 * anything else.
 */
export function meetingIdOf(text: string, platform: ProcessSettings['platform'] = 'videosdk'): string {
  if (platform === 'stream') {
    parseCallId(text);
    return text;
  }
  if (CALL_ID.test(text))
    throw new ParleyError(
      'usage',
      `${plain(text).slice(0, 140)} is the name of a call of Stream, which "parley join --stream" takes`,
    );
  if (!/^https?:\/\//i.test(text)) return checkId('<meetingId>', text);
  const id = meetingIdIn(text);
  if (id !== undefined) return id;
  throw new ParleyError(
    'usage',
    `no meeting id is found in the link ${plain(text).slice(0, 80)}: copy the meeting page's address, or give the id alone`,
  );
}
