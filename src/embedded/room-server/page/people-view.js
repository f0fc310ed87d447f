/** Who is here: a list with everyone's name, language and microphone, and a mark on who speaks. */
import { create, icon } from './elements.js';
import { text } from './texts.js';
import { tintOf } from './tints.js';

/** @typedef {import('./page-types.d.ts').Person} Person */
/**
 * @typedef {object} Row what stands in one row: a person, or an interpreter with all its voices
 * @property {string} id
 * @property {string} name
 * @property {string} detail
 * @property {string} language of `detail`; empty where it is the page's
 * @property {boolean} isBot
 * @property {boolean} isYou
 * @property {boolean} isMicOn
 * @property {readonly string[]} speakerIds
 */
/** @typedef {{ item: HTMLLIElement, state: HTMLElement, shown: string }} Drawn */

export class PeopleView {
  #list;
  #count;
  #isBot;
  #nameOf;
  /** @type {readonly Person[]} */
  #people = [];
  /** @type {readonly Row[]} */
  #rows = [];
  /** @type {Map<string, Drawn>} */
  #drawn = new Map();
  /** @type {string | undefined} */
  #speakerId;

  /**
   * @param {HTMLElement} list a list element
   * @param {HTMLElement} count where their number is shown
   * @param {{ isBot: (participantId: string) => boolean, nameOf: (tag: string) => string }} judge `isBot`: the server vouches
   *   for this interpreter; `nameOf`: a language's own name, empty for what is none
   */
  constructor(list, count, { isBot, nameOf }) {
    this.#list = list;
    this.#count = count;
    this.#isBot = isBot;
    this.#nameOf = nameOf;
    list.replaceChildren();
  }

  /** @param {readonly Person[]} people */
  show(people) {
    this.#people = people;
    this.refresh();
  }

  /** @param {string | undefined} participantId */
  setSpeaker(participantId) {
    this.#speakerId = participantId;
    for (const row of this.#rows) this.#showState(row);
  }

  /** Draws again, as after the interpreters became known. Rows that stay the same are not touched. */
  refresh() {
    const humans = this.#people.filter(({ id }) => !this.#isBot(id));
    this.#rows = [...humans.map((person) => this.#rowOf(person)), ...this.#interpreterRows()];
    const present = new Set(this.#rows.map(({ id }) => id));
    for (const [id, { item }] of this.#drawn) {
      if (present.has(id)) continue;
      item.remove();
      this.#drawn.delete(id);
    }
    this.#rows.forEach((row, index) => {
      const { item } = this.#draw(row);
      if (this.#list.children[index] !== item)
        this.#list.insertBefore(item, this.#list.children[index] ?? null);
      this.#showState(row);
    });
    this.#count.textContent = String(humans.length);
  }

  /** @param {Person} person @returns {Row} */
  #rowOf({ id, name, preferredLanguage, isYou, isMicOn }) {
    const detail = this.#nameOf(preferredLanguage);
    return { id, name, detail, language: preferredLanguage, isBot: false, isYou, isMicOn, speakerIds: [id] };
  }

  /** An interpreter's voices, each a participant of its own, stand in its row. @returns {Row[]} */
  #interpreterRows() {
    const bots = this.#people.filter(({ id }) => this.#isBot(id));
    const mains = bots.filter(({ channel }) => channel === '');
    const voices = bots.filter(({ channel }) => channel !== '');
    const heads = mains.length > 0 ? mains : voices.slice(0, 1);
    return heads.map((head, index) => {
      const members = index === 0 ? [head, ...voices.filter((voice) => voice !== head)] : [head];
      const languages = [...new Set(members.map(({ channel }) => this.#nameOf(channel)))].filter(Boolean);
      return {
        id: head.id,
        name: head.name,
        detail: languages.length === 0 ? text('people.interpreter') : languages.sort().join(', '),
        language: '',
        isBot: true,
        isYou: false,
        isMicOn: members.some(({ isMicOn }) => isMicOn),
        speakerIds: members.map(({ id }) => id),
      };
    });
  }

  /** @param {Row} row */
  #draw({ id, name, detail, language, isBot, isYou }) {
    const shown = JSON.stringify([name, detail, isBot, isYou, text('people.you')]);
    const known = this.#drawn.get(id);
    if (known?.shown === shown) return known;
    const item = create('li', isBot ? 'person is-bot' : `person tint-${tintOf(id)}`);
    const avatar = create('span', 'avatar', isBot ? undefined : initialOf(name));
    avatar.setAttribute('aria-hidden', 'true');
    if (isBot) avatar.append(icon('interpreter'));
    const texts = create('span', 'person-texts');
    const nameLine = create('span', 'person-name');
    const bdi = create('bdi', '', name);
    bdi.title = name;
    nameLine.append(bdi);
    if (isYou) nameLine.append(create('span', 'you', ` ${text('people.you')}`));
    texts.append(nameLine);
    if (detail !== '') {
      const line = create('span', 'person-detail', detail);
      line.title = detail;
      line.dir = 'auto';
      if (language !== '') line.lang = language;
      texts.append(line);
    }
    if (isBot && detail !== text('people.interpreter'))
      texts.append(create('span', 'unseen', text('people.interpreter')));
    const state = create('span', 'person-state');
    item.append(avatar, texts, state);
    if (known === undefined) this.#list.append(item);
    else known.item.replaceWith(item);
    const drawn = { item, state, shown };
    this.#drawn.set(id, drawn);
    return drawn;
  }

  /** @param {Row} row */
  #showState({ id, isMicOn, isBot, speakerIds }) {
    const drawn = this.#drawn.get(id);
    if (drawn === undefined) return;
    const isSpeaking = isMicOn && this.#speakerId !== undefined && speakerIds.includes(this.#speakerId);
    drawn.item.classList.toggle('is-speaking', isSpeaking);
    const word = isSpeaking ? text('people.speaking') : isMicOn || isBot ? '' : text('people.muted');
    if (drawn.state.dataset['word'] === word) return;
    drawn.state.dataset['word'] = word;
    drawn.state.replaceChildren();
    if (word === '') return;
    if (isSpeaking) drawn.state.append(create('span', 'bars'));
    else drawn.state.append(icon('microphone-off'));
    drawn.state.append(create('span', 'unseen', word));
  }
}

/**
 * The first letter of a name, whatever a letter is in its script.
 * @param {string} name
 */
export function initialOf(name) {
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(name);
  return first?.segment.toLocaleUpperCase().slice(0, 8) ?? '';
}
