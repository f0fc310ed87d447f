/** What the host of a meeting is told of its routes and languages, in words. Names in it are untrusted, made fit for showing. */
import type { ParleyError } from '../errors.js';
import type { EngineDecision, EngineNeed } from '../interpreter/plan/engine.js';
import type { GuardFinding } from '../interpreter/guard/guard.js';
import type { RouteSpec } from '../interpreter/plan/routes.js';
import { type LanguageTag, ownLanguageName, likelyLanguage } from '../languages/languages.js';
import type { SessionNotice } from '../realtime/session.js';
import type { MeetingNotice, MeetingPerson } from './meeting-events.js';

/** All sessions are in use, and this route is one too many. */
export function atCapNotice({ speakerId, to }: RouteSpec, name: string, maxSessions: number): MeetingNotice {
  const what = to === undefined ? 'transcribed' : `interpreted into ${ownLanguageName(to)}`;
  const busy =
    maxSessions === 1
      ? 'the only session (--max-sessions) is'
      : `all ${maxSessions} sessions (--max-sessions) are`;
  const message = `${name} is not being ${what}: ${busy} busy; it starts when another speaker goes quiet`;
  return { kind: 'at_cap', message, participantId: speakerId };
}

/** A route's session failed; `retryInMs` from now it may be opened again, and never where that is infinite. */
export function failedNotice(
  { speakerId, to }: RouteSpec,
  name: string,
  error: ParleyError,
  retryInMs: number,
): MeetingNotice {
  const what = to === undefined ? `writing ${name} down` : `interpreting ${name} into ${ownLanguageName(to)}`;
  const message = `${what} stopped: ${error.message}; ${nextAttempt(retryInMs)}`;
  return { kind: 'session_failed', message, participantId: speakerId };
}

/** Two microphones hear the same people. Names are fit for showing. */
export function oneRoomNotice(nearName: string, copyName: string, copyId: string): MeetingNotice {
  const message = `${nearName} and ${copyName} seem to be in one room: what both microphones hear is interpreted once, for whoever is nearer (--no-merge-microphones: for both)`;
  return { kind: 'one_room', message, participantId: copyId };
}

/** Somebody's microphone is very quiet. The name is fit for showing. */
export function quietMicrophone(name: string, participantId: string): MeetingNotice {
  const message = `${name}'s microphone is very quiet: it is raised, and ${name} was told`;
  return { kind: 'quiet_microphone', message, participantId };
}

/** Somebody shares a screen with sound. The name is fit for showing. */
export function shareAudioNotice(name: string, participantId: string, interprets: boolean): MeetingNotice {
  const what = interprets
    ? `it is interpreted as if ${name} said it`
    : 'it is not interpreted (--share-audio interpret)';
  return { kind: 'share_audio', message: `${name} shares a screen with sound: ${what}`, participantId };
}

/** A route by whom it interprets, and into what. */
function routeName(name: string, to: LanguageTag | undefined): string {
  return to === undefined ? name : `${name} into ${ownLanguageName(to)}`;
}

/** A route's session lost its connection. */
export function reconnectingNotice(
  { speakerId, to }: RouteSpec,
  name: string,
  error: ParleyError,
): MeetingNotice {
  const message = `${routeName(name, to)}: reconnecting, since ${error.message}`;
  return { kind: 'interruption', message, participantId: speakerId };
}

/** What was said as a translation was none. What it was is not shown: it is in its caption. */
export function guardNotice(
  { speakerId, to }: RouteSpec,
  name: string,
  finding: GuardFinding,
): MeetingNotice {
  const message = `${routeName(name, to)}: ${findingWords(finding)}; it is taken back, and marked in captions`;
  return { kind: 'guard', message, participantId: speakerId };
}

function findingWords(finding: GuardFinding): string {
  switch (finding.kind) {
    case 'wrong_language':
      return `the translation is in ${ownLanguageName(finding.language)}`;
    case 'answer':
      return 'the model answered instead of translating';
    case 'own_voice':
      return 'the interpreter’s own voice was heard in their microphone';
  }
}

/** Another engine than was meant for a route interprets it, or, where none is replaced, the one that was meant again. */
export function otherEngineNotice(
  { speakerId, to }: RouteSpec,
  name: string,
  { engine, reason, insteadOf }: EngineDecision,
): MeetingNotice {
  const again = insteadOf === undefined ? ' again' : '';
  const message = `${routeName(name, to)} is interpreted by the ${engine} engine${again}: ${reason}`;
  return { kind: 'engine', message, participantId: speakerId };
}

/** The engine that was asked for takes no instructions, and there is something to tell it. */
export function unusedNeedsNotice(needs: readonly EngineNeed[]): MeetingNotice {
  const what = needs.map((need) => (need === 'glossary' ? 'the glossary' : 'profiles')).join(' and ');
  const verb = needs.length === 1 && needs[0] === 'glossary' ? 'is' : 'are';
  const message = `${what} ${verb} not used by the translate engine, which takes no instructions: --engine auto uses the other one where they are needed`;
  return { kind: 'engine', message };
}

function nextAttempt(inMs: number): string {
  if (inMs === 0) return 'tried again with their next words';
  if (inMs === Infinity) return 'it is not tried again';
  return `tried again in ${Math.ceil(inMs / 1000)} s at the earliest`;
}

/** A session tells of something that costs quality. */
export function sessionNotice(
  { speakerId, to }: RouteSpec,
  name: string,
  notice: SessionNotice,
): MeetingNotice {
  return {
    kind: 'session_notice',
    message: `${routeName(name, to)}: ${notice.message}`,
    participantId: speakerId,
  };
}

/** Somebody asked in the meeting for something that is no language. `unread` is what they asked for, where it is a text. */
export function languageRefusedNotice(
  participantId: string,
  name: string,
  unread: string | undefined,
): MeetingNotice {
  const message =
    unread === undefined
      ? `${name} sent an invalid language on PARLEY_LANGUAGE; expected for example { preferredLanguage: "es" }`
      : `${name} asks for ${unreadWords(unread)}; they are asked again in the meeting`;
  return { kind: 'language_unknown', message, participantId };
}

/** Nobody knows what this person prefers, or it is none of the meeting's `languages`; `unread` is what they gave, where it is none at all. */
export function languageUnknownNotice(
  participantId: string,
  name: string,
  languages: readonly LanguageTag[],
  { prefers, unread }: Partial<Pick<MeetingPerson, 'prefers' | 'unread'>>,
): MeetingNotice {
  const heard =
    languages.length === 0 || languages.length > 2
      ? 'the original'
      : languages.map((tag) => ownLanguageName(tag)).join(' or ');
  const message =
    unread !== undefined
      ? `${name} asks for ${unreadWords(unread)}; they hear ${heard}, and are asked again in the meeting`
      : prefers !== undefined
        ? `${name} wants ${ownLanguageName(prefers)}, which is not among the meeting's languages, and hears ${heard}; they are asked in the meeting`
        : `${name} has not chosen a language and hears ${heard}; they are asked in the meeting, and an app sets metaData.preferredLanguage`;
  return { kind: 'language_unknown', message, participantId };
}

function unreadWords(unread: string): string {
  const meant = likelyLanguage(unread);
  const guess = meant === undefined ? '' : `, perhaps ${ownLanguageName(meant)} (${meant})`;
  return `a language that is not known, "${unread}"${guess}`;
}

/** Another interpreter is in the meeting. */
export function otherInterpreterNotice(participantId: string, name: string): MeetingNotice {
  const message = `another interpreter is in this meeting (${name}, ${participantId}): people hear everything twice, and it costs twice; end one of the two`;
  return { kind: 'other_interpreter', message, participantId };
}
