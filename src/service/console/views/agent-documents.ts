import { html, nothing, type TemplateResult } from 'lit';
import { ApiProblem, request } from '../api/client.js';
import { field, selectField } from '../elements/fields.js';
import { icon } from '../elements/icons.js';
import { markedQuote, type Quote } from '../elements/marked-quote.js';
import { sizeText, whenText } from '../format.js';
import { languageChoices, nameIn } from '../languages.js';
import { problemText } from '../problems.js';
import { session } from '../session.js';
import { plural, regionalLanguage, text, textLanguage } from '../texts.js';
import { ListPart } from './list-part.js';

type Document = {
  readonly id: string;
  readonly name: string;
  readonly title?: string;
  readonly format: string;
  readonly language?: string;
  readonly bytes: number;
  readonly pages?: number;
  readonly passages: number;
  readonly warnings: readonly string[];
  readonly addedAt: string;
};
type Hit = { readonly document: string; readonly source: string; readonly quote: Quote };

/** What became of a file that was given. */
type Given = {
  readonly name: string;
  readonly state: 'waiting' | 'reading' | 'added' | 'known' | 'refused';
  /** Why it was refused, in the reader's words. */
  readonly problem?: string;
  /** The same in the service's, in English: only it knows what is wrong with the file. */
  readonly detail?: string;
};

const TONES = { waiting: 'waiting', reading: 'busy', added: 'good', known: 'done', refused: 'bad' } as const;
const ACCEPTED = '.txt,.md,.markdown,.html,.htm,.pdf,.docx,text/*,application/pdf';
const MAX_FILE_BYTES = 20 * 1_048_576;
/** A large file on a slow line, and its reading. */
const UPLOAD_TIMEOUT_MS = 600_000;

/** The documents that the agent answers from: given as files, searched, deleted. */
export class AgentDocuments extends ListPart<Document> {
  static override properties = {
    ...ListPart.properties,
    _given: { state: true },
    _language: { state: true },
    _isOver: { state: true },
    _query: { state: true },
    _hits: { state: true },
  };
  protected readonly path = '/v1/documents';
  protected override readonly query = {};
  declare private _given: readonly Given[];
  declare private _language: string;
  declare private _isOver: boolean;
  declare private _query: string;
  declare private _hits: readonly Hit[] | 'searching' | undefined;
  /** Files go one after the other, so that a slow line is not shared. */
  #sending: Promise<void> = Promise.resolve();

  constructor() {
    super();
    this._given = [];
    this._language = '';
    this._isOver = false;
    this._query = '';
    this._hits = undefined;
  }

  protected override render(): TemplateResult {
    return html`<h2 tabindex="-1">${text('material.documents')}</h2>
      <p class="soft">${text('documents.lead')}</p>
      ${session.allows('agent:write') ? this.#form() : nothing} ${this.notes()}
      ${this.list(text('documents.none'), (document) => this.#row(document))}
      ${this.rows === undefined || this.rows.length === 0 ? nothing : this.#search()}`;
  }

  #form(): TemplateResult {
    return html`<form class="panel" novalidate @submit=${(event: Event) => event.preventDefault()}>
      <div
        class="drop"
        ?data-over=${this._isOver}
        @dragover=${this.#over}
        @dragleave=${() => (this._isOver = false)}
        @drop=${this.#drop}
      >
        ${field(
          { id: 'document-files', label: text('documents.files'), hint: text('documents.filesHint') },
          (described) =>
            html`<input
              id="document-files"
              type="file"
              multiple
              accept=${ACCEPTED}
              aria-describedby=${described}
              @change=${this.#choose}
            />`,
        )}
      </div>
      ${selectField({
        id: 'document-language',
        label: text('documents.language'),
        value: this._language,
        options: [
          ['', text('documents.recognised')],
          ...languageChoices(textLanguage()).map(({ tag, name }): [string, string] => [tag, name]),
        ],
        onChange: (value) => (this._language = value),
      })}
      <div role="status">${this._given.length === 0 ? nothing : this.#givenFiles()}</div>
    </form>`;
  }

  #givenFiles(): TemplateResult {
    return html`<ul class="given">
      ${this._given.map(
        ({ name, state, problem = '', detail = '' }) =>
          html`<li>
            <strong dir="auto">${name}</strong>
            <span class="tone" data-tone=${TONES[state]}>${text(`documents.${state}`)}</span>
            ${problem === '' ? nothing : html`<span class="soft response">${problem}</span>`}
            ${detail === '' ? nothing : html`<span class="soft response" lang="en" dir="auto">${detail}</span>`}
          </li>`,
      )}
    </ul>`;
  }

  #row(document: Document): TemplateResult {
    const { id, name, title, format, language, bytes, pages, passages, warnings, addedAt } = document;
    const reader = regionalLanguage();
    const facts = [
      text(`documents.format.${format}` as 'documents.format.text'),
      ...(language === undefined ? [] : [nameIn(language, textLanguage())]),
      ...(pages === undefined ? [] : [plural('documents.pages', pages)]),
      plural('documents.passages', passages),
      sizeText(bytes, reader),
      whenText(addedAt, reader, Date.now()),
    ];
    return html`<div class="card-row-main">
        <strong dir="auto">${name}</strong>
        ${title === undefined || title === name ? nothing : html`<span dir="auto">${title}</span>`}
        <span class="soft">${facts.join(' · ')}</span>
        ${warnings.map((warning) => html`<span class="tone" data-tone="warn" lang="en">${warning}</span>`)}
        ${this.asked === id ? this.#question(document) : nothing}
      </div>
      ${
        session.allows('agent:write') && this.asked !== id
          ? html`<button
              class="quiet small"
              aria-label=${text('documents.deleteOf', { name })}
              @click=${() => void this.ask(id)}
            >
              ${text('delete')}
            </button>`
          : nothing
      }`;
  }

  #question({ id }: Document): TemplateResult {
    return this.question(
      text('documents.sure'),
      html`<button class="danger small" @click=${() => void this.#delete(id)}>${text('delete')}</button>`,
    );
  }

  #search(): TemplateResult {
    const { _hits: hits } = this;
    return html`<h2 class="next">${text('documents.try')}</h2>
      <p class="soft">${text('documents.tryLead')}</p>
      <form class="search" role="search" @submit=${this.#find}>
        <label for="document-words" class="unseen">${text('documents.question')}</label>
        <input
          id="document-words"
          type="search"
          dir="auto"
          maxlength="500"
          placeholder=${text('documents.question')}
          .value=${this._query}
          @input=${(event: Event) => (this._query = (event.target as HTMLInputElement).value)}
        />
        <button class="primary">${icon('search')}${text('search.button')}</button>
      </form>
      <p role="status" class="soft">
        ${
          hits === undefined
            ? nothing
            : hits === 'searching'
              ? text('search.searching')
              : hits.length === 0
                ? text('documents.notFound')
                : plural('documents.found', hits.length)
        }
      </p>
      ${
        typeof hits === 'object' && hits.length > 0
          ? html`<ul class="hits">
              ${hits.map(
                ({ source, quote }) =>
                  html`<li class="hit">
                    <span class="hit-about"><strong dir="auto">${source}</strong></span>
                    <span class="hit-words" dir="auto">${markedQuote(quote)}</span>
                  </li>`,
              )}
            </ul>`
          : nothing
      }`;
  }

  readonly #over = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes('Files') !== true) return;
    event.preventDefault();
    this._isOver = true;
  };

  readonly #drop = (event: DragEvent): void => {
    event.preventDefault();
    this._isOver = false;
    this.#give([...(event.dataTransfer?.files ?? [])]);
  };

  readonly #choose = (event: Event): void => {
    const input = event.target as HTMLInputElement;
    this.#give([...(input.files ?? [])]);
    // The same file can be chosen again.
    input.value = '';
  };

  #give(files: readonly File[]): void {
    if (!this._given.some(({ state }) => state === 'waiting' || state === 'reading')) this._given = [];
    const first = this._given.length;
    this._given = [...this._given, ...files.map(({ name }): Given => ({ name, state: 'waiting' }))];
    const language = this._language;
    files.forEach((file, index) => {
      this.#sending = this.#sending.then(() => this.#send(file, language, first + index));
    });
  }

  async #send(file: File, language: string, place: number): Promise<void> {
    const set = (change: Partial<Given>): void => {
      this._given = this._given.map((each, index) => (index === place ? { ...each, ...change } : each));
    };
    if (file.size > MAX_FILE_BYTES) {
      set({ state: 'refused', problem: text('documents.tooLarge') });
      return;
    }
    set({ state: 'reading' });
    const known = new Set(this.rows?.map(({ id }) => id));
    try {
      const { id } = await request<Document>('POST', this.path, {
        ...{ query: { name: file.name, language }, file, timeoutMs: UPLOAD_TIMEOUT_MS },
      });
      set({ state: known.has(id) ? 'known' : 'added' });
      await this.load();
    } catch (error) {
      const isOfFile = error instanceof ApiProblem && error.code === 'invalid_request';
      set({ state: 'refused', ...(isOfFile ? { detail: error.message } : { problem: problemText(error) }) });
    }
  }

  async #delete(id: string): Promise<void> {
    this._hits = undefined;
    await this.deleteAsked(`${this.path}/${id}`, text('documents.deleted'));
  }

  readonly #find = async (event: Event): Promise<void> => {
    event.preventDefault();
    const q = this._query.trim();
    this.problem = '';
    if (q === '') {
      this._hits = undefined;
      return;
    }
    this._hits = 'searching';
    try {
      const { data } = await request<{ data: Hit[] }>('GET', `${this.path}/search`, { query: { q } });
      if (q === this._query.trim()) this._hits = data;
    } catch (error) {
      this._hits = undefined;
      this.problem = problemText(error);
    }
  };
}
customElements.define('parley-agent-documents', AgentDocuments);
