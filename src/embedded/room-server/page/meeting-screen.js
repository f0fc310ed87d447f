/** The screen of a meeting: people, captions, and what one can do. Lives as long as one stay in the meeting. */
import { captionsTopic, parseCaption } from './captions.js';
import { CaptionsView } from './captions-view.js';
import { byId } from './elements.js';
import { MeetingLine } from './meeting-line.js';
import { DEFAULT_BALANCE, roleOf } from './mix.js';
import { PeopleView } from './people-view.js';
import { requestBotIds } from './server.js';
import { looksLikeBot, Trust } from './trust.js';
import { Voices } from './voices.js';

/** @typedef {import('./page-types.d.ts').Entry} Entry */
/** @typedef {import('./page-types.d.ts').LineState} LineState */
/** @typedef {import('./page-types.d.ts').Other} Other */
/** @typedef {import('./page-types.d.ts').VideoSdk} VideoSdk */

const STATE_TEXTS = {
  connecting: 'Connecting…',
  waiting: 'Waiting to be let in…',
  connected: 'Connected',
  reconnecting: 'Reconnecting…',
  left: 'Left',
};

export class MeetingScreen {
  #line;
  #people;
  #voices;
  #captions;
  #language;
  /** @type {ReadonlyMap<string, string>} by participant: the language that they say they are a voice of */
  #channels = new Map();
  #isMicOn = false;
  #onLeft;
  #status = byId('line-status', HTMLElement);
  #notice = byId('notice', HTMLElement);
  #noticeText = byId('notice-text', HTMLElement);
  #muteButton = byId('mute-button', HTMLButtonElement);
  #muteLabel = byId('mute-label', HTMLElement);
  #soundButton = byId('sound-button', HTMLButtonElement);
  #languageSelect = byId('meeting-language', HTMLSelectElement);
  #balance = byId('balance', HTMLInputElement);
  /** Ends every listener on the page's own elements with this stay. */
  #stay = new AbortController();

  /**
   * @param {VideoSdk} sdk
   * @param {{ entry: Entry, name: string, language: string, microphoneProblem: string | undefined }} options
   * @param {{ onLanguage: (language: string) => void, onLeft: (state: Extract<LineState, { kind: 'left' }>) => void }} events
   */
  constructor(sdk, { entry, name, language, microphoneProblem }, { onLanguage, onLeft }) {
    this.#onLeft = onLeft;
    this.#language = language;
    const trust = new Trust(
      entry.botIds,
      () => requestBotIds(entry.meetingId),
      () => this.#rolesChanged(),
    );
    /** @param {Other} other */
    const roleFor = ({ id, channel }) =>
      roleOf({ isBot: trust.isBot(id), looksLikeBot: looksLikeBot(id), channel }, this.#language);
    this.#people = new PeopleView(byId('people', HTMLElement), byId('people-count', HTMLElement), {
      isBot: (id) => trust.isBot(id),
      isShown: (person) => !trust.isBot(person.id) || roleFor(person) !== 'unheard',
    });
    this.#voices = new Voices(
      byId('voices', HTMLElement),
      (id) => roleFor({ id, channel: this.#channels.get(id) ?? '' }),
      (isBlocked) => {
        this.#soundButton.hidden = !isBlocked;
      },
    );
    this.#captions = new CaptionsView(
      {
        scroller: byId('captions', HTMLElement),
        list: byId('caption-list', HTMLElement),
        empty: byId('captions-empty', HTMLElement),
        announcer: byId('announcer', HTMLElement),
        latest: byId('latest-button', HTMLButtonElement),
      },
      { language, ownId: entry.participantId },
    );
    this.#line = new MeetingLine(
      sdk,
      {
        entry,
        name,
        language,
        isMicOn: microphoneProblem === undefined,
        topic: captionsTopic(language),
        hears: (other) => roleFor(other) !== 'unheard',
      },
      {
        onState: (state) => this.#showState(state),
        onArrived: (id) => trust.met(id),
        onPeople: (people) => {
          this.#channels = new Map(people.map(({ id, channel }) => [id, channel]));
          this.#people.show(people);
          this.#showMic(people.some(({ isYou, isMicOn }) => isYou && isMicOn));
        },
        onSpeaker: (id) => this.#people.setSpeaker(id),
        onVoice: (id, track) => this.#voices.set(id, track),
        onMessage: (senderId, payload) => {
          trust.fromBot(senderId, () => {
            const caption = parseCaption(payload);
            if (caption !== undefined) this.#captions.add(senderId, caption);
          });
        },
        onProblem: (text) => this.#tell(text),
      },
    );
    this.#languageSelect.value = language;
    this.#balance.value = String(DEFAULT_BALANCE);
    this.#tell(microphoneProblem ?? '');
    this.#showMic(false);
    this.#soundButton.hidden = true;
    this.#listen(onLanguage);
  }

  join() {
    this.#line.join();
  }

  /** @param {(language: string) => void} onLanguage */
  #listen(onLanguage) {
    const { signal } = this.#stay;
    const toggleMic = () => this.#line.setMic(!this.#isMicOn);
    this.#muteButton.addEventListener('click', toggleMic, { signal });
    byId('leave-button', HTMLButtonElement).addEventListener('click', () => this.#line.leave(), { signal });
    byId('notice-close', HTMLButtonElement).addEventListener('click', () => this.#tell(''), { signal });
    this.#soundButton.addEventListener('click', () => void this.#voices.playAll(), { signal });
    this.#languageSelect.addEventListener(
      'change',
      () => {
        const language = this.#languageSelect.value;
        onLanguage(language);
        this.#language = language;
        this.#rolesChanged();
        this.#captions.setLanguage(language);
        this.#line.follow(captionsTopic(language));
        void this.#line.publishLanguage(language);
      },
      { signal },
    );
    this.#balance.addEventListener('input', () => this.#voices.setBalance(this.#balance.valueAsNumber), {
      signal,
    });
    document.addEventListener(
      'keydown',
      (event) => {
        if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat) return;
        if (event.code === 'KeyM') toggleMic();
        else if (event.code === 'KeyC') byId('captions', HTMLElement).focus();
        else if (event.code === 'KeyL') this.#line.leave();
        else return;
        event.preventDefault();
      },
      { signal },
    );
    window.addEventListener('pagehide', () => this.#line.leave(), { signal });
  }

  /** @param {LineState} state */
  #showState(state) {
    this.#status.textContent = STATE_TEXTS[state.kind];
    this.#status.dataset['state'] = state.kind;
    this.#muteButton.disabled = state.kind !== 'connected';
    if (state.kind !== 'left') return;
    this.#stay.abort();
    this.#voices.close();
    this.#onLeft(state);
  }

  /** Another language, or another interpreter: who is heard and shown as what. */
  #rolesChanged() {
    this.#people.refresh();
    this.#voices.refresh();
    this.#line.rehear();
  }

  /** @param {boolean} isOn */
  #showMic(isOn) {
    this.#isMicOn = isOn;
    this.#muteLabel.textContent = isOn ? 'Mute' : 'Unmute';
    this.#muteButton.dataset['mic'] = isOn ? 'on' : 'off';
  }

  /** @param {string} text */
  #tell(text) {
    this.#noticeText.textContent = text;
    this.#notice.hidden = text === '';
  }
}
