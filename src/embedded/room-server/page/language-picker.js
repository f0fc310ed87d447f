/** A button that shows the chosen language, and the dialog to choose another: a search field and a list. */
import { byId, create } from './elements.js';
import { onTexts, text, textLanguage } from './texts.js';

/** @typedef {import('./languages.js').Languages} Languages */
/** @typedef {import('./page-types.d.ts').LanguageChoice} LanguageChoice */

/** By how many options a key moves. */
const STEPS = new Map([
  ['ArrowDown', 1],
  ['ArrowUp', -1],
  ['PageDown', 8],
  ['PageUp', -8],
]);

/** The one dialog of the page, which all its pickers open. */
export class LanguageDialog {
  #dialog = byId('language-dialog', HTMLDialogElement);
  #search = byId('language-search', HTMLInputElement);
  #list = byId('language-list', HTMLElement);
  #none = byId('language-none', HTMLElement);
  #languages;
  /** @type {readonly string[]} */
  #meetingTags = [];
  /** @type {HTMLElement[]} */
  #options = [];
  #active = -1;
  #chosen = '';
  /** @type {(tag: string) => void} */
  #onChoice = () => undefined;

  /** @param {Languages} languages */
  constructor(languages) {
    this.#languages = languages;
    this.#search.addEventListener('input', () => this.#draw());
    this.#search.addEventListener('keydown', (event) => this.#key(event));
    byId('language-close', HTMLButtonElement).addEventListener('click', () => this.#dialog.close());
    this.#list.addEventListener('click', ({ target }) => {
      const option = target instanceof Element ? target.closest('[role=option]') : null;
      if (option instanceof HTMLElement) this.#choose(option);
    });
    this.#dialog.addEventListener('click', ({ target }) => {
      if (target === this.#dialog) this.#dialog.close(); // beside it
    });
  }

  /** Languages of the meeting, which stand first. @param {readonly string[]} tags */
  setMeetingLanguages(tags) {
    this.#meetingTags = tags;
  }

  /**
   * @param {string} chosen
   * @param {(tag: string) => void} onChoice
   */
  open(chosen, onChoice) {
    this.#chosen = chosen;
    this.#onChoice = onChoice;
    this.#search.value = '';
    this.#dialog.showModal();
    this.#draw();
    this.#search.focus();
  }

  #draw() {
    const query = this.#search.value;
    const all = this.#languages.search(query);
    const first = query === '' ? this.#languages.among(this.#meetingTags) : [];
    this.#list.replaceChildren();
    this.#options = [];
    if (first.length > 0) {
      this.#addGroup('language-group-here', text('picker.here'), first);
      const rest = all.filter((choice) => !first.includes(choice));
      this.#addGroup('language-group-all', text('picker.all'), rest);
    } else {
      this.#addOptions(this.#list, all);
    }
    this.#none.hidden = all.length > 0;
    const at = this.#options.findIndex(({ dataset }) => dataset['tag'] === this.#chosen);
    this.#activate(query === '' ? Math.max(0, at) : 0);
  }

  /**
   * @param {string} id
   * @param {string} heading
   * @param {readonly LanguageChoice[]} choices
   */
  #addGroup(id, heading, choices) {
    const group = create('div', '');
    group.setAttribute('role', 'group');
    group.setAttribute('aria-labelledby', id);
    const title = create('div', 'language-group', heading);
    title.id = id;
    title.setAttribute('role', 'presentation');
    group.append(title);
    this.#addOptions(group, choices);
    this.#list.append(group);
  }

  /**
   * @param {HTMLElement} parent
   * @param {readonly LanguageChoice[]} choices
   */
  #addOptions(parent, choices) {
    for (const { tag, name } of choices) {
      const option = create('div', 'language-option');
      option.id = `language-option-${tag}`;
      option.dataset['tag'] = tag;
      option.setAttribute('role', 'option');
      option.setAttribute('aria-selected', String(tag === this.#chosen));
      const own = create('bdi', 'language-own', name);
      own.lang = tag;
      option.append(own);
      const known = nameFor(tag, textLanguage());
      if (known.toLowerCase() !== name.toLowerCase()) option.append(create('bdi', 'soft', known));
      parent.append(option);
      this.#options.push(option);
    }
  }

  /** @param {number} index */
  #activate(index) {
    this.#options[this.#active]?.classList.remove('is-active');
    this.#active = Math.min(Math.max(0, index), this.#options.length - 1);
    const option = this.#options[this.#active];
    if (option === undefined) {
      this.#search.removeAttribute('aria-activedescendant');
      return;
    }
    option.classList.add('is-active');
    option.scrollIntoView({ block: 'nearest' });
    this.#search.setAttribute('aria-activedescendant', option.id);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const step = STEPS.get(event.key);
    const active = this.#options[this.#active];
    if (step !== undefined) this.#activate(this.#active + step);
    else if (event.key === 'Enter' && active !== undefined) this.#choose(active);
    else return;
    event.preventDefault();
  }

  /** @param {HTMLElement} option */
  #choose({ dataset }) {
    this.#dialog.close();
    const tag = dataset['tag'];
    if (tag !== undefined) this.#onChoice(tag);
  }
}

export class LanguagePicker {
  #button;
  #value;
  #languages;
  #language = '';

  /**
   * @param {string} id of the button; its text is in the element `<id>-value`
   * @param {{ languages: Languages, dialog: LanguageDialog, onChoice: (tag: string) => void }} options
   */
  constructor(id, { languages, dialog, onChoice }) {
    this.#button = byId(id, HTMLButtonElement);
    this.#value = byId(`${id}-value`, HTMLElement);
    this.#languages = languages;
    this.#button.addEventListener('click', () => {
      dialog.open(this.#language, (tag) => {
        this.set(tag);
        onChoice(tag);
      });
    });
    onTexts(() => this.set(this.#language));
  }

  get language() {
    return this.#language;
  }

  /** @param {string} tag */
  set(tag) {
    this.#language = tag;
    this.#value.textContent = this.#languages.nameOf(tag);
    this.#value.lang = tag;
    this.#button.dataset['tag'] = tag;
  }
}

/**
 * A language's name for a reader of another one.
 * @param {string} tag
 * @param {string} reader
 */
function nameFor(tag, reader) {
  return new Intl.DisplayNames([reader, 'en'], { type: 'language' }).of(tag) ?? tag;
}
