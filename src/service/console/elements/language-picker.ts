import { html, nothing, type TemplateResult } from 'lit';
import { canonicalTag, languageChoices, nameIn, ownName, searchLanguages } from '../languages.js';
import { text, textLanguage } from '../texts.js';
import { View } from '../view.js';
import { icon } from './icons.js';

/** Choices that are shown at once. */
const MAX_SHOWN = 60;

/**
 * Languages as chips, each by its name in itself, and a field that finds more of them. Tells `languages` with the tags as
 * `detail`. The chips of `suggested` are added by one click.
 */
export class LanguagePicker extends View {
  static override properties = {
    value: { attribute: false },
    suggested: { attribute: false },
    fieldId: { attribute: 'field-id' },
    label: {},
    problem: {},
    _query: { state: true },
    _isOpen: { state: true },
    _active: { state: true },
  };
  declare value: readonly string[];
  declare suggested: readonly string[];
  declare fieldId: string;
  declare label: string;
  declare problem: string;
  declare private _query: string;
  declare private _isOpen: boolean;
  declare private _active: number;

  constructor() {
    super();
    this.value = [];
    this.suggested = [];
    this.fieldId = 'languages';
    this.label = '';
    this.problem = '';
    this._query = '';
    this._isOpen = false;
    this._active = 0;
  }

  protected override render(): TemplateResult {
    const { fieldId, problem } = this;
    const found = this.#found;
    const active = this._isOpen ? found[this._active] : undefined;
    const offered = this.suggested.filter((tag) => !this.value.includes(tag));
    return html`<div class="field languages">
      <label for=${fieldId}>${this.label}</label>
      <div class="chips-box" ?data-invalid=${problem !== ''}>
        ${this.value.map((tag) => this.#chip(tag))}
        <input
          id=${fieldId}
          role="combobox"
          autocomplete="off"
          spellcheck="false"
          placeholder=${this.value.length === 0 ? text('languages.search') : text('languages.more')}
          aria-expanded=${this._isOpen ? 'true' : 'false'}
          aria-controls="${fieldId}-list"
          aria-autocomplete="list"
          aria-activedescendant=${active === undefined ? nothing : `${fieldId}-${active.tag}`}
          aria-describedby=${problem === '' ? nothing : `${fieldId}-problem`}
          aria-invalid=${problem === '' ? nothing : 'true'}
          .value=${this._query}
          @input=${this.#onInput}
          @keydown=${this.#onKey}
          @click=${() => (this._isOpen = true)}
          @blur=${() => (this._isOpen = false)}
        />
      </div>
      <ul
        id="${fieldId}-list"
        role="listbox"
        aria-label=${this.label}
        ?hidden=${!this._isOpen || found.length === 0}
      >
        ${found.map(
          ({ tag, name, reader }, index) =>
            html`<li
              id="${fieldId}-${tag}"
              role="option"
              aria-selected=${index === this._active ? 'true' : 'false'}
              @mousedown=${(event: Event) => {
                event.preventDefault();
                this.#add(tag);
              }}
            >
              <bdi lang=${tag}>${name}</bdi>
              ${reader.toLowerCase() === name.toLowerCase() ? nothing : html`<span class="soft">${reader}</span>`}
            </li>`,
        )}
      </ul>
      ${
        this._isOpen && this._query !== '' && found.length === 0
          ? html`<p class="hint">${text('languages.none')}</p>`
          : nothing
      }
      ${
        offered.length === 0
          ? nothing
          : html`<p class="suggested">
              ${offered.map(
                (tag) =>
                  html`<button type="button" class="suggestion" @click=${() => this.#add(tag)}>
                    ${icon('add')}<bdi lang=${tag}>${ownName(tag)}</bdi>
                  </button>`,
              )}
            </p>`
      }
      ${problem === '' ? nothing : html`<p class="problem" id="${fieldId}-problem">${problem}</p>`}
    </div>`;
  }

  get #found(): ReturnType<typeof languageChoices> {
    const choices = languageChoices(textLanguage()).filter(({ tag }) => !this.value.includes(tag));
    return searchLanguages(choices, this._query)
      .filter(({ tag }) => !this.value.includes(tag))
      .slice(0, MAX_SHOWN);
  }

  #chip(tag: string): TemplateResult {
    return html`<span class="chip">
      <bdi lang=${tag} title=${nameIn(tag, textLanguage())}>${ownName(tag)}</bdi>
      <button
        type="button"
        aria-label=${text('languages.remove', { name: nameIn(tag, textLanguage()) })}
        @click=${() => this.#set(this.value.filter((each) => each !== tag))}
      >
        ${icon('close')}
      </button>
    </span>`;
  }

  readonly #onInput = (event: Event): void => {
    this._query = (event.target as HTMLInputElement).value;
    this._isOpen = true;
    this._active = 0;
  };

  readonly #onKey = (event: KeyboardEvent): void => {
    const found = this.#found;
    switch (event.key) {
      case 'ArrowDown':
      case 'ArrowUp': {
        if (found.length === 0) return;
        const step = event.key === 'ArrowDown' ? 1 : -1;
        this._active = this._isOpen ? (this._active + step + found.length) % found.length : 0;
        this._isOpen = true;
        void this.updateComplete.then(() =>
          this.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }),
        );
        break;
      }
      case 'Enter':
      case ',': {
        if (!this._isOpen || this._query.trim() === '') return;
        const choice = found[this._active]?.tag ?? canonicalTag(this._query);
        if (choice !== undefined) this.#add(choice);
        break;
      }
      case 'Escape':
        if (!this._isOpen) return;
        this._isOpen = false;
        break;
      case 'Backspace':
        if (this._query !== '' || this.value.length === 0) return;
        this.#set(this.value.slice(0, -1));
        break;
      default:
        return;
    }
    event.preventDefault();
  };

  #add(tag: string): void {
    this._query = '';
    this._active = 0;
    this._isOpen = false;
    this.#set([...this.value.filter((each) => each !== tag), tag]);
  }

  #set(tags: readonly string[]): void {
    this.value = tags;
    this.dispatchEvent(new CustomEvent('languages', { detail: tags }));
    this.querySelector('input')?.focus();
  }
}
customElements.define('parley-languages', LanguagePicker);
