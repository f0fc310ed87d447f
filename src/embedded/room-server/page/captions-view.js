/**
 * Captions on the screen: one entry for each segment, updated in place, scrolled along with unless the reader has gone back.
 * What is final is read out once, from a list of its own, so that partial texts do not interrupt a screen reader.
 */
import { create, icon } from './elements.js';
import { captionTexts } from './parley-client.js';
import { initialOf } from './people-view.js';
import { keepCaptions, readCaptions } from './preferences.js';
import { onTexts, regionalLanguage, text } from './texts.js';
import { tintOf } from './tints.js';

/** @typedef {import('./parley-client.js').Caption} Caption */
/** @typedef {import('./parley-client.js').CaptionText} CaptionText */
/** @typedef {import('./page-types.d.ts').ShownCaption} ShownCaption */
/** @typedef {import('./text-keys.d.ts').TextKey} TextKey */
/**
 * @typedef {object} CaptionElements
 * @property {HTMLElement} scroller what scrolls
 * @property {HTMLElement} list
 * @property {HTMLElement} empty shown while there is nothing to read
 * @property {HTMLElement} announcer a polite live region
 * @property {HTMLButtonElement} latest goes to the newest caption
 */

/** @typedef {{ caption: ShownCaption, item: HTMLLIElement, avatar: HTMLElement, speaker: HTMLElement, main: HTMLElement, other: HTMLElement, mark: HTMLElement }} Entry */

/** What is to be known of a translation, for its reader: by its mark, or why it was cut. @type {Readonly<Record<string, TextKey>>} */
const MARK_TEXTS = {
  cut: 'mark.cut',
  barge_in: 'mark.cutBySpeech',
  gone: 'mark.cutByLeaving',
  captions_only: 'mark.captionsOnly',
  failed: 'mark.failed',
  doubtful: 'mark.doubtful',
};
/** So close to the end, the reader is taken to follow. */
const FOLLOW_PX = 48;
const MAX_ANNOUNCED = 20;
/** Joining again brings another client, which does not know what stands here. */
const MAX_ENTRIES = 500;
/** What changed is kept for a reload this much later, all of it at once. */
const KEEP_AFTER_MS = 500;

export class CaptionsView {
  #elements;
  /** @type {Map<string, Entry>} */
  #entries = new Map();
  /** @type {Set<string>} */
  #announced = new Set();
  #meetingId;
  #language;
  #ownId;
  #follows = true;
  /** The layout as it was when it was scrolled last. */
  #layout = '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #keepTimer;
  #end = new AbortController();

  /**
   * @param {CaptionElements} elements
   * @param {{ meetingId: string, language: string, ownId: string }} reader
   */
  constructor(elements, { meetingId, language, ownId }) {
    this.#elements = elements;
    this.#meetingId = meetingId;
    this.#language = language;
    this.#ownId = ownId;
    elements.list.replaceChildren();
    elements.announcer.replaceChildren();
    elements.empty.hidden = false;
    elements.latest.hidden = true;
    elements.latest.onclick = () => this.goToLatest();
    elements.scroller.onscroll = () => this.#scrolled();
    const observer = new ResizeObserver(() => this.#keepUp());
    observer.observe(elements.scroller);
    const offTexts = onTexts(() => {
      for (const { caption } of this.#entries.values()) this.#draw(caption);
    });
    window.addEventListener('pagehide', () => this.#keep(), { signal: this.#end.signal });
    this.#end.signal.addEventListener('abort', () => {
      observer.disconnect();
      offTexts();
    });
    for (const caption of readCaptions(meetingId)) this.#add(caption);
  }

  /** What people said, as it stands here. @returns {readonly ShownCaption[]} */
  get speech() {
    return [...this.#entries.values()].map(({ caption }) => caption).filter(({ kind }) => kind === 'speech');
  }

  /** A caption is new or has changed, or its reader reads another language. @param {Caption} caption */
  show(caption) {
    const isNew = !this.#entries.has(caption.key);
    const isYou = caption.speakerId === this.#ownId || this.#entries.get(caption.key)?.caption.isYou === true;
    this.#add({ ...caption, isYou });
    if (caption.final && !caption.kept) this.#announce({ ...caption, isYou });
    if (isNew && !this.#follows) this.#elements.latest.hidden = false;
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MAX_ENTRIES && oldest !== undefined) this.remove(oldest);
    this.#keepTimer ??= setTimeout(() => this.#keep(), KEEP_AFTER_MS);
  }

  /** A line between captions, about the interpreter itself; none where there are no captions. @param {TextKey} key */
  note(key) {
    if (this.#entries.size === 0) return;
    const line = create('li', 'caption-line');
    const words = create('span', '', text(key));
    words.dataset['text'] = key;
    line.append(words, timeOf(Date.now()));
    this.#elements.list.append(line);
    this.#keepUp();
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
    for (const { caption } of this.#entries.values()) this.#draw(caption);
  }

  goToLatest() {
    this.#follows = true;
    this.#elements.latest.hidden = true;
    this.#keepUp();
  }

  /** Keeps what stands here, and nothing more. */
  close() {
    this.#keep();
    this.#end.abort();
  }

  #keepUp() {
    if (!this.#follows) return;
    const { scroller } = this.#elements;
    scroller.scrollTop = scroller.scrollHeight;
    this.#layout = layoutOf(scroller);
  }

  /** The reader has scrolled, or the layout has: a phone that is turned does it too, and that is no wish to go back. */
  #scrolled() {
    const { scroller } = this.#elements;
    const layout = layoutOf(scroller);
    if (layout !== this.#layout && this.#follows) {
      this.#keepUp();
      return;
    }
    this.#layout = layout;
    this.#follows = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < FOLLOW_PX;
    if (this.#follows) this.#elements.latest.hidden = true;
  }

  #keep() {
    clearTimeout(this.#keepTimer);
    this.#keepTimer = undefined;
    keepCaptions(this.#meetingId, this.speech);
  }

  /** @param {ShownCaption} caption */
  #add(caption) {
    this.#elements.empty.hidden = true;
    this.#draw(caption);
    this.#keepUp();
  }

  /** @param {ShownCaption} caption */
  #draw(caption) {
    const entry = this.#entries.get(caption.key) ?? this.#createEntry(caption);
    const { item, avatar, speaker, main, other, mark } = entry;
    entry.caption = caption;
    const texts = captionTexts(caption, this.#language);
    speaker.textContent = speakerOf(caption);
    if (caption.kind !== 'notice') avatar.textContent = initialOf(speakerOf(caption));
    setText(main, texts.main);
    setText(other, texts.other);
    main.hidden = texts.main.text === '' && caption.final;
    main.classList.toggle('is-awaited', texts.main.text === '');
    other.hidden = texts.other.text === '';
    const markText = MARK_TEXTS[caption.cutReason ?? caption.mark ?? ''];
    mark.textContent = markText === undefined ? '' : text(markText);
    item.classList.toggle('is-final', caption.final);
  }

  /** @param {ShownCaption} caption @returns {Entry} */
  #createEntry(caption) {
    const isNotice = caption.kind === 'notice';
    const item = create('li', `caption ${isNotice ? 'is-bot' : `tint-${tintOf(caption.speakerId)}`}`);
    const head = create('div', 'caption-head');
    const avatar = create('span', 'avatar');
    if (isNotice) avatar.append(icon('interpreter'));
    avatar.setAttribute('aria-hidden', 'true');
    const speaker = create('bdi', 'caption-speaker');
    head.append(avatar, speaker, timeOf(caption.sentAtMs));
    const main = create('p', 'caption-main');
    const other = create('p', 'caption-other');
    const mark = create('p', 'caption-mark');
    item.append(head, main, other, mark);
    this.#elements.list.append(item);
    const entry = { caption, item, avatar, speaker, main, other, mark };
    this.#entries.set(caption.key, entry);
    return entry;
  }

  /** @param {Caption & ShownCaption} caption */
  #announce(caption) {
    if (this.#announced.has(caption.key)) return;
    this.#announced.add(caption.key);
    const line = create('p', '', `${speakerOf(caption)}: `);
    const words = create('span', '');
    setText(words, caption);
    line.append(words);
    const { announcer } = this.#elements;
    announcer.append(line);
    if (announcer.childElementCount > MAX_ANNOUNCED) announcer.firstElementChild?.remove();
  }
}

/** @param {ShownCaption} caption */
function speakerOf({ isYou, speakerName }) {
  if (isYou) return text('captions.you');
  return speakerName === '' ? text('people.nameless') : speakerName;
}

/** @param {number} atMs */
function timeOf(atMs) {
  const at = new Date(atMs);
  const words = at.toLocaleTimeString(regionalLanguage(), { hour: '2-digit', minute: '2-digit' });
  const time = create('time', '', words);
  time.dateTime = at.toISOString();
  return time;
}

/** @param {HTMLElement} element */
function layoutOf({ clientWidth, clientHeight, scrollHeight }) {
  return `${clientWidth} ${clientHeight} ${scrollHeight}`;
}

/**
 * A text in its language, which decides how it is read out and in which direction it is written.
 * @param {HTMLElement} element
 * @param {CaptionText} text
 */
function setText(element, { text: words, language }) {
  element.textContent = words;
  element.dir = 'auto';
  if (isTag(language)) element.lang = language;
  else element.removeAttribute('lang');
}

/** Tags come from other people. @param {string} tag */
function isTag(tag) {
  try {
    return new Intl.Locale(tag).toString() !== '';
  } catch {
    return false;
  }
}
