import { html, nothing, type TemplateResult } from 'lit';
import { request } from '../api/client.js';
import type { BotSummary, Page } from '../api/types.js';
import { icon } from '../elements/icons.js';
import { markedQuote, type Quote } from '../elements/marked-quote.js';
import { whenText } from '../format.js';
import { problemText } from '../problems.js';
import { hashOf } from '../router.js';
import { plural, regionalLanguage, text } from '../texts.js';
import { View } from '../view.js';
import { meetingRow } from './home-view.js';
import { keepWords } from './past-meeting.js';

const OVER = 'ended,failed,cancelled';

/** A place where the words were said or noted. */
export type SearchHit = {
  readonly in: 'transcripts' | 'notes';
  readonly bot: string;
  readonly meetingId: string;
  readonly at: string;
  readonly by: string;
  readonly quote: Quote;
};

/** Meetings that are over, and a search over everything that was said in them. */
export class PastView extends View {
  static override properties = {
    query: {},
    _typed: { state: true },
    _meetings: { state: true },
    _next: { state: true },
    _hits: { state: true },
    _problem: { state: true },
    _isBusy: { state: true },
  };
  declare query: string;
  declare private _typed: string;
  declare private _meetings: readonly BotSummary[] | undefined;
  declare private _next: string | undefined;
  declare private _hits: readonly SearchHit[] | undefined;
  declare private _problem: string;
  declare private _isBusy: boolean;
  #searched = '';

  constructor() {
    super();
    this.query = '';
    this._typed = '';
    this._meetings = undefined;
    this._next = undefined;
    this._hits = undefined;
    this._problem = '';
    this._isBusy = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#more();
  }

  protected override willUpdate(): void {
    if (this.query === this.#searched) return;
    this.#searched = this.query;
    this._typed = this.query;
    this._hits = undefined;
    if (this.query !== '') void this.#search();
  }

  protected override render(): TemplateResult {
    return html`<h1 tabindex="-1">${text('past.heading')}</h1>
      <form class="search" role="search" @submit=${this.#submit}>
        <label for="search-words" class="unseen">${text('search.label')}</label>
        <input
          id="search-words"
          type="search"
          dir="auto"
          placeholder=${text('search.label')}
          .value=${this._typed}
          @input=${this.#typed}
        />
        <button class="primary">${icon('search')}${text('search.button')}</button>
      </form>
      <div role="alert">
        ${this._problem === '' ? nothing : html`<p class="refusal" dir="auto">${this._problem}</p>`}
      </div>
      ${this.query === '' ? this.#list() : this.#results()}`;
  }

  #list(): TemplateResult {
    const { _meetings: meetings } = this;
    if (meetings === undefined) return html`<p class="soft centre" role="status">${text('loading')}</p>`;
    if (meetings.length === 0) return html`<p class="soft centre">${text('past.none')}</p>`;
    return html`<ul class="rows">
        ${meetings.map((bot) => html`<li>${meetingRow(bot)}</li>`)}
      </ul>
      ${
        this._next === undefined
          ? nothing
          : html`<p class="centre">
              <button class="quiet" ?disabled=${this._isBusy} @click=${() => void this.#more()}>
                ${text('more')}
              </button>
            </p>`
      }`;
  }

  #results(): TemplateResult {
    const { _hits: hits } = this;
    if (hits === undefined) return html`<p class="soft centre" role="status">${text('search.searching')}</p>`;
    if (hits.length === 0) return html`<p class="soft centre" role="status">${text('search.none')}</p>`;
    return html`<p class="unseen" role="status">${plural('search.found', hits.length)}</p>
      <ul class="hits">
        ${hits.map(
          (hit) =>
            html`<li>
              <a
                class="hit"
                href=${hashOf({ view: 'meeting', botId: hit.bot })}
                @click=${() => keepWords(this.query)}
              >
                <span class="hit-about">
                  <strong
                    ><bdi
                      >${hit.in === 'notes' ? text('search.note') : hit.by || text('people.nameless')}</bdi
                    ></strong
                  >
                  <span class="soft"
                    ><bdi>${hit.meetingId}</bdi> · ${whenText(hit.at, regionalLanguage(), Date.now())}</span
                  >
                </span>
                <span class="hit-words" dir="auto">${markedQuote(hit.quote)}</span>
              </a>
            </li>`,
        )}
      </ul>`;
  }

  readonly #typed = (event: Event): void => {
    this._typed = (event.target as HTMLInputElement).value;
    // The search field's own cross empties it.
    if (this._typed === '' && this.query !== '') this.#go('');
  };

  readonly #submit = (event: Event): void => {
    event.preventDefault();
    this.#go(this._typed.trim());
  };

  #go(query: string): void {
    location.hash = hashOf({ view: 'past', query, language: '' });
  }

  async #more(): Promise<void> {
    this._isBusy = true;
    try {
      const page = await request<Page<BotSummary>>('GET', '/v1/bots', {
        query: { state: OVER, limit: 25, cursor: this._next },
      });
      this._meetings = [...(this._meetings ?? []), ...page.data];
      this._next = page.nextCursor;
      this._problem = '';
    } catch (error) {
      this._problem = problemText(error);
    } finally {
      this._isBusy = false;
    }
  }

  async #search(): Promise<void> {
    const { query } = this;
    try {
      const { data } = await request<{ data: SearchHit[] }>('GET', '/v1/search', { query: { q: query } });
      if (query !== this.query) return;
      this._hits = data;
      this._problem = '';
    } catch (error) {
      if (query === this.query) this._problem = problemText(error);
    }
  }
}
customElements.define('parley-past', PastView);
