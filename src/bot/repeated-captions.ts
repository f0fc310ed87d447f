import { BoundedMap } from '../bounded-map.js';
import type { JoinEvent } from './events.js';

/** Segments that are remembered; the oldest are forgotten. */
const MAX_SEGMENTS = 256;

/**
 * Which final captions say something new: a mark that comes later is told by itself, and is no reason to repeat the words.
 */
export class RepeatedCaptions {
  readonly #words = new BoundedMap<string>(MAX_SEGMENTS);

  /** Whether this event has words that were not told yet; true for everything that is no final caption. */
  isNews(event: JoinEvent): boolean {
    if (event.type !== 'caption' || !event.final) return true;
    const { segmentId, sourceText, translatedText } = event;
    const words = `${sourceText}\n${translatedText}`;
    if (words === '\n' || this.#words.get(segmentId) === words) return false;
    this.#words.set(segmentId, words);
    return true;
  }
}
