/** What a response will say, decided before its first event: pure, so that seeded runs are identical. */
import { REALTIME_SAMPLES_PER_MS } from '../../../../audio/rates.js';
import { concatAudio, samplesOf } from '../input/audio-format.js';
import type { FunctionOutputItem, StoredItem, UserItem, UserPart } from '../items/items.js';
import type { Reply, Responder } from './responder.js';
import type { MaxOutputTokens, OutputModality } from '../config/session-config.js';
import { placeholderSpeech } from './placeholder-speech.js';
import { characterTokens, outputAudioTokens, textTokens } from './usage.js';

/** Words and how they sound. */
export type Speech = { text: string; pcm24k: Int16Array };

/** A function to be called; `arguments` is JSON text. */
export type FunctionCall = { name: string; arguments: string };

/** A call that was made, and what the function gave back. */
export type FunctionResult = FunctionCall & { output: string };

/** What a script lets the stand-in do in one response: say something, then make calls, side by side. */
export type ScriptedReply = { say?: string; calls?: readonly FunctionCall[] };

/**
 * Makes the stand-in answer and call functions: it understands nothing, so a script says when. Each is given the names of the
 * tools on offer, and may leave the reply to the responder. Calls are made only where any tool is on offer.
 */
export interface ReplyScript {
  /** Told what the user said and wrote in one message, its parts on lines of their own (`''` when that was not understood); its reply takes the place of the responder's. */
  onUserText(text: string, toolNames: readonly string[]): ScriptedReply | undefined;
  /** Told what the functions gave back that no response has told yet, in order. */
  onFunctionResults?(
    results: readonly FunctionResult[],
    toolNames: readonly string[],
  ): ScriptedReply | undefined;
}

/** What a response will say and call. */
export type ReplyPlan = { speech: Speech | undefined; calls: FunctionCall[] };

/** What a reply is made with. */
type PlanContext = {
  responder: Responder;
  script: ReplyScript | undefined;
  instructions: string;
  /** The functions that may be called; none when tools are off. */
  toolNames: readonly string[];
  /** The call that an output belongs to. */
  callOf: (callId: string) => FunctionCall | undefined;
};

const NOTHING: Reply = { sourceText: '', text: '', pcm24k: new Int16Array(0) };

/** What the responder makes of one part of a user message, remembered with the item under the same instructions. */
export function replyToPart(
  item: UserItem,
  part: UserPart,
  context: Pick<PlanContext, 'responder' | 'instructions'>,
): Reply {
  const { instructions, responder } = context;
  if (item.heard?.instructions !== instructions) item.heard = { instructions, replies: new Map() };
  const known = item.heard.replies.get(part);
  if (known !== undefined) return known;
  let reply = NOTHING;
  if (part.type === 'input_text') reply = responder.respondToText({ text: part.text, instructions });
  else if (part.type === 'input_audio') {
    reply =
      part.pcm24k === undefined
        ? responder.respondToText({ text: part.transcript, instructions })
        : responder.respondToAudio({ pcm24k: part.pcm24k, instructions });
  }
  item.heard.replies.set(part, reply);
  return reply;
}

function isNothing({ text, pcm24k }: Reply): boolean {
  return text === '' && pcm24k.length === 0;
}

function said(part: UserPart, reply: Reply): string {
  return part.type === 'input_text' ? part.text : reply.sourceText;
}

/**
 * Answers the turns in order: their replies are joined into one; where the script has a reply, it takes the place of the
 * responder's. Nothing to say is a plan without speech and calls.
 */
export function planReply(
  turns: readonly (UserItem | FunctionOutputItem)[],
  context: PlanContext,
): ReplyPlan {
  const { script, toolNames } = context;
  const spoken: Speech[] = [];
  const calls: FunctionCall[] = [];
  const follow = ({ say, calls: scripted = [] }: ScriptedReply): void => {
    if (say !== undefined) spoken.push(scriptedSpeech(say, context));
    if (toolNames.length > 0) calls.push(...scripted);
  };

  const outputs = turns.filter((turn) => turn.kind === 'function_call_output');
  const told = outputs.length === 0 ? undefined : scriptedResults(outputs, context);
  for (const turn of turns) {
    if (turn.kind === 'function_call_output') {
      if (told === undefined) spoken.push(toldOutput(turn, context));
      else if (turn === outputs.at(-1)) follow(told);
      continue;
    }
    const replies = turn.parts.map((part) => ({ part, reply: replyToPart(turn, part, context) }));
    const texts = replies.map(({ part, reply }) => said(part, reply)).filter((text) => text !== '');
    const scripted = script?.onUserText(texts.join('\n'), toolNames);
    if (scripted !== undefined) {
      follow(scripted);
      continue;
    }
    // What was understood by ear is answered: the text beside it is about it.
    const heard = replies.filter(
      ({ part, reply }) => part.type === 'input_audio' && reply.sourceText !== '' && !isNothing(reply),
    );
    for (const { reply } of heard.length > 0 ? heard : replies) if (!isNothing(reply)) spoken.push(reply);
  }
  const speech = spoken.length === 0 ? undefined : joinSpeech(spoken);
  return { speech, calls };
}

function scriptedResults(
  outputs: readonly FunctionOutputItem[],
  { script, toolNames, callOf }: PlanContext,
): ScriptedReply | undefined {
  const results = outputs.map(({ callId, output }) => {
    const { name = '', arguments: text = '' } = callOf(callId) ?? {};
    return { name, arguments: text, output };
  });
  return script?.onFunctionResults?.(results, toolNames);
}

function scriptedSpeech(text: string, { responder, instructions }: PlanContext): Speech {
  return responder.speak?.({ text, instructions }) ?? { text, pcm24k: placeholderSpeech(text) };
}

/** A tool's result is always told, in its own words when the responder has none. */
function toldOutput({ output }: FunctionOutputItem, { responder, instructions }: PlanContext): Speech {
  const reply = responder.respondToText({ text: output, instructions });
  return reply.text === '' ? { text: output, pcm24k: reply.pcm24k } : reply;
}

function joinSpeech(parts: readonly Speech[]): Speech {
  return {
    text: parts
      .map((part) => part.text)
      .filter((text) => text !== '')
      .join(' '),
    pcm24k: concatAudio(
      parts.map((part) => (part.pcm24k.length === 0 ? placeholderSpeech(part.text) : part.pcm24k)),
    ),
  };
}

/** The turns among `items`, for a response whose input was given. */
export function turnsAmong(items: readonly StoredItem[]): (UserItem | FunctionOutputItem)[] {
  return items.filter(
    (item): item is UserItem | FunctionOutputItem =>
      item.kind === 'user' || item.kind === 'function_call_output',
  );
}

/** Cuts text into the pieces that deltas carry: words with the space after them, long ones in fours. */
export function textPieces(text: string): string[] {
  const words = text.match(/\s*\S+\s*?(?=\s|$)|\s+/gu) ?? [];
  return words.flatMap((word) => {
    const characters = Array.from(word);
    if (characters.length <= 12) return [word];
    const pieces: string[] = [];
    for (let at = 0; at < characters.length; at += 4) pieces.push(characters.slice(at, at + 4).join(''));
    return pieces;
  });
}

/**
 * The part of a speech that fits into `limit` output tokens (audio and transcript together), and what is left over;
 * `rest` is undefined when everything fits.
 */
export function fitSpeech(
  speech: Speech,
  modality: OutputModality,
  limit: MaxOutputTokens,
): { part: Speech; rest: Speech | undefined } {
  const audioTokens =
    modality === 'audio' ? outputAudioTokens(speech.pcm24k.length / REALTIME_SAMPLES_PER_MS) : 0;
  const total = audioTokens + textTokens(speech.text);
  if (limit === 'inf' || total <= limit) return { part: speech, rest: undefined };
  const pieces = textPieces(speech.text);
  const audioBudget = Math.floor((limit * audioTokens) / total);
  const textBudget = limit - audioBudget;
  let kept = 0;
  let characters = 0;
  while (kept < pieces.length && characterTokens(characters + pieces[kept]!.length) <= textBudget) {
    characters += pieces[kept++]!.length;
  }
  const samples = samplesOf(audioBudget * 50);
  return {
    part: { text: pieces.slice(0, kept).join(''), pcm24k: speech.pcm24k.subarray(0, samples) },
    rest: { text: pieces.slice(kept).join('').trimStart(), pcm24k: speech.pcm24k.subarray(samples) },
  };
}
