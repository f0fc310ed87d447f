import { BoundedMap } from '../bounded-map.js';
import { type LanguageTag, sameLanguage } from '../languages/languages.js';
import { canRewrite, changesWriting, rewritten } from '../languages/rewriting.js';
import { sameWriting } from '../languages/written-languages.js';
import type { Caption } from './caption.js';
import type { Edition } from './caption-publisher.js';
import { captionsTopic, textFor } from './topics.js';

/** Turns whose topics are remembered, so that a turn is finished where it was begun. */
const MAX_TURNS = 256;
/** Pairs of a speaker and a topic of which it is remembered which translation is read there. */
const MAX_SOURCES = 1_000;

/** Somebody who reads captions; `prefers` is undefined for those who have not chosen a language. */
export type Reader = { readonly id: string; readonly prefers: LanguageTag | undefined };

/** One tag of a topic's readers, and who they are. */
type TopicReaders = { readonly tag: LanguageTag | undefined; readonly readerIds: readonly string[] };

/**
 * Who reads captions, and so which topics each one goes to: a translation to the topics of its language; the caption that
 * stands for the original to every other topic whose readers get no translation of this speaker. Each topic reads its own written
 * language: a translation of its own where there is one, else one that is turned into its writing, or near to it.
 */
export class Readership {
  readonly #translationFor: (speakerId: string, language: LanguageTag) => LanguageTag | undefined;
  /** By speaker and topic, the translation that is read there. */
  readonly #sources = new BoundedMap<LanguageTag>(MAX_SOURCES);
  #topics: ReadonlyMap<string, TopicReaders> = new Map();
  /** By turn that stands for the original, the topics that it goes to or does not. */
  readonly #originals = new BoundedMap<Map<string, boolean>>(MAX_TURNS);

  /**
   * @param translationFor the language of the translation that readers of a language get of this person at present; undefined
   *   where there is none
   */
  constructor(translationFor: (speakerId: string, language: LanguageTag) => LanguageTag | undefined) {
    this.#translationFor = translationFor;
  }

  /** Who is here now. `languages` have their topics whether or not somebody has chosen them. */
  update(readers: readonly Reader[], languages: readonly LanguageTag[]): void {
    const topics = new Map<string, { tag: LanguageTag | undefined; readerIds: string[] }>();
    const topicOf = (tag: LanguageTag | undefined): { readerIds: string[] } => {
      const topic = captionsTopic(tag);
      const known = topics.get(topic) ?? { tag, readerIds: [] };
      topics.set(topic, known);
      return known;
    };
    for (const tag of languages) topicOf(tag);
    for (const { id, prefers } of readers) topicOf(prefers).readerIds.push(id);
    this.#topics = topics;
  }

  /** Where this caption of somebody's words goes. */
  editionsOf(caption: Caption): Edition[] {
    const editions: Edition[] = [];
    for (const [topic, { tag, readerIds }] of this.#topics) {
      const reads =
        this.#readsTranslation(caption, topic, tag) ||
        (caption.original && this.#readsOriginal(caption, topic, tag));
      if (!reads) continue;
      const own = tag === undefined ? caption : inWritingOf(caption, tag);
      const text = textFor(own, tag);
      editions.push({ topic, text, readerIds, ...(own === caption ? {} : { caption: own }) });
    }
    return editions;
  }

  /** Where a notice goes to those who read a translation into `to`, in this or another writing of it. */
  noticeEditionsOf(notice: Caption, to: LanguageTag): Edition[] {
    const own = captionsTopic(to);
    const others = [...this.#topics].flatMap(([topic, { tag }]) => {
      const reads = topic !== own && tag !== undefined && (sameWriting(tag, to) || canRewrite(to, tag));
      if (!reads) return [];
      const caption = inWritingOf(notice, tag);
      return [{ topic, text: caption.translatedText, caption }];
    });
    return [{ topic: own, text: notice.translatedText }, ...others];
  }

  /** The caption's translation is the one that is read here, of all into this spoken language. */
  #readsTranslation(
    { speakerId, targetLanguage }: Caption,
    topic: string,
    tag: LanguageTag | undefined,
  ): boolean {
    if (tag === undefined || targetLanguage === '' || !sameLanguage(targetLanguage, tag)) return false;
    const key = `${speakerId}\n${topic}`;
    const present = this.#translationFor(speakerId, tag);
    if (present !== undefined) this.#sources.set(key, present);
    const source = present ?? this.#sources.get(key);
    return source === undefined || sameWriting(source, targetLanguage);
  }

  #readsOriginal({ turnId, speakerId }: Caption, topic: string, tag: LanguageTag | undefined): boolean {
    let decided = this.#originals.get(turnId);
    if (decided === undefined) {
      decided = new Map();
      this.#originals.set(turnId, decided);
    }
    const known = decided.get(topic);
    if (known !== undefined) return known;
    const reads = tag === undefined || this.#translationFor(speakerId, tag) === undefined;
    decided.set(topic, reads);
    return reads;
  }
}

/** The caption with what is in the language of `tag` in its writing; the same one where nothing changes. */
function inWritingOf(caption: Caption, tag: LanguageTag): Caption {
  const { sourceLanguage, targetLanguage, sourceText, translatedText } = caption;
  const isIn = (language: string): boolean => language !== '' && sameLanguage(language, tag);
  const source = isIn(sourceLanguage) ? rewritten(sourceText, sourceLanguage, tag) : sourceText;
  const translation = isIn(targetLanguage) ? rewritten(translatedText, targetLanguage, tag) : translatedText;
  const turnsSource = isIn(sourceLanguage) && changesWriting(sourceLanguage, tag);
  const turnsTranslation = isIn(targetLanguage) && changesWriting(targetLanguage, tag);
  if (!turnsSource && !turnsTranslation && source === sourceText && translation === translatedText)
    return caption;
  return {
    ...caption,
    sourceText: source,
    translatedText: translation,
    ...(turnsSource ? { sourceLanguage: tag } : {}),
    ...(turnsTranslation ? { targetLanguage: tag } : {}),
  };
}
