/**
 * Says whether an interpreter is here, and that one is alone with it: a meeting without one must not look like one in which
 * nobody speaks.
 */
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
  #isAlone = false;
  #offTexts;

  /**
   * @param {HTMLElement} element shown while no interpreter is here, or nobody else
   * @param {(key: 'interpreter.here' | 'interpreter.left') => void} onChange one has come after there was none, or has left
   */
  constructor(element, onChange) {
    this.#element = element;
    this.#onChange = onChange;
    this.#offTexts = onTexts(() => this.#show());
    this.#show();
  }

  /**
   * As of now, in a meeting that we are connected to.
   * @param {{ isHere: boolean, isAlone: boolean }} presence whether an interpreter is here, and nobody but it
   */
  update({ isHere, isAlone }) {
    this.#isAlone = isAlone;
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
    const isAlone = absence === undefined && this.#isAlone;
    this.#element.hidden = absence === undefined && !isAlone;
    this.#element.classList.toggle('is-hint', isAlone);
    if (absence !== undefined) this.#element.textContent = text(`interpreter.${absence}`);
    else this.#element.textContent = isAlone ? text('captions.alone') : '';
  }
}
