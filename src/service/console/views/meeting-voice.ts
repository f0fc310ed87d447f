import { html, nothing, type TemplateResult } from 'lit';
import { request } from '../api/client.js';
import type { Bot } from '../api/types.js';
import { icon } from '../elements/icons.js';
import type { FeedState } from '../feed/feed-state.js';
import { nameIn, ownName } from '../languages.js';
import { type FormProblems, NO_PROBLEMS, problemsFor, problemText } from '../problems.js';
import { text, textLanguage } from '../texts.js';
import { View } from '../view.js';

/** The interpreter's voices: to silence one, and to say something with them. */
export class MeetingVoice extends View {
  static override properties = {
    bot: { attribute: false },
    feed: { attribute: false },
    _asked: { state: true },
    _words: { state: true },
    _into: { state: true },
    _said: { state: true },
    _problems: { state: true },
    _isBusy: { state: true },
  };
  declare bot: Bot;
  declare feed: FeedState;
  /** What was asked for and done since the bot was told of last. */
  declare private _asked: ReadonlyMap<string, boolean>;
  declare private _words: string;
  /** Languages that it is not said in. */
  declare private _into: ReadonlySet<string>;
  declare private _said: string;
  declare private _problems: FormProblems;
  declare private _isBusy: boolean;

  constructor() {
    super();
    this._asked = new Map();
    this._words = '';
    this._into = new Set();
    this._said = '';
    this._problems = NO_PROBLEMS;
    this._isBusy = false;
  }

  protected override render(): TemplateResult {
    const languages = this.#languages;
    const problem = this._problems.fields.get('text');
    return html`<section class="panel" aria-labelledby="voice-heading">
      <h2 id="voice-heading">${text('voice.heading')}</h2>
      <ul class="voices">
        ${languages.map((tag) => {
          const isMuted = this.#isMuted(tag);
          return html`<li>
            <button
              type="button"
              class="voice"
              aria-pressed=${isMuted ? 'true' : 'false'}
              aria-label=${text('voice.mute', { language: nameIn(tag, textLanguage()) })}
              @click=${() => void this.#mute(tag, !isMuted)}
            >
              ${icon(isMuted ? 'muted' : 'voice')}<bdi>${ownName(tag)}</bdi>
            </button>
          </li>`;
        })}
      </ul>
      <form class="say" novalidate @submit=${this.#say}>
        <label for="say-words">${text('say.label')}</label>
        <textarea
          id="say-words"
          rows="2"
          dir="auto"
          maxlength="2000"
          placeholder=${text('say.placeholder')}
          aria-invalid=${problem === undefined ? nothing : 'true'}
          aria-describedby=${problem === undefined ? nothing : 'say-problem'}
          .value=${this._words}
          @input=${(event: Event) => (this._words = (event.target as HTMLTextAreaElement).value)}
        ></textarea>
        ${problem === undefined ? nothing : html`<p class="problem" id="say-problem" dir="auto">${problem}</p>`}
        ${
          languages.length < 2
            ? nothing
            : html`<fieldset class="into">
                <legend class="unseen">${text('say.languages')}</legend>
                ${languages.map(
                  (tag) =>
                    html`<label class="inline"
                      ><input
                        type="checkbox"
                        .checked=${!this._into.has(tag)}
                        @change=${() => (this._into = toggled(this._into, tag))}
                      /><bdi>${ownName(tag)}</bdi></label
                    >`,
                )}
              </fieldset>`
        }
        <button class="quiet" ?disabled=${this._isBusy || this.bot.state !== 'active'}>
          ${text('say.button')}
        </button>
      </form>
      <p role="status" class="said">${this._said}</p>
      ${
        this._problems.general === ''
          ? nothing
          : html`<p role="alert" class="refusal" dir="auto">${this._problems.general}</p>`
      }
    </section>`;
  }

  protected override willUpdate(changed: Map<string, unknown>): void {
    if (changed.has('bot')) this._asked = new Map();
  }

  #isMuted(tag: string): boolean {
    const { muted = [] } = this.bot;
    return this._asked.get(tag) ?? (muted === 'all' || muted.includes(tag));
  }

  get #languages(): readonly string[] {
    const { languages = [] } = this.bot.settings;
    if (languages.length > 0) return languages;
    return [
      ...new Set(
        this.feed.people.flatMap(({ prefers, isBot }) =>
          prefers === undefined || isBot === true ? [] : [prefers],
        ),
      ),
    ];
  }

  async #mute(language: string, muted: boolean): Promise<void> {
    this._problems = NO_PROBLEMS;
    try {
      await request('POST', `/v1/bots/${this.bot.id}/mute`, { body: { muted, language } });
      this._asked = new Map(this._asked).set(language, muted);
      this._said = text(muted ? 'voice.muted' : 'voice.unmuted', {
        language: nameIn(language, textLanguage()),
      });
    } catch (error) {
      this._problems = { general: problemText(error), fields: new Map() };
    }
  }

  readonly #say = async (event: Event): Promise<void> => {
    event.preventDefault();
    const words = this._words.trim();
    this._said = '';
    if (words === '') {
      this._problems = { general: '', fields: new Map([['text', text('say.missing')]]) };
      this.querySelector<HTMLElement>('#say-words')?.focus();
      return;
    }
    this._problems = NO_PROBLEMS;
    this._isBusy = true;
    const into = this.#languages.filter((tag) => !this._into.has(tag));
    try {
      const body = {
        text: words,
        ...(into.length === 0 || this._into.size === 0 ? {} : { languages: into }),
      };
      await request('POST', `/v1/bots/${this.bot.id}/say`, { body });
      this._words = '';
      this._said = text('say.said');
    } catch (error) {
      this._problems = problemsFor(error, ['text']);
    } finally {
      this._isBusy = false;
    }
  };
}
customElements.define('parley-voice', MeetingVoice);

function toggled(set: ReadonlySet<string>, value: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(value)) next.add(value);
  return next;
}
