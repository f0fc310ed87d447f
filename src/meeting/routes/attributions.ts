import { BoundedMap } from '../../bounded-map.js';
import type { RouteSpec } from '../../interpreter/plan/routes.js';
import { directionOf } from '../../interpreter/plan/two-way.js';
import type { LanguageTag } from '../../languages/languages.js';
import type { MeetingPerson } from '../meeting-events.js';
import type { TurnAttribution } from '../meeting-part.js';

/** Turns of a route whose attribution is remembered until they are spoken. */
const MAX_REMEMBERED = 64;
/** Of a turn whose direction nobody knows (ISO 639-2 "undetermined"). */
const UNKNOWN_LANGUAGE = 'und';

/** What is told of a translation that is spoken. */
type Spoken = { readonly speakerId: string; readonly to: LanguageTag };

/**
 * Whose words the turns of one route are, and which way they go. Where one session hears everybody, our own ears tell.
 */
export class Attributions {
  readonly #whoSpeaks: (() => MeetingPerson | undefined) | undefined;
  readonly #turns = new BoundedMap<TurnAttribution>(MAX_REMEMBERED);

  /** `whoSpeaks`: whose speech has just begun, as far as our own ears tell. */
  constructor(whoSpeaks: (() => MeetingPerson | undefined) | undefined) {
    this.#whoSpeaks = whoSpeaks;
  }

  /** A turn of this route begins now. */
  started(turnId: string, spec: RouteSpec, speakerName: string): void {
    this.#turns.set(turnId, this.#attribute(spec, speakerName));
  }

  /** Of a turn that began lately. */
  of(turnId: string): TurnAttribution | undefined {
    return this.#turns.get(turnId);
  }

  #attribute(spec: RouteSpec, speakerName: string): TurnAttribution {
    const { speakerId, from, to, back } = spec;
    if (back === undefined) {
      const [only, ...others] = from;
      const sourceLanguage = only === undefined || others.length > 0 ? '' : only;
      return { speakerId, speakerName, sourceLanguage, targetLanguage: to ?? '' };
    }
    const person = this.#whoSpeaks?.();
    const speaker =
      person === undefined ? { speakerId, speakerName } : { speakerId: person.id, speakerName: person.name };
    const direction = directionOf(spec, person?.speaks ?? []);
    return {
      ...speaker,
      sourceLanguage: direction?.from ?? '',
      targetLanguage: direction?.to ?? '',
    };
  }

  /** Whose words a translation of this route is, and its language; undefined where nothing is translated. */
  spoken(turnId: string, { speakerId, to, back }: RouteSpec): Spoken | undefined {
    if (to === undefined) return undefined;
    if (back === undefined) return { speakerId, to };
    const turn = this.#turns.get(turnId);
    if (turn === undefined) return { speakerId, to: UNKNOWN_LANGUAGE };
    return { speakerId: turn.speakerId, to: turn.targetLanguage || UNKNOWN_LANGUAGE };
  }
}
