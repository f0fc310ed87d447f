/** What people write to the agent: in the chat, and on a topic of its own. Texts are untrusted. */
import { BoundedMap } from '../../bounded-map.js';
import { CHAT_TOPIC } from '../../captions/topics.js';
import type { Clock } from '../../clock.js';
import { type LanguageTag, parseLanguage } from '../../languages/languages.js';
import type { DataMessage } from '../../room/room.js';
import { foldText, spellingsOf } from '../wake/wake-words.js';

/** The topic on which people's apps ask the agent: the question as the text, or `{ text, language? }` as the payload. */
export const ASK_TOPIC = 'PARLEY_ASK';

const MAX_TEXT_CHARS = 2_000;
/** Questions of one person in a minute. */
const MAX_PER_MINUTE = 10;
const MINUTE_MS = 60_000;
const MAX_SENDERS = 500;

/** A question that somebody wrote. */
export type WrittenAsk = {
  readonly senderId: string;
  readonly how: 'chat' | 'message';
  readonly text: string;
  readonly language: LanguageTag | undefined;
};

/**
 * The question in a message of the chat or of {@link ASK_TOPIC}; undefined where it is none. In the chat it begins with `@` and the
 * agent's name, in any of its spellings.
 */
export function writtenAsk(
  { topic, senderId, text, payload }: DataMessage,
  name: string,
): WrittenAsk | undefined {
  if (topic === ASK_TOPIC) {
    const asked = typeof payload['text'] === 'string' ? payload['text'] : text;
    const { language } = payload;
    const tag = typeof language === 'string' ? parseLanguage(language.slice(0, 40)) : undefined;
    return { senderId, how: 'message', text: asked.slice(0, MAX_TEXT_CHARS), language: tag };
  }
  const said = text.slice(0, MAX_TEXT_CHARS).normalize('NFC').trim();
  if (!/^[@＠]/u.test(said)) return undefined;
  const rest = said.slice(1).trimStart();
  const folded = foldText(rest);
  const spelling = spellingsOf(name, []).find((each) => each !== '' && folded.startsWith(each));
  if (spelling === undefined) return undefined;
  const after = Array.from(rest).slice(Array.from(spelling).length).join('');
  if (/^[\p{L}\p{N}_]/u.test(after) && /[\p{L}\p{N}]$/u.test(spelling) && !isUnspaced(spelling))
    return undefined;
  return { senderId, how: 'chat', text: after.replace(/^[\s,:、，：]+/u, ''), language: undefined };
}

function isUnspaced(text: string): boolean {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Hangul}]/u.test(text);
}

/** How often each person may ask. */
export class AskPace {
  readonly #clock: Clock;
  readonly #times = new BoundedMap<number[]>(MAX_SENDERS);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether this person may ask now; counts it where they may. */
  allows(senderId: string): boolean {
    const nowMs = this.#clock.nowMs();
    const recent = (this.#times.get(senderId) ?? []).filter((atMs) => nowMs - atMs < MINUTE_MS);
    if (recent.length >= MAX_PER_MINUTE) return false;
    this.#times.set(senderId, [...recent, nowMs]);
    return true;
  }
}

/** The topics that are listened to. */
export const ASK_TOPICS = [CHAT_TOPIC, ASK_TOPIC];
