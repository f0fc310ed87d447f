/** What the host of a meeting is told of its routes and languages, in words. Names in it are untrusted, made fit for showing. */
import type { ParleyError } from '../errors.js';
import type { RouteSpec } from '../interpreter/routes.js';
import { type LanguageTag, languageName } from '../languages/languages.js';
import type { SessionNotice } from '../realtime/session.js';
import type { MeetingNotice } from './meeting-events.js';

/** All sessions are in use, and this route is one too many. */
export function atCapNotice({ speakerId, to }: RouteSpec, name: string, maxSessions: number): MeetingNotice {
  const what = to === undefined ? 'written down' : `interpreted into ${languageName(to)}`;
  const message = `${name} is not ${what}: ${maxSessions} sessions are in use, the limit of --max-sessions; whoever falls silent makes room`;
  return { kind: 'at_cap', message, participantId: speakerId };
}

/** A route's session failed; `retryInMs` from now it may be opened again. */
export function failedNotice(
  { speakerId, to }: RouteSpec,
  name: string,
  error: ParleyError,
  retryInMs: number,
): MeetingNotice {
  const what = to === undefined ? `writing ${name} down` : `interpreting ${name} into ${languageName(to)}`;
  const again =
    retryInMs === 0 ? 'with their next words' : `in ${Math.ceil(retryInMs / 1000)} s at the earliest`;
  const message = `${what} stopped: ${error.message}; tried again ${again}`;
  return { kind: 'session_failed', message, participantId: speakerId };
}

/** A session tells of something that costs quality. */
export function sessionNotice(
  { speakerId, to }: RouteSpec,
  name: string,
  notice: SessionNotice,
): MeetingNotice {
  const about = to === undefined ? name : `${name} into ${languageName(to)}`;
  return { kind: 'session_notice', message: `${about}: ${notice.message}`, participantId: speakerId };
}

/** Somebody asked in the meeting for something that is no language. What they asked for is theirs, and not shown. */
export function languageRefusedNotice(participantId: string, name: string): MeetingNotice {
  const message = `${name} asked on PARLEY_LANGUAGE for what is no language: { preferredLanguage: "es" } would be one`;
  return { kind: 'language_unknown', message, participantId };
}

/** Nobody knows what this person prefers, or it is none of the meeting's `languages`. */
export function languageUnknownNotice(
  participantId: string,
  name: string,
  languages: readonly LanguageTag[],
): MeetingNotice {
  const heard =
    languages.length === 0 || languages.length > 2
      ? 'they hear the original'
      : `they hear ${languages.map((tag) => languageName(tag)).join(' or ')}`;
  const message = `${name} prefers no language that is known here: ${heard}`;
  return { kind: 'language_unknown', message, participantId };
}
