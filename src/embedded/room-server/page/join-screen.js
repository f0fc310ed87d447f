/** The screen before the meeting: a name, a language, a look at the microphone. */
import { byId, fillLanguages } from './elements.js';
import { bestChoice } from './languages.js';
import { MicrophoneCheck } from './microphone-check.js';

export class JoinScreen {
  #form = byId('join-form', HTMLFormElement);
  #name = byId('name', HTMLInputElement);
  #nameError = byId('name-error', HTMLElement);
  #language = byId('language', HTMLSelectElement);
  #button = byId('join-button', HTMLButtonElement);
  #error = byId('join-error', HTMLElement);
  #check = new MicrophoneCheck({
    button: byId('check-button', HTMLButtonElement),
    meter: byId('check-meter', HTMLElement),
    status: byId('check-status', HTMLElement),
  });

  /**
   * @param {readonly { tag: string, name: string }[]} languages
   * @param {(person: { name: string, language: string }) => Promise<string | undefined>} onJoin resolves with what went
   *   wrong, or with undefined
   */
  constructor(languages, onJoin) {
    fillLanguages(this.#language, languages);
    this.#language.value = bestChoice(navigator.languages);
    this.#name.addEventListener('input', () => this.#showNameError(''));
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const name = this.#name.value.trim();
      if (name !== '') void this.#join({ name, language: this.#language.value }, onJoin);
      else {
        this.#showNameError('Write the name that others will see.');
        this.#name.focus();
      }
    });
  }

  /** @param {string} language chosen elsewhere meanwhile */
  setLanguage(language) {
    this.#language.value = language;
  }

  /**
   * @param {{ name: string, language: string }} person
   * @param {(person: { name: string, language: string }) => Promise<string | undefined>} onJoin
   */
  async #join(person, onJoin) {
    this.#check.stop();
    this.#button.disabled = true;
    this.#button.textContent = 'Joining…';
    this.#error.textContent = '';
    this.#error.textContent = (await onJoin(person)) ?? '';
    this.#button.disabled = false;
    this.#button.textContent = 'Join the meeting';
  }

  /** @param {string} text */
  #showNameError(text) {
    this.#nameError.textContent = text;
    if (text === '') this.#name.removeAttribute('aria-invalid');
    else this.#name.setAttribute('aria-invalid', 'true');
  }
}
