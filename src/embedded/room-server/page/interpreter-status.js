/** Says whether an interpreter is here: a meeting without one must not look like one in which nobody speaks. */
import { onTexts, text } from './texts.js';

/** @typedef {'unknown' | 'none' | 'here' | 'left'} Presence */

/** The server is still being asked who is one; and an interpreter whose connection breaks comes back. */
const ABSENT_AFTER_MS = 3_000;

export class InterpreterStatus {
  #element;
  #onChange;
  /** @type {Presence} */
  #presence = 'unknown';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #offTexts;

  /**
   * @param {HTMLElement} element shown while no interpreter is here
   * @param {(key: 'interpreter.here' | 'interpreter.left') => void} onChange one has come after there was none, or has left
   */
  constructor(element, onChange) {
    this.#element = element;
    this.#onChange = onChange;
    this.#offTexts = onTexts(() => this.#show());
    this.#show();
  }

  /** @param {boolean} isHere as of now, in a meeting that we are connected to */
  update(isHere) {
    if (isHere) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (this.#presence === 'none' || this.#presence === 'left') this.#onChange('interpreter.here');
      this.#presence = 'here';
      this.#show();
    } else if (this.#presence !== 'none' && this.#presence !== 'left') {
      this.#timer ??= setTimeout(() => this.#missed(), ABSENT_AFTER_MS);
    }
  }

  close() {
    clearTimeout(this.#timer);
    this.#offTexts();
    this.#element.hidden = true;
  }

  #missed() {
    this.#timer = undefined;
    if (this.#presence === 'here') this.#onChange('interpreter.left');
    this.#presence = this.#presence === 'here' ? 'left' : 'none';
    this.#show();
  }

  #show() {
    const absence = this.#presence === 'none' || this.#presence === 'left' ? this.#presence : undefined;
    this.#element.hidden = absence === undefined;
    this.#element.textContent = absence === undefined ? '' : text(`interpreter.${absence}`);
  }
}
