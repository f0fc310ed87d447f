/**
 * Captions on the screen: one entry for each segment, updated in place, scrolled along with unless the reader has gone back.
 * What is final is read out once, from a list of its own, so that partial texts do not interrupt a screen reader.
 */
import { create, icon } from './elements.js';
import { ownName } from './languages.js';
import { captionTexts } from './parley-client.js';
import { initialOf, tintOf } from './people-view.js';

/** @typedef {import('./parley-client.js').Caption} Caption */
/** @typedef {import('./parley-client.js').CaptionText} CaptionText */
/**
 * @typedef {object} CaptionElements
 * @property {HTMLElement} scroller what scrolls
 * @property {HTMLElement} list
 * @property {HTMLElement} empty shown while there is nothing to read
 * @property {HTMLElement} announcer a polite live region
 * @property {HTMLButtonElement} latest goes to the newest caption
 */

/** @typedef {{ item: HTMLLIElement, main: HTMLElement, other: HTMLElement, mark: HTMLElement }} Entry */

/** What is to be known of a translation, for its reader. */
const MARK_TEXTS = {
  cut: 'Not heard to its end: somebody spoke',
  captions_only: 'Captions only',
  failed: 'The translation is not whole',
  doubtful: 'Probably not what was said',
};
/** So close to the end, the reader is taken to follow. */
const FOLLOW_PX = 48;
const MAX_ANNOUNCED = 20;
/** Joining again brings another client, which does not know what stands here. */
const MAX_ENTRIES = 500;

export class CaptionsView {
  #elements;
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Set<string>} */
  #announced = new Set();
  #language;
  #ownId;
  #follows = true;

  /**
   * @param {CaptionElements} elements
   * @param {{ language: string, ownId: string }} reader
   */
  constructor(elements, { language, ownId }) {
    this.#elements = elements;
    this.#language = language;
    this.#ownId = ownId;
    elements.list.replaceChildren();
    elements.announcer.replaceChildren();
    elements.empty.hidden = false;
    elements.latest.hidden = true;
    elements.latest.onclick = () => this.goToLatest();
    elements.scroller.onscroll = () => this.#scrolled();
    new ResizeObserver(() => this.#keepUp()).observe(elements.scroller);
  }

  /** A caption is new or has changed, or its reader reads another language. @param {Caption} caption */
  show(caption) {
    this.#elements.empty.hidden = true;
    const isNew = !this.#entries.has(caption.key);
    this.#draw(caption);
    if (caption.final && !caption.kept) this.#announce(caption);
    if (this.#follows) this.#keepUp();
    else if (isNew) this.#elements.latest.hidden = false;
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_ENTRIES && oldest !== undefined) this.remove(oldest);
  }

  /** @param {string} key */
  remove(key) {
    this.#entries.get(key)?.item.remove();
    this.#entries.delete(key);
    this.#announced.delete(key);
  }

  /** What is shown from now on is for a reader of this language. @param {string} language */
  setLanguage(language) {
    this.#language = language;
  }

  goToLatest() {
    this.#follows = true;
    this.#elements.latest.hidden = true;
    this.#keepUp();
  }

  #keepUp() {
    if (this.#follows) this.#elements.scroller.scrollTop = this.#elements.scroller.scrollHeight;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#elements.scroller;
    this.#follows = scrollHeight - scrollTop - clientHeight < FOLLOW_PX;
    if (this.#follows) this.#elements.latest.hidden = true;
  }

  /** @param {Caption} caption */
  #draw(caption) {
    const { item, main, other, mark } = this.#entries.get(caption.key) ?? this.#createEntry(caption);
    const texts = captionTexts(caption, this.#language);
    setText(main, texts.main);
    setText(other, texts.other);
    main.hidden = texts.main.text === '' && caption.final;
    main.classList.toggle('is-awaited', texts.main.text === '');
    other.hidden = texts.other.text === '';
    mark.textContent = caption.mark === undefined ? '' : MARK_TEXTS[caption.mark];
    item.classList.toggle('is-final', caption.final);
  }

  /** @param {Caption} caption */
  #createEntry(caption) {
    const isNotice = caption.kind === 'notice';
    const item = create('li', `caption ${isNotice ? 'is-bot' : `tint-${tintOf(caption.speakerId)}`}`);
    const head = create('div', 'caption-head');
    const speaker = this.#speakerOf(caption);
    const avatar = create('span', 'avatar', isNotice ? undefined : initialOf(speaker));
    if (isNotice) avatar.append(icon('interpreter'));
    avatar.setAttribute('aria-hidden', 'true');
    head.append(avatar, create('bdi', 'caption-speaker', speaker));
    const sent = new Date(caption.sentAtMs);
    const time = create('time', '', sent.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }));
    time.dateTime = sent.toISOString();
    head.append(time);
    const main = create('p', 'caption-main');
    const other = create('p', 'caption-other');
    const mark = create('p', 'caption-mark');
    item.append(head, main, other, mark);
    this.#elements.list.append(item);
    const entry = { item, main, other, mark };
    this.#entries.set(caption.key, entry);
    return entry;
  }

  /** @param {Caption} caption */
  #announce(caption) {
    if (this.#announced.has(caption.key)) return;
    this.#announced.add(caption.key);
    const line = create('p', '', `${this.#speakerOf(caption)}: `);
    const words = create('span', '');
    setText(words, caption);
    line.append(words);
    const { announcer } = this.#elements;
    announcer.append(line);
    if (announcer.childElementCount > MAX_ANNOUNCED) announcer.firstElementChild?.remove();
  }

  /** @param {Caption} caption */
  #speakerOf({ speakerId, speakerName }) {
    if (speakerId === this.#ownId) return 'You';
    return speakerName === '' ? 'Someone without a name' : speakerName;
  }
}

/**
 * A text in its language, which decides how it is read out and in which direction it is written.
 * @param {HTMLElement} element
 * @param {CaptionText} text
 */
function setText(element, { text, language }) {
  element.textContent = text;
  element.dir = 'auto';
  if (ownName(language) === '') element.removeAttribute('lang');
  else element.lang = language;
}
