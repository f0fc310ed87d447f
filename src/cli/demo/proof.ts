/** What the demo is to show, what was seen of it, and whether that is all. Pure. */
import { secondsText } from '../../duration-text.js';
import type { JoinEventOf } from '../../bot/events.js';
import type { ParticipantReport } from './messages.js';

/** One phrase of the script. */
export type Line = { speakerId: string; listenerId: string; phraseId: string };
type Heard = ParticipantReport & { kind: 'heard' };
type Said = ParticipantReport & { kind: 'said' };

/** What was seen of a line; undefined for what was not. */
export type Evidence = {
  line: Line;
  said: Said | undefined;
  /** What the listener's own SDK received, recognised. */
  heard: Heard | undefined;
  /** The interpreter's final caption. */
  caption: JoinEventOf<'caption'> | undefined;
  /** How often it was said: on a machine that is too busy, audio has holes, and people say it again. */
  attempts: number;
};

export type Actor = { participantId: string; name: string; language: string };

/** What the book says for a phrase in a language. */
export type TextOf = (phraseId: string, language: string) => string;

/** Whether this is the translation of a line, in its listener's language and nothing beside it. */
function isTranslation(heard: Heard, line: Line, listener: Actor): boolean {
  const [only, ...more] = heard.phrases;
  return more.length === 0 && only?.phraseId === line.phraseId && only.language === listener.language;
}

/** From the speaker's last sample to the first audible one of the translation, as the listener received it. */
function delayMsOf({ said, heard }: Evidence): number | undefined {
  return said === undefined || heard === undefined ? undefined : heard.startedAtMs - said.endedAtMs;
}

/** What is missing of a line's proof, in words; undefined when it is whole. `textOf` knows the book. */
export function shortcoming(
  evidence: Evidence,
  actors: ReadonlyMap<string, Actor>,
  textOf: TextOf,
): string | undefined {
  const { line, said, heard, caption } = evidence;
  const [speaker, listener] = [actors.get(line.speakerId)!, actors.get(line.listenerId)!];
  if (said === undefined) return `${speaker.name} did not get to say it`;
  if (heard === undefined) return `${listener.name} heard no translation`;
  if (!isTranslation(heard, line, listener)) {
    const what =
      heard.phrases.map(({ text }) => `"${text}"`).join(' ') || 'something that is no phrase of the book';
    return `${listener.name} heard ${what}`;
  }
  if (caption === undefined) return 'its caption never came';
  const wanted = [textOf(line.phraseId, speaker.language), textOf(line.phraseId, listener.language)];
  const got = [caption.sourceText.trim(), caption.translatedText.trim()];
  return wanted[0] === got[0] && wanted[1] === got[1]
    ? undefined
    : `its caption says "${got[0]}" and "${got[1]}"`;
}

/** Why these delays are longer than those that the interpreter tells while it goes on. */
const MEASURED = `  These delays are from the last sound of the speaker to the first that the listener received. Those told live are
  measured at the interpreter, without the way to it and back.
`;

/** Lines for the end of the demo: the whole script, and what was seen of it as far as it was performed. */
export function describeProof(
  script: readonly Line[],
  all: readonly Evidence[],
  actors: ReadonlyMap<string, Actor>,
  textOf: TextOf,
): { text: string; proven: boolean } {
  const proven = all.filter((evidence) => shortcoming(evidence, actors, textOf) === undefined);
  const lines = script.map((line, index) => {
    const [speaker, listener] = [actors.get(line.speakerId)!, actors.get(line.listenerId)!];
    const evidence = all[index];
    const missing =
      evidence === undefined ? 'the demo ended before it' : shortcoming(evidence, actors, textOf);
    const delayMs = evidence === undefined ? undefined : delayMsOf(evidence);
    const verdict =
      missing === undefined
        ? `${listener.name} heard "${textOf(line.phraseId, listener.language)}", ${delayWords(delayMs ?? 0)}${again(evidence?.attempts)}`
        : `NOT PROVEN: ${missing}`;
    return `  ${index + 1}. ${speaker.name} said "${textOf(line.phraseId, speaker.language)}"\n     ${verdict}\n`;
  });
  const delays = proven.flatMap((evidence) => delayMsOf(evidence) ?? []).sort((a, b) => a - b);
  const median = delays[Math.floor(delays.length / 2)] ?? 0;
  const longest = delays.at(-1) ?? 0;
  const whole = proven.length === script.length;
  const summary = whole
    ? `Proven: all ${script.length} phrases were interpreted, in both directions; median delay ${secondsText(Math.max(0, median))}, longest ${secondsText(Math.max(0, longest))}.`
    : `Proven: ${proven.length} of ${script.length} phrases.`;
  return { text: `${lines.join('')}${proven.length === 0 ? '' : MEASURED}${summary}\n`, proven: whole };
}

/** A translation that begins while its phrase is still being said has no delay. */
function delayWords(delayMs: number): string {
  return delayMs < 0 ? 'before its end' : `${secondsText(delayMs)} after its end`;
}

const ORDINALS = ['', '', '2nd', '3rd', '4th'] as const;

function again(attempts = 1): string {
  return attempts === 1 ? '' : `, when it was said for the ${ORDINALS[attempts] ?? `${attempts}th`} time`;
}
