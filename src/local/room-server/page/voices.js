/** Everyone's voice, each through an audio element of its own. */
import { create } from './elements.js';

export class Voices {
  /** @type {Map<string, HTMLAudioElement>} */
  #elements = new Map();
  #home;
  #onBlocked;
  #isAllowed;

  /**
   * @param {HTMLElement} home where the elements live, unseen
   * @param {(participantId: string) => boolean} isAllowed whose voice may be heard
   * @param {(isBlocked: boolean) => void} onBlocked the browser wants a click before it plays, or does not any more
   */
  constructor(home, isAllowed, onBlocked) {
    this.#home = home;
    this.#isAllowed = isAllowed;
    this.#onBlocked = onBlocked;
  }

  /**
   * @param {string} participantId
   * @param {MediaStreamTrack | undefined} track undefined when there is none any more
   */
  set(participantId, track) {
    this.#elements.get(participantId)?.remove();
    this.#elements.delete(participantId);
    if (track === undefined) return;
    const audio = create('audio', '');
    audio.autoplay = true;
    audio.dataset['participantId'] = participantId;
    audio.muted = !this.#isAllowed(participantId);
    audio.srcObject = new MediaStream([track]);
    this.#elements.set(participantId, audio);
    this.#home.append(audio);
    void this.#play(audio);
  }

  /** Whom we may hear has changed. */
  refresh() {
    for (const [participantId, audio] of this.#elements) audio.muted = !this.#isAllowed(participantId);
  }

  /** After the click that the browser wanted. */
  async playAll() {
    const played = await Promise.all([...this.#elements.values()].map((audio) => this.#play(audio)));
    if (!played.includes(false)) this.#onBlocked(false);
  }

  clear() {
    for (const participantId of [...this.#elements.keys()]) this.set(participantId, undefined);
  }

  /** @param {HTMLAudioElement} audio */
  async #play(audio) {
    try {
      await audio.play();
      return true;
    } catch (error) {
      const isBlocked = error instanceof DOMException && error.name === 'NotAllowedError';
      if (isBlocked) this.#onBlocked(true);
      return !isBlocked; // taken out before it played: nothing is missing
    }
  }
}
