import { html, nothing, type TemplateResult } from 'lit';
import { request } from '../api/client.js';
import { icon } from '../elements/icons.js';
import { whenText } from '../format.js';
import { problemText } from '../problems.js';
import { session } from '../session.js';
import { regionalLanguage, text } from '../texts.js';
import { View } from '../view.js';

type Note = {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
  readonly by?: string;
  readonly createdAt?: string;
};

/** Notes to a meeting. */
export class MeetingNotes extends View {
  static override properties = {
    botId: { attribute: false },
    _notes: { state: true },
    _words: { state: true },
    _problem: { state: true },
    _isBusy: { state: true },
  };
  declare botId: string;
  declare private _notes: readonly Note[];
  declare private _words: string;
  declare private _problem: string;
  declare private _isBusy: boolean;
  #loaded = '';

  constructor() {
    super();
    this.botId = '';
    this._notes = [];
    this._words = '';
    this._problem = '';
    this._isBusy = false;
  }

  protected override willUpdate(): void {
    if (this.botId === this.#loaded) return;
    this.#loaded = this.botId;
    this._notes = [];
    void this.#load();
  }

  protected override render(): TemplateResult {
    return html`<section class="panel" aria-labelledby="notes-heading">
      <h2 id="notes-heading">${text('notes.heading')}</h2>
      ${
        this._notes.length === 0
          ? html`<p class="soft hint">${text('notes.none')}</p>`
          : html`<ul class="notes">
              ${this._notes.map((note) => this.#note(note))}
            </ul>`
      }
      ${
        session.mayInvite
          ? html`<form class="say" novalidate @submit=${this.#add}>
              <label for="note-words">${text('notes.label')}</label>
              <textarea
                id="note-words"
                rows="2"
                dir="auto"
                maxlength="4000"
                .value=${this._words}
                @input=${(event: Event) => (this._words = (event.target as HTMLTextAreaElement).value)}
              ></textarea>
              <button class="quiet" ?disabled=${this._isBusy || this._words.trim() === ''}>
                ${text('notes.add')}
              </button>
            </form>`
          : nothing
      }
      <div role="alert">
        ${this._problem === '' ? nothing : html`<p class="refusal" dir="auto">${this._problem}</p>`}
      </div>
    </section>`;
  }

  #note({ id, text: words, createdAt }: Note): TemplateResult {
    return html`<li>
      <p dir="auto">${words}</p>
      <p class="soft hint">
        ${createdAt === undefined ? nothing : whenText(createdAt, regionalLanguage(), Date.now())}
        ${
          session.mayInvite
            ? html`<button
                type="button"
                class="bare"
                aria-label=${text('notes.remove', { note: words.slice(0, 40) })}
                @click=${() => void this.#remove(id)}
              >
                ${icon('close')}
              </button>`
            : nothing
        }
      </p>
    </li>`;
  }

  async #load(): Promise<void> {
    try {
      const { data } = await request<{ data: Note[] }>('GET', `/v1/bots/${this.botId}/notes`);
      this._notes = data;
    } catch (error) {
      this._problem = problemText(error);
    }
  }

  readonly #add = async (event: Event): Promise<void> => {
    event.preventDefault();
    const words = this._words.trim();
    if (words === '') return;
    this._isBusy = true;
    this._problem = '';
    try {
      await request('POST', `/v1/bots/${this.botId}/notes`, { body: { text: words } });
      this._words = '';
      await this.#load();
    } catch (error) {
      this._problem = problemText(error);
    } finally {
      this._isBusy = false;
    }
  };

  async #remove(id: string): Promise<void> {
    this._problem = '';
    try {
      await request('DELETE', `/v1/notes/${id}`);
      await this.#load();
    } catch (error) {
      this._problem = problemText(error);
    }
  }
}
customElements.define('parley-notes', MeetingNotes);
