import { BoundedMap } from '../bounded-map.js';
import { type LanguageTag, sameLanguage } from '../languages/languages.js';
import type { Caption } from './caption.js';
import type { Edition } from './caption-publisher.js';
import { captionsTopic, textFor } from './topics.js';

/** Turns whose topics are remembered, so that a turn is finished where it was begun. */
const MAX_TURNS = 256;

/** Somebody who reads captions; `prefers` is undefined for those who have not chosen a language. */
export type Reader = { readonly id: string; readonly prefers: LanguageTag | undefined };

/** One tag of a topic's readers, and who they are. */
type TopicReaders = { readonly tag: LanguageTag | undefined; readonly readerIds: readonly string[] };

/**
 * Who reads captions, and so which topics each one goes to: a translation to the topics of its language; the caption that
 * stands for the original to every other topic whose readers get no translation of this speaker.
 */
export class Readership {
  readonly #isTranslated: (speakerId: string, language: LanguageTag) => boolean;
  #topics: ReadonlyMap<string, TopicReaders> = new Map();
  /** By turn that stands for the original, the topics that it goes to or does not. */
  readonly #originals = new BoundedMap<Map<string, boolean>>(MAX_TURNS);

  /** `isTranslated`: what this person says is translated into this language at present. */
  constructor(isTranslated: (speakerId: string, language: LanguageTag) => boolean) {
    this.#isTranslated = isTranslated;
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
    const { targetLanguage } = caption;
    const editions: Edition[] = [];
    for (const [topic, { tag, readerIds }] of this.#topics) {
      const translated = tag !== undefined && targetLanguage !== '' && sameLanguage(targetLanguage, tag);
      if (translated || (caption.original && this.#readsOriginal(caption, topic, tag)))
        editions.push({ topic, text: textFor(caption, tag), readerIds });
    }
    return editions;
  }

  #readsOriginal({ turnId, speakerId }: Caption, topic: string, tag: LanguageTag | undefined): boolean {
    let decided = this.#originals.get(turnId);
    if (decided === undefined) {
      decided = new Map();
      this.#originals.set(turnId, decided);
    }
    const known = decided.get(topic);
    if (known !== undefined) return known;
    const reads = tag === undefined || !this.#isTranslated(speakerId, tag);
    decided.set(topic, reads);
    return reads;
  }
}
