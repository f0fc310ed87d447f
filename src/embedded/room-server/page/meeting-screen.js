/** The screen of a meeting: people, captions, and what one can do. Lives as long as one stay in the meeting. */
import { CaptionsView } from './captions-view.js';
import { byId } from './elements.js';
import { MeetingConnection } from './meeting-connection.js';
import { parleyClient } from './parley-client.js';
import { PeopleView } from './people-view.js';
import { isInterpreter } from './server.js';

/** @typedef {import('./page-types.d.ts').Entry} Entry */
/** @typedef {import('./page-types.d.ts').ConnectionState} ConnectionState */
/** @typedef {import('./page-types.d.ts').SdkMeeting} SdkMeeting */
/** @typedef {import('./page-types.d.ts').VideoSdk} VideoSdk */
/** @typedef {import('./parley-client.js').ParleyClient} ParleyClient */
/** @typedef {import('./parley-client.js').Problem} Problem */

const STATE_TEXTS = {
  connecting: 'Connecting…',
  waiting: 'Waiting to be let in…',
  connected: 'Connected',
  reconnecting: 'Reconnecting…',
  left: 'Left',
};

/** Where the slider stands at first, from 0 (the original alone) to 100 (the translation alone). */
const DEFAULT_BALANCE = 80;

export class MeetingScreen {
  #connection;
  /** @type {ParleyClient | undefined} of the meeting that counts */
  #parley;
  #people;
  #captions;
  #entry;
  #language;
  #isMicOn = false;
  #onLeft;
  #status = byId('connection-status', HTMLElement);
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
   * @param {{ onLanguage: (language: string) => void, onLeft: (state: Extract<ConnectionState, { kind: 'left' }>) => void }} events
   */
  constructor(sdk, { entry, name, language, microphoneProblem }, { onLanguage, onLeft }) {
    this.#onLeft = onLeft;
    this.#entry = entry;
    this.#language = language;
    this.#balance.value = String(DEFAULT_BALANCE);
    const isBot = (/** @type {string} */ id) => this.#parley?.isInterpreter(id) === true;
    this.#people = new PeopleView(byId('people', HTMLElement), byId('people-count', HTMLElement), {
      isBot,
      isShown: ({ id }) => !isBot(id) || this.#parley?.roleOf(id) !== 'unheard',
    });
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
    this.#connection = new MeetingConnection(
      sdk,
      { entry, name, language, isMicOn: microphoneProblem === undefined },
      {
        onState: (state) => this.#showState(state),
        onMeeting: (meeting) => this.#enter(meeting),
        onPeople: (people) => {
          this.#people.show(people);
          this.#showMic(people.some(({ isYou, isMicOn }) => isYou && isMicOn));
        },
        onSpeaker: (id) => this.#people.setSpeaker(id),
        onProblem: (text) => this.#showNotice(text),
      },
    );
    this.#languageSelect.value = language;
    this.#showNotice(microphoneProblem ?? '');
    this.#showMic(false);
    this.#soundButton.hidden = true;
    this.#listen(onLanguage);
  }

  join() {
    this.#connection.join();
  }

  /** Voices and captions of this meeting, in place of a former one's. @param {SdkMeeting} meeting */
  #enter(meeting) {
    this.#parley?.close();
    const parley = (this.#parley = parleyClient(meeting, {
      language: this.#language,
      isInterpreter: (id) => isInterpreter(this.#entry.meetingId, id),
      balance: this.#balance.valueAsNumber / 100,
    }));
    parley.playEveryone(byId('voices', HTMLElement));
    parley.on('change', () => this.#people.refresh());
    parley.on('caption', (caption) => this.#captions.show(caption));
    parley.on('caption-removed', ({ key }) => this.#captions.remove(key));
    parley.on('audio-blocked', (isBlocked) => {
      this.#soundButton.hidden = !isBlocked;
    });
    parley.on('problem', (problem) => this.#showNotice(this.#textOf(problem)));
  }

  /** @param {Problem} problem */
  #textOf({ what, participantId = '' }) {
    if (what === 'captions') return 'Captions cannot be received. Leave and join again to read them.';
    if (what === 'language') return 'The interpreter could not be told of your language. Choose it again.';
    if (what === 'audio') return `The voice of ${this.#connection.nameOf(participantId)} cannot be received.`;
    return 'The meeting server does not say who the interpreter is. Its voice and captions may be missing.';
  }

  /** @param {(language: string) => void} onLanguage */
  #listen(onLanguage) {
    const { signal } = this.#stay;
    const toggleMic = () => this.#connection.setMic(!this.#isMicOn);
    this.#muteButton.addEventListener('click', toggleMic, { signal });
    byId('leave-button', HTMLButtonElement).addEventListener('click', () => this.#connection.leave(), {
      signal,
    });
    byId('notice-close', HTMLButtonElement).addEventListener('click', () => this.#showNotice(''), { signal });
    this.#soundButton.addEventListener('click', () => void this.#parley?.resumeAudio(), { signal });
    this.#languageSelect.addEventListener(
      'change',
      () => {
        const language = this.#languageSelect.value;
        onLanguage(language);
        this.#language = language;
        this.#captions.setLanguage(language);
        this.#parley?.askForLanguage(language);
        this.#connection.setLanguage(language);
      },
      { signal },
    );
    this.#balance.addEventListener(
      'input',
      () => {
        if (this.#parley !== undefined) this.#parley.balance = this.#balance.valueAsNumber / 100;
      },
      { signal },
    );
    document.addEventListener(
      'keydown',
      (event) => {
        if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat) return;
        if (event.code === 'KeyM') toggleMic();
        else if (event.code === 'KeyC') byId('captions', HTMLElement).focus();
        else if (event.code === 'KeyL') this.#connection.leave();
        else return;
        event.preventDefault();
      },
      { signal },
    );
    window.addEventListener('pagehide', () => this.#connection.leave(), { signal });
  }

  /** @param {ConnectionState} state */
  #showState(state) {
    this.#status.textContent = STATE_TEXTS[state.kind];
    this.#status.dataset['state'] = state.kind;
    this.#muteButton.disabled = state.kind !== 'connected';
    if (state.kind !== 'left') return;
    this.#stay.abort();
    this.#parley?.close();
    this.#onLeft(state);
  }

  /** @param {boolean} isOn */
  #showMic(isOn) {
    this.#isMicOn = isOn;
    this.#muteLabel.textContent = isOn ? 'Mute' : 'Unmute';
    this.#muteButton.dataset['mic'] = isOn ? 'on' : 'off';
  }

  /** @param {string} text */
  #showNotice(text) {
    this.#noticeText.textContent = text;
    this.#notice.hidden = text === '';
  }
}
