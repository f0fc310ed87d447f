/** The screen before the meeting: a name, a language, a look at the microphone. */
import { byId } from './elements.js';
import { MicrophoneCheck } from './microphone-check.js';
import { onTexts, text } from './texts.js';

/** @typedef {{ name: string, language: string }} Person */

export class JoinScreen {
  #form = byId('join-form', HTMLFormElement);
  #name = byId('name', HTMLInputElement);
  #nameError = byId('name-error', HTMLElement);
  #button = byId('join-button', HTMLButtonElement);
  #error = byId('join-error', HTMLElement);
  #check = new MicrophoneCheck({
    button: byId('check-button', HTMLButtonElement),
    meter: byId('check-meter', HTMLElement),
    status: byId('check-status', HTMLElement),
  });

  /**
   * @param {string} name whom this browser knows; may be empty
   * @param {import('./language-picker.js').LanguagePicker} picker
   * @param {(person: Person) => Promise<string | undefined>} onJoin resolves with what went wrong, or with undefined
   */
  constructor(name, picker, onJoin) {
    this.#name.value = name;
    this.#name.addEventListener('input', () => this.#showNameError(''));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const given = this.#name.value.trim();
      if (given !== '') void this.#join({ name: given, language: picker.language }, onJoin);
      else {
        this.#showNameError(text('join.nameMissing'));
        this.#name.focus();
      }
    });
    onTexts(() => {
      this.#check.stop();
      this.#showNameError('');
      this.#error.textContent = '';
    });
  }

  /**
   * @param {Person} person
   * @param {(person: Person) => Promise<string | undefined>} onJoin
   */
  async #join(person, onJoin) {
    this.#check.stop();
    this.#button.disabled = true;
    this.#button.textContent = text('join.joining');
    this.#error.textContent = '';
    this.#error.textContent = (await onJoin(person)) ?? '';
    this.#button.disabled = false;
    this.#button.textContent = text('join.button');
  }

  /** @param {string} problem */
  #showNameError(problem) {
    this.#nameError.textContent = problem;
    if (problem === '') this.#name.removeAttribute('aria-invalid');
    else this.#name.setAttribute('aria-invalid', 'true');
  }
}
