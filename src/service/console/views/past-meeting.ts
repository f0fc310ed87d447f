import { html, nothing, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';
import { request } from '../api/client.js';
import type { Bot, Cost, Speech, Transcript } from '../api/types.js';
import { icon } from '../elements/icons.js';
import { clockText, durationText, whenText } from '../format.js';
import { closeness, directionOf, nameIn, ownName } from '../languages.js';
import { costText } from '../meeting-words.js';
import { problemText } from '../problems.js';
import { session } from '../session.js';
import { regionalLanguage, text, textLanguage } from '../texts.js';
import { tintOf } from '../tints.js';
import { View } from '../view.js';
import './meeting-erasure.js';
import './meeting-minutes.js';
import './meeting-notes.js';

const FORMATS = ['md', 'srt', 'vtt', 'txt', 'json'] as const;
/** What was searched for over all meetings, to be found in this one. */
const WORDS_KEPT = 'parley.words';
const LANGUAGE_KEPT = 'parley.transcript.';

/** A meeting that is over: what was said, in any of its languages, to read, to take along and to erase. */
export class PastMeeting extends View {
  static override properties = {
    bot: { attribute: false },
    cost: { attribute: false },
    _transcript: { state: true },
    _problem: { state: true },
    _language: { state: true },
    _find: { state: true },
    _usd: { state: true },
    _erasures: { state: true },
    _erased: { state: true },
  };
  declare bot: Bot;
  declare cost: Cost | undefined;
  declare private _transcript: Transcript | undefined;
  declare private _problem: string;
  declare private _language: string;
  declare private _find: string;
  declare private _usd: number | undefined;
  /** How often words of somebody were erased while this is shown. */
  declare private _erasures: number;
  declare private _erased: boolean;
  #botId = '';

  constructor() {
    super();
    this._transcript = undefined;
    this._problem = '';
    this._language = '';
    this._find = '';
    this._usd = undefined;
    this._erasures = 0;
    this._erased = false;
  }

  protected override willUpdate(): void {
    if (this.bot.id === this.#botId) return;
    this.#botId = this.bot.id;
    this._transcript = undefined;
    this._usd = undefined;
    this._find = sessionStorage.getItem(WORDS_KEPT) ?? '';
    sessionStorage.removeItem(WORDS_KEPT);
    this._erased = this.bot.erasedAt !== undefined;
    this._language = sessionStorage.getItem(LANGUAGE_KEPT + this.bot.id) ?? '';
    if (!this._erased) void this.#load();
    void this.#loadCost();
  }

  protected override render(): TemplateResult {
    return html`${this.#facts()}
      <div class="meeting past">
        <div class="meeting-main">${this.#words()}</div>
        <div class="meeting-side">
          ${
            this._erased
              ? nothing
              : keyed(
                  this._erasures,
                  html`<parley-minutes
                      .botId=${this.bot.id}
                      ?wanted=${this.bot.settings.minutes === true && this.bot.record}
                    ></parley-minutes>
                    <parley-notes .botId=${this.bot.id}></parley-notes>${this.#downloads()}`,
                )
          }
          ${this.#erasure()}
        </div>
      </div>`;
  }

  #facts(): TemplateResult {
    const { joinedAt, endedAt } = this.bot;
    const language = regionalLanguage();
    const lasted =
      joinedAt === undefined || endedAt === undefined
        ? '–'
        : durationText(new Date(endedAt).getTime() - new Date(joinedAt).getTime(), language);
    const usd = this._usd ?? this.cost?.usd;
    return html`<dl class="numbers">
      <div>
        <dt>${text('past.began')}</dt>
        <dd>${joinedAt === undefined ? '–' : whenText(joinedAt, language, Date.now())}</dd>
      </div>
      <div>
        <dt>${text('past.lasted')}</dt>
        <dd>${lasted}</dd>
      </div>
      <div>
        <dt>${text('live.people')}</dt>
        <dd>${this._transcript?.people.length ?? '–'}</dd>
      </div>
      <div>
        <dt>${text('past.cost')}</dt>
        <dd>${usd === undefined ? '–' : costText({ ...this.cost, usd }, language)}</dd>
      </div>
    </dl>`;
  }

  #words(): TemplateResult {
    const { _transcript: transcript } = this;
    if (this._erased) return html`<p class="soft centre">${text('past.erased')}</p>`;
    if (transcript === undefined)
      return html`<p class="soft centre" role="status" dir="auto">
        ${this._problem === '' ? text('loading') : this._problem}
      </p>`;
    if (transcript.speeches.length === 0)
      return html`<p class="soft centre">${text(this.bot.record ? 'past.nothing' : 'past.notKept')}</p>`;
    const languages = languagesIn(transcript);
    const wanted = this._find.trim().toLocaleLowerCase();
    const speeches = transcript.speeches
      .map((speech) => ({ speech, words: wordsIn(speech, this._language) }))
      .filter(({ speech, words }) => wanted === '' || holds(speech, words.text, wanted));
    return html`<section aria-labelledby="transcript-heading">
      <div class="transcript-head">
        <h2 id="transcript-heading">${text('past.transcript')}</h2>
        <span class="inline"
          ><label for="transcript-language">${text('past.language')}</label
          ><select id="transcript-language" @change=${this.#choose}>
            <option value="" ?selected=${this._language === ''}>${text('past.asSaid')}</option>
            ${languages.map(
              (tag) =>
                html`<option value=${tag} ?selected=${tag === this._language}>${ownName(tag)}</option>`,
            )}
          </select></span
        >
        <input
          type="search"
          class="find"
          aria-label=${text('past.find')}
          placeholder=${text('past.find')}
          .value=${this._find}
          @input=${(event: Event) => (this._find = (event.target as HTMLInputElement).value)}
        />
      </div>
      ${speeches.length === 0 ? html`<p class="soft centre" role="status">${text('past.notFound')}</p>` : nothing}
      <ol class="transcript">
        ${speeches.map(
          ({ speech, words }) =>
            html`<li class="speech" data-tint=${tintOf(speech.speakerId)}>
              <p class="speech-who">
                <bdi>${speech.speakerName || text('people.nameless')}</bdi>
                <span class="soft">${clockText(speech.startMs)}</span>
                ${
                  words.isOther && words.language !== ''
                    ? html`<span class="tag">${nameIn(words.language, textLanguage())}</span>`
                    : nothing
                }
              </p>
              ${
                words.text === ''
                  ? html`<p class="speech-words soft">${text('captions.unwritten')}</p>`
                  : html`<p
                      class="speech-words"
                      lang=${words.language || nothing}
                      dir=${directionOf(words.language)}
                    >
                      ${marked(words.text, wanted)}
                    </p>`
              }
            </li>`,
        )}
      </ol>
    </section>`;
  }

  #downloads(): TemplateResult | typeof nothing {
    if ((this._transcript?.speeches.length ?? 0) === 0) return nothing;
    const language = this._language === '' ? '' : `&language=${encodeURIComponent(this._language)}`;
    return html`<section class="panel" aria-labelledby="downloads-heading">
      <h2 id="downloads-heading">${text('past.downloads')}</h2>
      <p class="soft hint">
        ${this._language === '' ? text('past.asSaid') : nameIn(this._language, textLanguage())}
      </p>
      <ul class="downloads">
        ${FORMATS.map(
          (format) =>
            html`<li>
              <a
                class="button quiet small"
                download="${this.bot.meetingId}.${format}"
                href="/v1/bots/${this.bot.id}/transcript?format=${format}${language}"
                >${icon('download')}${text(`format.${format}`)}</a
              >
            </li>`,
        )}
      </ul>
    </section>`;
  }

  #erasure(): TemplateResult | typeof nothing {
    if (this._erased || !session.allows('records:erase')) return nothing;
    return html`<parley-erasure
      .botId=${this.bot.id}
      .transcript=${this._transcript}
      @erased=${this.#wasErased}
    ></parley-erasure>`;
  }

  async #load(): Promise<void> {
    const { id } = this.bot;
    try {
      const transcript = await request<Transcript>('GET', `/v1/bots/${id}/transcript`, {
        query: { format: 'json' },
      });
      if (id === this.#botId) this._transcript = transcript;
    } catch (error) {
      if (id === this.#botId) this._problem = problemText(error);
    }
  }

  async #loadCost(): Promise<void> {
    const { id } = this.bot;
    try {
      const cost = await request<{ usd: number; data: readonly unknown[] }>('GET', `/v1/bots/${id}/cost`);
      if (id === this.#botId) this._usd = cost.data.length === 0 ? undefined : cost.usd;
    } catch {
      // The rest of the page does not need it; what the feed told last stays.
    }
  }

  readonly #choose = (event: Event): void => {
    this._language = (event.target as HTMLSelectElement).value;
    sessionStorage.setItem(LANGUAGE_KEPT + this.bot.id, this._language);
  };

  readonly #wasErased = ({ detail }: CustomEvent<string>): void => {
    if (detail === 'all') {
      this._erased = true;
      this._transcript = undefined;
      return;
    }
    // Notes and minutes may have quoted them.
    this._erasures++;
    void this.#load();
  };
}
customElements.define('parley-past-meeting', PastMeeting);

type Read = { readonly text: string; readonly language: string; readonly isOther: boolean };

/** A speech as readers of a language read it: as it was said where it is not translated, or where none is chosen. */
function wordsIn({ said, translated }: Speech, language: string): Read {
  if (language === '') return { ...said, isOther: false };
  const best = [said, ...translated]
    .filter(({ text: words }) => words !== '')
    .sort((a, b) => closeness(b.language, language) - closeness(a.language, language))[0];
  if (best === undefined || closeness(best.language, language) === 0) return { ...said, isOther: true };
  return { ...best, isOther: false };
}

function languagesIn({ speeches }: Transcript): readonly string[] {
  const tags = speeches.flatMap(({ said, translated }) =>
    [said, ...translated].map(({ language }) => language),
  );
  return [...new Set(tags.filter((tag) => tag !== ''))].sort();
}

function holds(speech: Speech, words: string, wanted: string): boolean {
  return [words, speech.said.text, speech.speakerName].some((each) =>
    each.toLocaleLowerCase().includes(wanted),
  );
}

/** Remembers words for the meeting that is opened next. */
export function keepWords(words: string): void {
  sessionStorage.setItem(WORDS_KEPT, words);
}

/** Words with what was looked for marked: as text, whatever they hold. */
function marked(words: string, wanted: string): TemplateResult | string {
  const at = wanted === '' ? -1 : words.toLocaleLowerCase().indexOf(wanted);
  if (at < 0) return words;
  const end = at + wanted.length;
  return html`${words.slice(0, at)}<mark>${words.slice(at, end)}</mark>${marked(words.slice(end), wanted)}`;
}
