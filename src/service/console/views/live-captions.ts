import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { Bot } from '../api/types.js';
import { type CaptionRow, rowsOf, type Words } from '../feed/caption-rows.js';
import type { FeedState } from '../feed/feed-state.js';
import { unreadColumns } from '../feed/unread-columns.js';
import { directionOf, nameIn, ownName } from '../languages.js';
import { text, textLanguage } from '../texts.js';
import { tintOf } from '../tints.js';
import { View } from '../view.js';

/** Rows that are shown. */
const MAX_ROWS = 200;
/** Nearer to the end than this, the reader follows what is said. */
const FOLLOW_PX = 80;
const KEPT_COLUMNS = 'parley.columns.';

/** What is said, live, in two languages side by side that the reader chooses. */
export class LiveCaptions extends View {
  static override properties = {
    feed: { attribute: false },
    bot: { attribute: false },
    _columns: { state: true },
    _isFollowing: { state: true },
    _isRead: { state: true },
  };
  declare feed: FeedState;
  declare bot: Bot;
  declare private _columns: readonly string[];
  declare private _isFollowing: boolean;
  declare private _isRead: boolean;
  #announced = '';
  #botId = '';

  constructor() {
    super();
    this._columns = [];
    this._isFollowing = true;
    this._isRead = false;
  }

  protected override willUpdate(): void {
    if (this.bot.id === this.#botId) return;
    this.#botId = this.bot.id;
    this._columns = keptColumns(this.bot.id);
    this._isFollowing = true;
  }

  protected override render(): TemplateResult {
    const languages = this.#languages;
    const columns = this.#columnsOf(languages);
    const rows = rowsOf(this.feed.captions, columns).slice(-MAX_ROWS);
    return html`<section class="captions" aria-labelledby="captions-heading">
      <div class="captions-head">
        <h2 id="captions-heading" class="unseen">${text('captions.heading')}</h2>
        ${columns.map((column, index) => this.#columnChoice(index, column, languages))}
      </div>
      <div role="status">${this.#unread(columns)}</div>
      <div
        class="captions-scroll"
        tabindex="0"
        role="log"
        aria-live="off"
        aria-labelledby="captions-heading"
        @scroll=${this.#onScroll}
      >
        ${
          rows.length === 0
            ? html`<p class="soft centre">
                ${text(this.bot.state === 'active' ? 'captions.quiet' : 'captions.waiting')}
              </p>`
            : nothing
        }
        ${repeat(
          rows,
          ({ key }) => key,
          (row) => this.#row(row, columns),
        )}
      </div>
      <div class="captions-foot">
        <label class="inline"
          ><input
            type="checkbox"
            .checked=${this._isRead}
            @change=${(event: Event) => (this._isRead = (event.target as HTMLInputElement).checked)}
          />${text('captions.readAloud')}</label
        >
        ${
          this._isFollowing
            ? nothing
            : html`<button type="button" class="quiet small" @click=${this.#follow}>
                ${text('captions.newest')}
              </button>`
        }
      </div>
      <p class="unseen" aria-live="polite">${this._isRead ? this.#newest(rows) : ''}</p>
    </section>`;
  }

  protected override updated(): void {
    if (!this._isFollowing) return;
    const box = this.querySelector('.captions-scroll');
    if (box !== null) box.scrollTop = box.scrollHeight;
  }

  /** Languages of the meeting, and those that were spoken or read. */
  get #languages(): readonly string[] {
    const { people, captions } = this.feed;
    const tags = [
      ...(this.bot.settings.languages ?? []),
      ...people.flatMap(({ prefers, speaks }) => [...(prefers === undefined ? [] : [prefers]), ...speaks]),
      ...captions
        .slice(-100)
        .flatMap(({ sourceLanguage, targetLanguage }) => [sourceLanguage, targetLanguage]),
    ];
    return [...new Set(tags.filter((tag) => tag !== ''))];
  }

  /** What the reader chose, else the first languages of the meeting, their own first. */
  #columnsOf(languages: readonly string[]): readonly [string, string] {
    const own = languages.find((tag) => tag.split('-')[0] === textLanguage());
    const usual = [...new Set([...(own === undefined ? [] : [own]), ...languages])];
    const first = this._columns[0] ?? usual[0] ?? textLanguage();
    const second = this._columns[1] ?? usual.find((tag) => tag !== first) ?? (first === 'en' ? 'es' : 'en');
    return [first, second];
  }

  #columnChoice(index: number, column: string, languages: readonly string[]): TemplateResult {
    const offered = languages.includes(column) ? languages : [column, ...languages];
    return html`<select
      class="column-choice"
      aria-label=${text(index === 0 ? 'captions.first' : 'captions.second')}
      @change=${(event: Event) => {
        const columns = [...this.#columnsOf(languages)];
        columns[index] = (event.target as HTMLSelectElement).value;
        this._columns = columns;
        sessionStorage.setItem(KEPT_COLUMNS + this.bot.id, JSON.stringify(columns));
      }}
    >
      ${offered.map((tag) => html`<option value=${tag} ?selected=${tag === column}>${ownName(tag)}</option>`)}
    </select>`;
  }

  /** Why a column stays without translations. */
  #unread(columns: readonly string[]): TemplateResult | typeof nothing {
    if (this.bot.state !== 'active') return nothing;
    const unread = unreadColumns(columns, this.feed);
    if (unread.length === 0) return nothing;
    const names = new Intl.ListFormat(textLanguage()).format(
      unread.map((tag) => nameIn(tag, textLanguage())),
    );
    return html`<p class="captions-unread">${text('captions.unread', { language: names })}</p>`;
  }

  #row(row: CaptionRow, columns: readonly string[]): TemplateResult {
    if (row.kind === 'notice')
      return html`<p class="caption-notice" dir="auto" lang=${row.language}>${row.words[0]?.text ?? ''}</p>`;
    return html`<div class="caption" data-tint=${tintOf(row.speakerId)} ?data-open=${!row.isFinal}>
      <p class="caption-who"><bdi>${row.speakerName || text('people.nameless')}</bdi></p>
      ${row.words.map((words, index) => caption(words, columns[index] ?? '', row.isFinal))}
    </div>`;
  }

  #newest(rows: readonly CaptionRow[]): string {
    const last = rows.findLast(
      ({ isFinal, kind, words }) => isFinal && kind === 'speech' && words[0]?.text !== '',
    );
    if (last === undefined) return this.#announced;
    return (this.#announced = `${last.speakerName}: ${last.words[0]?.text ?? ''}`);
  }

  readonly #onScroll = (event: Event): void => {
    const { scrollTop, scrollHeight, clientHeight } = event.target as HTMLElement;
    this._isFollowing = scrollHeight - scrollTop - clientHeight < FOLLOW_PX;
  };

  readonly #follow = (): void => {
    this._isFollowing = true;
    this.requestUpdate();
  };
}
customElements.define('parley-live-captions', LiveCaptions);

/** Words that are still to come are an ellipsis; those that never will are said to be missing. */
function caption(
  { text: words, language, isForeign, mark }: Words,
  column: string,
  isFinal: boolean,
): TemplateResult {
  if (words === '' && isFinal) return html`<p class="caption-words soft">${text('captions.unwritten')}</p>`;
  if (words === '') return html`<p class="caption-words soft" aria-hidden="true">…</p>`;
  const tag = language === '' ? column : language;
  return html`<p class="caption-words ${isForeign ? 'foreign' : ''}" lang=${tag} dir=${directionOf(tag)}>
    ${isForeign && language !== '' ? html`<span class="tag">${nameIn(language, textLanguage())}</span>` : nothing}
    ${words}${mark === undefined || mark === 'cut' ? nothing : html`<span class="mark-note">${text(`mark.${mark}`)}</span>`}
  </p>`;
}

function keptColumns(botId: string): readonly string[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEPT_COLUMNS + botId) ?? 'null');
    if (Array.isArray(kept) && kept.length === 2 && kept.every((tag) => typeof tag === 'string')) return kept;
  } catch {
    // Somebody else wrote there.
  }
  return [];
}
