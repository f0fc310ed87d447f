/** Who is here: a list with everyone's name, language and microphone, and a mark on who speaks. */
import { create, icon } from './elements.js';
import { ownName } from './languages.js';

/** @typedef {import('./page-types.d.ts').Person} Person */
/** @typedef {{ item: HTMLLIElement, state: HTMLElement, shown: string }} Row */

const TINT_COUNT = 6;

export class PeopleView {
  #list;
  #count;
  #isBot;
  #isShown;
  /** @type {readonly Person[]} */
  #people = [];
  /** @type {Map<string, Row>} */
  #rows = new Map();
  /** @type {string | undefined} */
  #speakerId;

  /**
   * @param {HTMLElement} list a list element
   * @param {HTMLElement} count where their number is told
   * @param {{ isBot: (participantId: string) => boolean, isShown: (person: Person) => boolean }} judge `isBot`: the server
   *   vouches for this interpreter
   */
  constructor(list, count, { isBot, isShown }) {
    this.#list = list;
    this.#count = count;
    this.#isBot = isBot;
    this.#isShown = isShown;
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
    for (const person of this.#people) this.#showState(person);
  }

  /** Draws again, as after the interpreters became known. Rows that stay the same are not touched. */
  refresh() {
    const shown = this.#people.filter((person) => this.#isShown(person));
    const present = new Set(shown.map(({ id }) => id));
    for (const [id, { item }] of this.#rows) {
      if (present.has(id)) continue;
      item.remove();
      this.#rows.delete(id);
    }
    const inOrder = shown.sort((a, b) => this.#rank(a) - this.#rank(b));
    inOrder.forEach((person, index) => {
      const item = this.#row(person).item;
      if (this.#list.children[index] !== item)
        this.#list.insertBefore(item, this.#list.children[index] ?? null);
      this.#showState(person);
    });
    const humans = this.#people.filter(({ id }) => !this.#isBot(id)).length;
    this.#count.textContent = String(humans);
  }

  /** @param {Person} person */
  #rank({ id, isYou }) {
    return isYou ? 0 : this.#isBot(id) ? 2 : 1;
  }

  /** @param {Person} person */
  #row(person) {
    const isBot = this.#isBot(person.id);
    const detail = isBot ? 'Interpreter' : ownName(person.preferredLanguage);
    const shown = [person.name, detail, isBot, person.isYou].join('\n');
    const known = this.#rows.get(person.id);
    if (known?.shown === shown) return known;
    const item = create('li', `person tint-${tintOf(person.id)}${isBot ? ' is-bot' : ''}`);
    const avatar = create('span', 'avatar', isBot ? undefined : initialOf(person.name));
    avatar.setAttribute('aria-hidden', 'true');
    if (isBot) avatar.append(icon('interpreter'));
    const texts = create('span', 'person-texts');
    const name = create('span', 'person-name');
    const bdi = create('bdi', '', person.name);
    bdi.title = person.name;
    name.append(bdi);
    if (person.isYou) name.append(create('span', 'you', ' (you)'));
    texts.append(name);
    if (detail !== '') {
      const line = create('span', 'person-detail', detail);
      if (!isBot) line.lang = person.preferredLanguage;
      texts.append(line);
    }
    const state = create('span', 'person-state');
    item.append(avatar, texts, state);
    if (known === undefined) this.#list.append(item);
    else known.item.replaceWith(item);
    const row = { item, state, shown };
    this.#rows.set(person.id, row);
    return row;
  }

  /** @param {Person} person */
  #showState({ id, isMicOn }) {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    const isSpeaking = isMicOn && id === this.#speakerId;
    row.item.classList.toggle('is-speaking', isSpeaking);
    const word = isSpeaking ? 'speaking' : isMicOn ? '' : 'muted';
    if (row.state.dataset['word'] === word) return;
    row.state.dataset['word'] = word;
    row.state.replaceChildren();
    if (word === '') return;
    if (isSpeaking) row.state.append(create('span', 'bars'));
    else row.state.append(icon('microphone-off'));
    row.state.append(create('span', 'unseen', word));
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

/**
 * A colour that stays with a participant.
 * @param {string} participantId
 */
export function tintOf(participantId) {
  let sum = 0;
  for (let index = 0; index < participantId.length; index++) {
    sum = (sum * 31 + participantId.charCodeAt(index)) >>> 0;
  }
  return sum % TINT_COUNT;
}
