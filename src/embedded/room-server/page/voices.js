/** Everyone's voice, each through an audio element of its own, as loud as the listener's balance has it. */
import { create } from './elements.js';
import { DEFAULT_BALANCE, volumesOf } from './mix.js';
import { Sounding } from './sounding.js';

/** @typedef {import('./page-types.d.ts').Role} Role */

/** Volumes change in steps, so that nothing clicks. */
const STEP_MS = 20;
const STEP = 0.1;

export class Voices {
  /** @type {Map<string, { audio: HTMLAudioElement, stream: MediaStream }>} */
  #voices = new Map();
  #home;
  #onBlocked;
  #roleOf;
  #balance = DEFAULT_BALANCE;
  #isTranslating = false;
  #sounding;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #fade;

  /**
   * @param {HTMLElement} home where the elements live, unseen
   * @param {(participantId: string) => Role} roleOf
   * @param {(isBlocked: boolean) => void} onBlocked the browser wants a click before it plays, or does not any more
   */
  constructor(home, roleOf, onBlocked) {
    this.#home = home;
    this.#roleOf = roleOf;
    this.#onBlocked = onBlocked;
    this.#sounding = new Sounding((isSounding) => {
      this.#isTranslating = isSounding;
      this.#startFade();
    });
  }

  /**
   * @param {string} participantId
   * @param {MediaStreamTrack | undefined} track undefined when there is none any more
   */
  set(participantId, track) {
    this.#voices.get(participantId)?.audio.remove();
    this.#voices.delete(participantId);
    this.#sounding.set(participantId, undefined);
    if (track === undefined) return;
    const stream = new MediaStream([track]);
    const audio = create('audio', '');
    audio.autoplay = true;
    audio.dataset['participantId'] = participantId;
    audio.srcObject = stream;
    this.#voices.set(participantId, { audio, stream });
    this.#listenTo(participantId);
    audio.volume = this.#volumeOf(participantId);
    this.#home.append(audio);
    void this.#play(audio);
  }

  /** What somebody is for us has changed. */
  refresh() {
    for (const participantId of this.#voices.keys()) this.#listenTo(participantId);
    this.#startFade();
  }

  /** @param {number} balance 0 (the original alone) to 100 (the translation alone) */
  setBalance(balance) {
    this.#balance = balance;
    this.#startFade();
  }

  /** After the click that the browser wanted. */
  async playAll() {
    const played = await Promise.all([...this.#voices.values()].map(({ audio }) => this.#play(audio)));
    if (!played.includes(false)) this.#onBlocked(false);
  }

  /** Nobody is heard any more, for good. */
  close() {
    for (const participantId of [...this.#voices.keys()]) this.set(participantId, undefined);
    this.#sounding.close();
    clearInterval(this.#fade);
  }

  /** @param {string} participantId */
  #listenTo(participantId) {
    const voice = this.#voices.get(participantId);
    if (voice === undefined) return;
    const role = this.#roleOf(participantId);
    if (voice.audio.dataset['role'] === role) return;
    voice.audio.dataset['role'] = role;
    voice.audio.muted = role === 'unheard';
    this.#sounding.set(participantId, role === 'translation' ? voice.stream : undefined);
  }

  /** @param {string} participantId */
  #volumeOf(participantId) {
    const { original, translation } = volumesOf(this.#balance, this.#isTranslating);
    return this.#roleOf(participantId) === 'translation' ? translation : original;
  }

  #startFade() {
    this.#fade ??= setInterval(() => {
      let isDone = true;
      for (const [participantId, { audio }] of this.#voices) {
        const aim = this.#volumeOf(participantId);
        const next = Math.min(Math.max(aim, audio.volume - STEP), audio.volume + STEP);
        audio.volume = next;
        if (next !== aim) isDone = false;
      }
      if (!isDone) return;
      clearInterval(this.#fade);
      this.#fade = undefined;
    }, STEP_MS);
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
