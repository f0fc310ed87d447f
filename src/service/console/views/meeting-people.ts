import { html, nothing, type TemplateResult } from 'lit';
import { request } from '../api/client.js';
import type { Bot, Person } from '../api/types.js';
import type { FeedState } from '../feed/feed-state.js';
import { languageChoices, ownName } from '../languages.js';
import { problemText } from '../problems.js';
import { plural, text, textLanguage } from '../texts.js';
import { tintOf } from '../tints.js';
import { View } from '../view.js';

/** Who is in the meeting, what they speak and hear; the host's word about it wins over what they say themselves. */
export class MeetingPeople extends View {
  static override properties = {
    bot: { attribute: false },
    feed: { attribute: false },
    fixed: { type: Boolean },
    _open: { state: true },
    _said: { state: true },
    _problem: { state: true },
  };
  declare bot: Bot;
  declare feed: FeedState;
  declare fixed: boolean;
  declare private _open: string;
  declare private _said: string;
  declare private _problem: string;

  constructor() {
    super();
    this.fixed = false;
    this._open = '';
    this._said = '';
    this._problem = '';
  }

  protected override render(): TemplateResult {
    const people = this.feed.people.filter(({ isBot }) => isBot !== true);
    return html`<section class="panel" aria-labelledby="people-heading">
      <h2 id="people-heading">${plural('people.heading', people.length)}</h2>
      ${
        people.length === 0
          ? html`<p class="soft">${text('people.nobody')}</p>`
          : html`<ul class="people">
              ${people.map((person) => this.#person(person))}
            </ul>`
      }
      <p role="status" class="said">${this._said}</p>
      ${this._problem === '' ? nothing : html`<p role="alert" class="refusal" dir="auto">${this._problem}</p>`}
    </section>`;
  }

  #person(person: Person): TemplateResult {
    const { id, name, speaks, prefers } = person;
    const isSpeaking = this.feed.speaking.includes(id);
    const shown = name.trim() === '' ? text('people.nameless') : name;
    const isOpen = this._open === id;
    return html`<li class="person" ?data-speaking=${isSpeaking}>
      <span class="avatar" data-tint=${tintOf(id)} aria-hidden="true">${initialOf(shown)}</span>
      <span class="person-who">
        <bdi class="person-name">${shown}</bdi>
        <span class="soft person-languages"
          >${
            speaks.length === 0
              ? text('people.speaksUnknown')
              : text('people.speaks', { languages: speaks.map(ownName).join(', ') })
          }
          ·
          ${prefers === undefined ? text('people.hearsUnknown') : text('people.hears', { language: ownName(prefers) })}</span
        >
      </span>
      ${isSpeaking ? html`<span class="unseen">${text('people.speaking')}</span>` : nothing}
      ${
        this.fixed
          ? nothing
          : html`<button
              type="button"
              class="quiet small"
              aria-expanded=${isOpen ? 'true' : 'false'}
              aria-label=${text('people.changeOf', { name: shown })}
              @click=${() => (this._open = isOpen ? '' : id)}
            >
              ${text('people.change')}
            </button>`
      }
      ${isOpen ? this.#choices(person, shown) : nothing}
    </li>`;
  }

  #choices({ id, prefers, speaks }: Person, shown: string): TemplateResult {
    const meeting = this.bot.settings.languages ?? [];
    const choices = languageChoices(textLanguage()).filter(({ tag }) => !meeting.includes(tag));
    const options = (chosen: string | undefined): TemplateResult => {
      const offered = [...new Set([...(chosen === undefined ? [] : [chosen]), ...meeting])];
      return html`<option value="" ?selected=${chosen === undefined}>${text('people.own')}</option>
        ${offered.map((tag) => html`<option value=${tag} ?selected=${tag === chosen}>${ownName(tag)}</option>`)}
        ${choices
          .filter(({ tag }) => tag !== chosen)
          .map(({ tag, name }) => html`<option value=${tag}>${name}</option>`)}`;
    };
    const tell = (event: Event, make: (tag: string) => object): void => {
      void this.#set(id, shown, make((event.target as HTMLSelectElement).value));
    };
    return html`<div class="person-choices">
      <span
        ><label for="hears-${id}">${text('people.hearsLabel')}</label
        ><select
          id="hears-${id}"
          @change=${(event: Event) => tell(event, (tag) => ({ preferredLanguage: tag === '' ? null : tag }))}
        >
          ${options(prefers)}
        </select></span
      >
      <span
        ><label for="speaks-${id}">${text('people.speaksLabel')}</label
        ><select
          id="speaks-${id}"
          @change=${(event: Event) => tell(event, (tag) => ({ spokenLanguages: tag === '' ? null : [tag] }))}
        >
          ${options(speaks[0])}
        </select></span
      >
      <button
        type="button"
        class="quiet small"
        @click=${() => void this.#set(id, shown, { interpret: false })}
      >
        ${text('people.dontInterpret')}
      </button>
      <button
        type="button"
        class="quiet small"
        @click=${() => void this.#set(id, shown, { interpret: true })}
      >
        ${text('people.interpret')}
      </button>
    </div>`;
  }

  async #set(participantId: string, name: string, body: object): Promise<void> {
    this._problem = '';
    this._said = '';
    try {
      await request('PATCH', `/v1/bots/${this.bot.id}/people/${encodeURIComponent(participantId)}`, { body });
      this._said = text('people.changed', { name });
    } catch (error) {
      this._problem = problemText(error);
    }
  }
}
customElements.define('parley-people', MeetingPeople);

function initialOf(name: string): string {
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name.trim());
  return first?.segment.toUpperCase() ?? '';
}
