import type { RouteSpec } from '../../interpreter/plan/routes.js';
import { directionOf } from '../../interpreter/plan/two-way.js';
import type { TurnRecord } from '../../interpreter/route/turn-record.js';
import type { LanguageTag } from '../../languages/languages.js';
import type { MeetingPerson } from '../meeting-events.js';
import type { TurnAttribution } from '../meeting-part.js';

/** Of a turn whose direction nobody knows (ISO 639-2 "undetermined"). */
const UNKNOWN_LANGUAGE = 'und';

/** What is told of a translation that is spoken. */
type Spoken = { readonly speakerId: string; readonly to: LanguageTag };

/**
 * Whose words the turns of one route are, and which way they go. Where one session hears everybody, our own speech detectors know.
 */
export class Attributions {
  readonly #whoSpeaks: (() => MeetingPerson | undefined) | undefined;
  readonly #turns = new WeakMap<TurnRecord, TurnAttribution>();

  /** `whoSpeaks`: whose speech has just begun, as far as our own speech detectors know. */
  constructor(whoSpeaks: (() => MeetingPerson | undefined) | undefined) {
    this.#whoSpeaks = whoSpeaks;
  }

  /** Of a turn: settled when it is asked for first, which is when the turn begins. */
  of(turn: TurnRecord, spec: RouteSpec, speakerName: string): TurnAttribution {
    const known = this.#turns.get(turn);
    if (known !== undefined) return known;
    const attribution = this.#attribute(spec, speakerName);
    this.#turns.set(turn, attribution);
    return attribution;
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
  spoken(turn: TurnRecord, { speakerId, to, back }: RouteSpec): Spoken | undefined {
    if (to === undefined) return undefined;
    if (back === undefined) return { speakerId, to };
    const attribution = this.#turns.get(turn);
    if (attribution === undefined) return { speakerId, to: UNKNOWN_LANGUAGE };
    return { speakerId: attribution.speakerId, to: attribution.targetLanguage || UNKNOWN_LANGUAGE };
  }
}
