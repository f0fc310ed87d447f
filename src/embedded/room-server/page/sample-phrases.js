/**
 * Has a recording said in the person's place, for whoever has no quiet room, or wants to see the interpreter at work: the one
 * for trying out knows these phrases and no others.
 */
import { byId, create } from './elements.js';
import { isSameLanguage } from './parley-client.js';
import { EntryError, loadPhrase } from './server.js';
import { text } from './texts.js';

/** @typedef {import('./page-types.d.ts').Catalogue} Catalogue */

/** Before a phrase: everybody must have begun to receive what is sent. After it: its end is heard. */
const LEAD_IN_S = 1.2;
const LEAD_OUT_S = 1;

export class SamplePhrases {
  #phrases;
  #dialog = byId('sample-dialog', HTMLDialogElement);
  #list = byId('sample-list', HTMLElement);
  #buttons = [byId('sample-button', HTMLButtonElement), byId('sample-empty-button', HTMLButtonElement)];
  #language = '';
  #isSaying = false;
  #say;
  #onProblem;
  #isConnected;

  /**
   * @param {Catalogue['phrases']} phrases by language
   * @param {{ say: (stream: MediaStream, ended: Promise<void>) => Promise<void>, onProblem: (text: string) => void,
   *   isConnected: () => boolean, signal: AbortSignal }} meeting `say` sends what `stream` has in the microphone's place, until `ended`
   */
  constructor(phrases, { say, onProblem, isConnected, signal }) {
    this.#phrases = phrases;
    this.#say = say;
    this.#onProblem = onProblem;
    this.#isConnected = isConnected;
    for (const button of this.#buttons) button.addEventListener('click', () => this.#open(), { signal });
    byId('sample-close', HTMLButtonElement).addEventListener('click', () => this.#dialog.close(), { signal });
    signal.addEventListener('abort', () => this.#dialog.close());
  }

  /** There are phrases in some languages only. @param {string} language the person's */
  setLanguage(language) {
    this.#language = Object.keys(this.#phrases).find((tag) => isSameLanguage(tag, language)) ?? '';
    for (const button of this.#buttons) button.hidden = this.#language === '';
  }

  #open() {
    this.#list.replaceChildren();
    for (const { id, text: words } of this.#phrases[this.#language] ?? []) {
      const button = create('button', 'quiet', words);
      button.type = 'button';
      button.lang = this.#language;
      button.addEventListener('click', () => {
        this.#dialog.close();
        void this.#perform(id);
      });
      const item = create('li', '');
      item.append(button);
      this.#list.append(item);
    }
    this.#dialog.showModal();
  }

  /** What the SDK says of a lost connection is for programmers. @param {unknown} error */
  #reasonOf(error) {
    if (!this.#isConnected()) return text('state.reconnecting');
    if (error instanceof EntryError) return text(error.key, { status: error.status });
    return error instanceof Error ? error.message : String(error);
  }

  /** @param {string} id */
  async #perform(id) {
    if (this.#isSaying) return;
    this.#isSaying = true;
    for (const button of this.#buttons) button.disabled = true;
    const context = new AudioContext();
    try {
      const recording = await context.decodeAudioData(await loadPhrase(this.#language, id));
      const microphone = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
      const source = new AudioBufferSourceNode(context, { buffer: recording });
      source.connect(microphone);
      const ended = new Promise((resolve) => {
        source.onended = () => setTimeout(resolve, LEAD_OUT_S * 1_000);
      });
      source.start(context.currentTime + LEAD_IN_S);
      await this.#say(
        microphone.stream,
        ended.then(() => undefined),
      );
    } catch (error) {
      this.#onProblem(text('sample.failed', { reason: this.#reasonOf(error) }));
    }
    void context.close();
    for (const button of this.#buttons) button.disabled = false;
    this.#isSaying = false;
  }
}
