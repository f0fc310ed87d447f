import { html, nothing, type TemplateResult } from 'lit';
import { request } from '../api/client.js';
import type { LiveNote, Note } from '../api/types.js';
import { icon } from '../elements/icons.js';
import { whenText } from '../format.js';
import { problemText } from '../problems.js';
import { session } from '../session.js';
import { regionalLanguage, text } from '../texts.js';
import { View } from '../view.js';

/** Kinds that are worth a word. */
const KINDS: ReadonlySet<string> = new Set(['decision', 'action', 'question']);

/** Notes to a meeting. */
export class MeetingNotes extends View {
  static override properties = {
    botId: { attribute: false },
    live: { attribute: false },
    _notes: { state: true },
    _words: { state: true },
    _problem: { state: true },
    _isBusy: { state: true },
  };
  declare botId: string;
  /** Of a running meeting: what became of the agent's notes since. */
  declare live: readonly LiveNote[];
  declare private _notes: readonly Note[];
  declare private _words: string;
  declare private _problem: string;
  declare private _isBusy: boolean;
  #loaded = '';

  constructor() {
    super();
    this.botId = '';
    this.live = [];
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
        this.#shown.length === 0
          ? html`<p class="soft hint">${text('notes.none')}</p>`
          : html`<ul class="notes">
              ${this.#shown.map((note) => this.#note(note))}
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

  /** What the service has, and what the meeting told since. */
  get #shown(): readonly Note[] {
    const notes = new Map(this._notes.map((note) => [note.id, note]));
    for (const { what, ...note } of this.live) {
      if (what === 'removed') notes.delete(note.id);
      else notes.set(note.id, { ...notes.get(note.id), ...note });
    }
    return [...notes.values()];
  }

  #note({ id, kind, text: words, who, due, createdAt }: Note): TemplateResult {
    const about = [KINDS.has(kind) ? text(`notes.${kind as 'decision'}`) : '', who ?? '', due ?? ''].filter(
      (each) => each !== '',
    );
    return html`<li>
      ${about.length === 0 ? nothing : html`<p class="soft hint" dir="auto">${about.join(' · ')}</p>`}
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
