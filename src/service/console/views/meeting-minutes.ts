import { html, nothing, type TemplateResult } from 'lit';
import { request } from '../api/client.js';
import type { Minutes, MinutesItem } from '../api/types.js';
import { icon } from '../elements/icons.js';
import { clockText } from '../format.js';
import { directionOf, ownName } from '../languages.js';
import { problemText } from '../problems.js';
import { session } from '../session.js';
import { text } from '../texts.js';
import { View } from '../view.js';

/** Minutes are made a moment after the meeting. */
const LOOK_AGAIN_MS = 5_000;
const MAX_LOOKS = 12;

/** Minutes of a meeting that is over, in each language that they were made in. */
export class MeetingMinutes extends View {
  static override properties = {
    botId: { attribute: false },
    wanted: { type: Boolean },
    _all: { state: true },
    _language: { state: true },
    _problem: { state: true },
    _isBusy: { state: true },
  };
  declare botId: string;
  /** They are made by themselves. */
  declare wanted: boolean;
  declare private _all: readonly Minutes[] | undefined;
  declare private _language: string;
  declare private _problem: string;
  declare private _isBusy: boolean;
  #loaded = '';
  #looks = 0;

  constructor() {
    super();
    this.botId = '';
    this.wanted = false;
    this._all = undefined;
    this._language = '';
    this._problem = '';
    this._isBusy = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.every(LOOK_AGAIN_MS, () => {
      if (this.wanted && this._all?.length === 0 && this.#looks < MAX_LOOKS) void this.#load();
    });
  }

  protected override willUpdate(): void {
    if (this.botId === this.#loaded) return;
    this.#loaded = this.botId;
    this.#looks = 0;
    this._all = undefined;
    void this.#load();
  }

  protected override render(): TemplateResult {
    return html`<section class="panel" aria-labelledby="minutes-heading">
      <h2 id="minutes-heading">${text('minutes.heading')}</h2>
      ${this.#content()}
      <div role="alert">
        ${this._problem === '' ? nothing : html`<p class="refusal" dir="auto">${this._problem}</p>`}
      </div>
    </section>`;
  }

  #content(): TemplateResult {
    const all = this._all ?? [];
    const shown = all.find(({ language }) => language === this._language) ?? all[0];
    if (shown === undefined)
      return html`<p class="soft hint" role="status">
          ${text(this._all === undefined ? 'loading' : this.wanted && this.#looks < MAX_LOOKS ? 'minutes.coming' : 'minutes.none')}
        </p>
        ${
          session.mayInvite && this._all !== undefined
            ? html`<button type="button" class="quiet" ?disabled=${this._isBusy} @click=${this.#make}>
                ${text('minutes.make')}
              </button>`
            : nothing
        }`;
    return html`<p>
        <label for="minutes-language">${text('minutes.language')}</label>
        <select id="minutes-language" @change=${this.#choose}>
          ${all.map(
            ({ language }) =>
              html`<option value=${language} ?selected=${language === shown.language}>
                ${ownName(language)}
              </option>`,
          )}
        </select>
      </p>
      <div lang=${shown.language} dir=${directionOf(shown.language)}>
        ${this.#part('minutes.decisions', shown.decisions)} ${this.#part('minutes.tasks', shown.tasks)}
        ${this.#part('minutes.questions', shown.questions)} ${this.#part('notes.heading', shown.notes)}
      </div>
      <p class="actions">
        <a
          class="button quiet small"
          download="minutes-${shown.language}.md"
          href="/v1/bots/${this.botId}/minutes?format=md&language=${encodeURIComponent(shown.language)}"
          >${icon('download')}${text('format.md')}</a
        >
        <span class="soft hint"
          >${shown.madeBy === 'extract' ? text('minutes.extracted') : shown.madeBy}</span
        >
      </p>`;
  }

  #part(
    heading: 'minutes.decisions' | 'minutes.tasks' | 'minutes.questions' | 'notes.heading',
    items: readonly MinutesItem[],
  ): TemplateResult | typeof nothing {
    if (items.length === 0) return nothing;
    return html`<h3>${text(heading)}</h3>
      <ul class="notes">
        ${items.map(({ text: words, who = '', due = '', places = [] }) => {
          const about = [who, due].filter((each) => each !== '').join(' · ');
          return html`<li>
            <p dir="auto">${words}</p>
            ${about === '' ? nothing : html`<p class="soft hint" dir="auto">${about}</p>`}
            ${places
              .slice(0, 3)
              .map(
                ({ speaker, atMs }) =>
                  html`<p class="soft hint"><bdi>${speaker}</bdi> ${clockText(atMs)}</p>`,
              )}
          </li>`;
        })}
      </ul>`;
  }

  async #load(): Promise<void> {
    const { botId } = this;
    this.#looks++;
    try {
      const { data } = await request<{ data: Minutes[] }>('GET', `/v1/bots/${botId}/minutes`);
      if (botId === this.#loaded) this._all = data;
    } catch (error) {
      if (botId === this.#loaded) this._problem = problemText(error);
    }
  }

  readonly #choose = (event: Event): void => {
    this._language = (event.target as HTMLSelectElement).value;
  };

  readonly #make = async (): Promise<void> => {
    this._isBusy = true;
    this._problem = '';
    try {
      await request('POST', `/v1/bots/${this.botId}/minutes`, { body: {} });
      await this.#load();
    } catch (error) {
      this._problem = problemText(error);
    } finally {
      this._isBusy = false;
    }
  };
}
customElements.define('parley-minutes', MeetingMinutes);
