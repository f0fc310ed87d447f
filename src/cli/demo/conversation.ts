/** What the demo's people say to somebody who joins their meeting. Pure. */
import { sameLanguage } from '../../languages/languages.js';
import type { JoinEvent, JoinEventOf } from '../../bot/events.js';
import type { Actor } from './proof.js';

/** What an actor says. */
export type Remark = { readonly speakerId: string; readonly phraseId: string };

/** Whoever comes is greeted, and whatever they say is answered, by an actor who speaks another language where there is one. */
export class Conversation {
  readonly #actors: readonly Actor[];
  readonly #greeting: string;
  readonly #answers: readonly string[];
  #answered = 0;
  #lastTurnId = '';

  /** The answers are given one after the other, again and again. */
  constructor(actors: readonly Actor[], phrases: { greeting: string; answers: readonly string[] }) {
    this.#actors = actors;
    this.#greeting = phrases.greeting;
    this.#answers = phrases.answers;
  }

  /** What is said to what happened; undefined for nothing. */
  remarkTo(event: JoinEvent): Remark | undefined {
    if (event.type === 'joined') return this.#greet(event);
    if (event.type === 'caption') return this.#answer(event);
    return undefined;
  }

  #greet({ person }: JoinEventOf<'joined'>): Remark | undefined {
    if (person.isBot || this.#isActor(person.id)) return undefined;
    return this.#remark(person.prefers, this.#greeting);
  }

  /** A turn is answered once, when something of it is final. */
  #answer(caption: JoinEventOf<'caption'>): Remark | undefined {
    const { kind, final, original, turnId, speakerId, sourceLanguage } = caption;
    const isNews = kind === 'speech' && final && original && turnId !== this.#lastTurnId;
    if (!isNews || this.#isActor(speakerId)) return undefined;
    this.#lastTurnId = turnId;
    const phraseId = this.#answers[this.#answered++ % this.#answers.length]!;
    return this.#remark(sourceLanguage, phraseId);
  }

  #remark(language: string | undefined, phraseId: string): Remark | undefined {
    const others = this.#actors.filter(
      (actor) => language === undefined || language === '' || !sameLanguage(actor.language, language),
    );
    const actor = others[this.#answered % Math.max(1, others.length)] ?? this.#actors[0];
    return actor === undefined ? undefined : { speakerId: actor.participantId, phraseId };
  }

  #isActor(participantId: string): boolean {
    return this.#actors.some((actor) => actor.participantId === participantId);
  }
}
