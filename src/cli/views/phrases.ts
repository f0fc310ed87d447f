/** Events of a meeting in words: one line each but for instructions, safe for a terminal. */
import { ROOM_SPEAKER_ID } from '../../interpreter/plan/two-way.js';
import { ownLanguageName, type LanguageTag } from '../../languages/languages.js';
import { secondsText } from '../../duration-text.js';
import { playedBackMs, playedBackText } from '../../realtime/stand-in-text.js';
import { plain } from '../../text.js';
import type { JoinCounters, JoinEvent, JoinEventOf, JoinPerson, Latency } from '../../bot/events.js';

/** Routes whose spans are told in the last line. */
const MAX_SPANS = 8;

/** A line about an event; undefined where nothing is worth one. `nameOf` knows everyone who is or was here. */
export function phraseOf(event: JoinEvent, nameOf: (participantId: string) => string): string | undefined {
  switch (event.type) {
    case 'started':
      return `joining ${plain(event.meetingId)} as ${plain(event.name)}, in ${plain(event.place)}, interpreted by ${plain(event.interpreter)}`;
    case 'state':
      return stateWords(event.state);
    case 'joined':
      return `${personWords(event.person)} is here`;
    case 'changed':
      return `${plain(event.person.name)} is now: ${languageWords(event.person) || 'no known language'}`;
    case 'left':
      return `${plain(event.person.name)} left${event.reason === undefined || event.reason.kind === 'asked' ? '' : `: ${plain(event.reason.message)}`}`;
    case 'speaking':
      return event.speaking ? `${plain(nameOf(event.participantId))} speaks` : undefined;
    case 'caption':
      return event.final ? captionWords(event) : undefined;
    case 'playback':
      return playbackWords(event, plain(nameOf(event.speakerId)));
    case 'engine':
      return engineWords(event, plain(nameOf(event.speakerId)));
    case 'instructions':
      return instructionsWords(event, plain(nameOf(event.speakerId)));
    case 'notice':
      return `note: ${plain(event.message)}`;
    case 'agent':
      return agentWords(event, event.askedBy === undefined ? 'the host' : plain(nameOf(event.askedBy)));
    case 'tool':
      return toolWords(event, event.askedBy === undefined ? undefined : plain(nameOf(event.askedBy)));
    case 'note':
      return event.what === 'taken' ? `the agent notes: ${plain(event.text)}` : undefined;
    case 'ended':
      return `${endWords(event.reason)}; ${latencyWords(event.latency)}${spanWords(event.spans)}${costWords(event.cost)}${countersWords(event.counters)}`;
    case 'route':
    case 'span':
    case 'status':
      return undefined;
  }
}

/** `Lucía asks the agent: …`. */
function agentWords(
  { what, text = '', firstAudioMs }: JoinEventOf<'agent'>,
  name: string,
): string | undefined {
  switch (what) {
    case 'asked':
      return `${name} asks the agent: ${plain(text)}`;
    case 'answering':
      return firstAudioMs === undefined ? undefined : `the agent answers, after ${secondsText(firstAudioMs)}`;
    case 'hushed':
      return `${name} told the agent to be quiet`;
    case 'refused':
      return `${name} asks the agent too often: not answered`;
    case 'failed':
      return `the agent could not answer ${name}: ${plain(text)}`;
    default:
      return undefined;
  }
}

/** `the agent calls find_room {"floor":2} for Lucía`. */
function toolWords(call: JoinEventOf<'tool'>, name: string | undefined): string | undefined {
  const { what, outcome, durationMs = 0 } = call;
  const said = `${plain(call.tool)} ${plain(call.arguments)}`;
  const asker = name === undefined ? '' : ` for ${name}`;
  if (what === 'called') return `the agent calls ${said}${asker}`;
  if (what === 'asking') return `the agent waits for a yes to ${said}${asker}`;
  if (what === 'approved' || what === 'denied')
    return `${said}: ${what} by ${plain(call.decidedBy ?? 'somebody')}`;
  return `${plain(call.tool)}: ${(outcome ?? '').replaceAll('_', ' ')}, after ${secondsText(durationMs)}`;
}

/** `Parley left the meeting: it was stopped here`. */
function endWords({ kind, message }: JoinEventOf<'ended'>['reason']): string {
  const why = message === 'stopped by a signal' ? 'it was stopped here' : plain(message);
  switch (kind) {
    case 'asked':
      return `Parley left the meeting: ${why}`;
    case 'removed':
      return `Parley was removed from the meeting: ${why}`;
    case 'room_closed':
      return `the meeting is over: ${why}`;
    default:
      return `Parley is not in the meeting any more: ${why}`;
  }
}

function stateWords(state: JoinEventOf<'state'>['state']): string | undefined {
  if (state === 'connected') return 'in the meeting';
  if (state === 'reconnecting') return 'the connection to the meeting is down; reconnecting';
  return undefined;
}

/** `Lucía (español)`. */
export function personWords(person: JoinPerson): string {
  const about = person.isBot ? 'interpreter' : languageWords(person);
  return `${plain(person.name)}${about === '' ? '' : ` (${about})`}`;
}

/** What somebody speaks, or else prefers to hear; empty when neither is known. */
function languageWords({ speaks, prefers }: JoinPerson): string {
  const languages = speaks.length > 0 ? speaks : prefers === undefined ? [] : [prefers];
  return languages.map((tag) => safeLanguageName(tag)).join(', ');
}

/** Marks that no line of their own tells of. */
const MARK_WORDS: Readonly<Partial<Record<NonNullable<JoinEventOf<'caption'>['mark']>, string>>> = {
  failed: ' (not to its end)',
  doubtful: ' (taken back)',
};

function captionWords(caption: JoinEventOf<'caption'>): string | undefined {
  const { sourceLanguage, targetLanguage, sourceText, translatedText, mark, interruption } = caption;
  if (interruption !== undefined) return undefined; // a notice tells the host
  const speaker = `${plain(caption.speakerName)}${sourceLanguage === '' ? '' : ` [${sourceLanguage}]`}`;
  const playedBack = playedBackMs(translatedText);
  if (playedBack !== undefined) return `${speaker}: ${playedBackText(playedBack).slice(1, -1)}`;
  const source = plain(sourceText) === '' ? speaker : `${speaker}: ${plain(sourceText)}`;
  if (targetLanguage === '') return source === speaker ? undefined : source;
  const translation =
    plain(translatedText) || (mark === 'failed' ? '(could not be translated)' : '(nothing to say)');
  const rest = translatedText === '' || mark === undefined ? '' : (MARK_WORDS[mark] ?? '');
  return `${source}  →  [${targetLanguage}] ${translation}${rest}`;
}

function playbackWords(playback: JoinEventOf<'playback'>, name: string): string | undefined {
  const what = `${name}’s translation${playback.to === 'und' ? '' : ` into ${safeLanguageName(playback.to)}`}`;
  if (playback.what === 'cut') return `${what} was cut short${cutWords(playback.why)}`;
  if (playback.what === 'captions_only')
    return `${what} was shown as captions only: the audio queue was too long`;
  if (playback.what !== 'heard' || playback.firstAudioDelayMs === undefined) return undefined;
  const heard =
    playback.to === 'und' ? `${name} is heard` : `${name} is heard in ${safeLanguageName(playback.to)}`;
  return `${heard}, ${delayWords(playback.firstAudioDelayMs)}`;
}

/** `1.15 s after speaking`; what is heard while somebody still speaks has no delay. */
function delayWords(delayMs: number): string {
  return delayMs < 0 ? 'while speaking' : `${secondsText(delayMs)} after speaking`;
}

function cutWords(why: JoinEventOf<'playback'>['why']): string {
  if (why === 'barge_in') return ': somebody else spoke';
  if (why === 'stalled') return ': the rest of it did not come from the server';
  if (why === 'gone') return ': the voice that spoke it left the meeting';
  return '';
}

/** `Lucía in español: the translate engine (asked for), about $2.04 per hour of its session`. */
function engineWords(choice: JoinEventOf<'engine'>, name: string): string {
  const { to, engine, reason, usdPerHour } = choice;
  const route = to === undefined ? name : `${name} in ${safeLanguageName(to)}`;
  const hour = engine === 'conversation' ? 'speech' : 'its session';
  const cost = usdPerHour === undefined ? '' : `, about $${usdPerHour.toFixed(2)} per hour of ${hour}`;
  return `${route}: the ${engine} engine (${plain(reason)})${cost}`;
}

/** All of it, each line marked. */
function instructionsWords(instructed: JoinEventOf<'instructions'>, name: string): string {
  const { speakerId, to, text } = instructed;
  const lines = text.split('\n').map((line) => `         | ${plain(line)}`);
  const way = speakerId === ROOM_SPEAKER_ID ? ', both ways' : ` in ${safeLanguageName(to)}`;
  return [`${name}${way}: the model is told:`, ...lines].join('\n');
}

/** `; behind the speaker: lucia in English 3.1 s (median), 4.8 s (95 %)`. */
function spanWords(spans: JoinEventOf<'ended'>['spans']): string {
  if (spans === undefined || spans.length === 0) return '';
  const shown = spans
    .slice(0, MAX_SPANS)
    .map(
      ({ speakerId, to, engine, medianMs, p95Ms }) =>
        `${plain(speakerId)} in ${safeLanguageName(to)} by ${engine} ${secondsText(medianMs)} (median), ${secondsText(p95Ms)} (95 %)`,
    );
  return `; behind the speaker: ${shown.join('; ')}`;
}

function latencyWords({ turns, lastMs, medianMs }: Latency): string {
  if (lastMs === undefined || medianMs === undefined) return 'no translation was heard';
  return `${turns} translation${turns === 1 ? '' : 's'} heard, the last ${delayWords(lastMs)}, the median ${delayWords(medianMs)}`;
}

/** `$1.23 of $5.00`. */
export function spentWords({ usd, budgetUsd }: NonNullable<JoinEventOf<'status'>['cost']>): string {
  return `$${usd.toFixed(2)}${budgetUsd === undefined ? '' : ` of $${budgetUsd.toFixed(2)}`}`;
}

/** `; about $1.23 by list prices`; empty where nothing was billed. */
function costWords(cost: JoinEventOf<'ended'>['cost']): string {
  if (cost === undefined || cost.responses + cost.audioMs + cost.unpriced === 0) return '';
  const unknown = cost.unpriced === 0 ? '' : `, and ${cost.unpriced} uses of models without a known price`;
  return `; ${cost.isLowerBound === true ? 'at least' : 'about'} ${spentWords(cost)}, by list prices${unknown}`;
}

/** `; 2 translations taken back, 1.5 s of audio dropped`; empty where nothing of it happened. */
function countersWords(counters: JoinCounters | undefined): string {
  if (counters === undefined) return '';
  const count = (value: number, one: string, more: string): string[] =>
    value === 0 ? [] : [`${value} ${value === 1 ? one : more}`];
  const droppedMs = counters.audioDroppedMs + counters.staleAudioDroppedMs;
  const takenBack = counters.wrongLanguage + counters.answers + counters.ownVoice;
  const words = [
    ...count(counters.playedBack ?? 0, 'phrase', 'phrases').map(
      (each) => `${each} not in the phrasebook, played back`,
    ),
    ...count(counters.reconnects, 'lost connection replaced', 'lost connections replaced'),
    ...(droppedMs === 0 ? [] : [`${secondsText(droppedMs)} of speech dropped`]),
    ...count(takenBack, 'translation taken back', 'translations taken back'),
    ...count(
      counters.captionsOnly,
      'translation shown as captions only',
      'translations shown as captions only',
    ),
    ...count(counters.captionsDropped, 'caption not sent', 'captions not sent'),
  ];
  return words.length === 0 ? '' : `; ${words.join(', ')}`;
}

/** A language in itself. Tags come from declared languages and are canonical; anything else is shown as it is. */
function safeLanguageName(tag: LanguageTag): string {
  try {
    return ownLanguageName(tag);
  } catch {
    return plain(tag);
  }
}
