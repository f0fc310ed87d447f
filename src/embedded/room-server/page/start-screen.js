/** The screen of the server's own address: to a meeting by its link, or a new one. Also shown where there is no such meeting. */
import { byId } from './elements.js';
import { EntryError, makeMeeting } from './server.js';
import { onTexts, text } from './texts.js';

export class StartScreen {
  #link = byId('meeting-link', HTMLInputElement);
  #error = byId('start-error', HTMLElement);
  #missing = byId('start-missing', HTMLElement);
  #button = byId('new-button', HTMLButtonElement);

  /** @param {string} missingId a meeting that was asked for and is not there; empty for none */
  constructor(missingId) {
    const showMissing = () => {
      this.#missing.textContent = missingId === '' ? '' : text('start.missing', { id: missingId });
    };
    showMissing();
    onTexts(showMissing);
    byId('start-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault();
      const id = meetingIdIn(this.#link.value);
      if (id !== '') location.assign(`/${encodeURIComponent(id)}`);
      else {
        this.#error.textContent = text('start.linkMissing');
        this.#link.focus();
      }
    });
    this.#button.addEventListener('click', () => void this.#make());
  }

  async #make() {
    this.#button.disabled = true;
    try {
      location.assign(`/${encodeURIComponent(await makeMeeting())}`);
    } catch (error) {
      if (!(error instanceof EntryError)) throw error;
      this.#error.textContent = text(error.key, { status: error.status });
    }
    this.#button.disabled = false;
  }
}

/**
 * The last part of a link, or the id that stands there alone. What this server has no meeting for, it says itself.
 * @param {string} given
 */
function meetingIdIn(given) {
  const path = given
    .trim()
    .replace(/^https?:\/\/[^/]*/i, '')
    .replace(/[?#].*$/s, '');
  const id = path.split('/').findLast((part) => part !== '') ?? '';
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
