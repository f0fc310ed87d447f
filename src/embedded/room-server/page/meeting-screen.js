/** The screen of a meeting: people, captions, and what one can do. Lives as long as one stay in the meeting. */
import { CaptionsView } from './captions-view.js';
import { byId } from './elements.js';
import { InterpreterStatus } from './interpreter-status.js';
import { MeetingConnection } from './meeting-connection.js';
import { OwnLevel } from './own-level.js';
import { parleyClient } from './parley-client.js';
import { PeopleView } from './people-view.js';
import { SamplePhrases } from './sample-phrases.js';
import { isInterpreter } from './server.js';
import { onTexts, text } from './texts.js';

/** @typedef {import('./page-types.d.ts').Catalogue} Catalogue */
/** @typedef {import('./page-types.d.ts').Entry} Entry */
/** @typedef {import('./page-types.d.ts').ConnectionState} ConnectionState */
/** @typedef {import('./page-types.d.ts').Person} Person */
/** @typedef {import('./page-types.d.ts').SdkMeeting} SdkMeeting */
/** @typedef {import('./text-keys.d.ts').TextKey} TextKey */
/** @typedef {import('./page-types.d.ts').VideoSdk} VideoSdk */
/** @typedef {import('./languages.js').Languages} Languages */
/** @typedef {import('./parley-client.js').ParleyClient} ParleyClient */
/** @typedef {import('./parley-client.js').Problem} Problem */

/** @type {Readonly<Record<Exclude<ConnectionState['kind'], 'left'>, TextKey>>} */
const STATE_TEXTS = {
  connecting: 'state.connecting',
  waiting: 'state.waiting',
  connected: 'state.connected',
  reconnecting: 'state.reconnecting',
};

/** Where the slider stands at first, from 0 (the original alone) to 100 (the translation alone). */
const DEFAULT_BALANCE = 80;

export class MeetingScreen {
  #connection;
  /** @type {ParleyClient | undefined} of the meeting that counts */
  #parley;
  #people;
  /** @type {readonly Person[]} */
  #present = [];
  #captions;
  #interpreter;
  #samples;
  #level;
  #entry;
  #language;
  #isMicOn = false;
  /** @type {ConnectionState} */
  #state = { kind: 'connecting' };
  #onLeft;
  #offTexts;
  #status = byId('connection-status', HTMLElement);
  #notice = byId('notice', HTMLElement);
  #noticeText = byId('notice-text', HTMLElement);
  #muteButton = byId('mute-button', HTMLButtonElement);
  #muteLabel = byId('mute-label', HTMLElement);
  #soundButton = byId('sound-button', HTMLButtonElement);
  #balance = byId('balance', HTMLInputElement);
  /** Ends every listener on the page's own elements with this stay. */
  #stay = new AbortController();

  /**
   * @param {VideoSdk} sdk
   * @param {{ meetingId: string, entry: Entry, name: string, language: string, languages: Languages,
   *   phrases: Catalogue['phrases'], microphoneProblem: string | undefined }} options
   * @param {(state: Extract<ConnectionState, { kind: 'left' }>) => void} onLeft
   */
  constructor(sdk, { meetingId, entry, name, language, languages, phrases, microphoneProblem }, onLeft) {
    this.#onLeft = onLeft;
    this.#entry = entry;
    this.#language = language;
    this.#balance.value = String(DEFAULT_BALANCE);
    this.#people = new PeopleView(byId('people', HTMLElement), byId('people-count', HTMLElement), {
      isBot: (id) => this.#isBot(id),
      nameOf: (tag) => languages.nameOf(tag),
    });
    this.#captions = new CaptionsView(
      {
        scroller: byId('captions', HTMLElement),
        list: byId('caption-list', HTMLElement),
        empty: byId('captions-empty', HTMLElement),
        announcer: byId('announcer', HTMLElement),
        latest: byId('latest-button', HTMLButtonElement),
      },
      { meetingId, language, ownId: entry.participantId },
    );
    this.#interpreter = new InterpreterStatus(byId('interpreter-status', HTMLElement), (key) =>
      this.#captions.note(key),
    );
    this.#connection = new MeetingConnection(
      sdk,
      { entry, name, language, isMicOn: microphoneProblem === undefined },
      {
        onState: (state) => this.#showState(state),
        onMeeting: (meeting) => this.#enter(meeting),
        onPeople: (people) => this.#showPeople(people),
        onSpeaker: (id) => this.#people.setSpeaker(id),
        onProblem: (problem) => this.#showNotice(problem),
      },
    );
    const { signal } = this.#stay;
    this.#samples = new SamplePhrases(phrases, {
      say: (stream, ended) => this.#connection.say(stream, ended),
      onProblem: (problem) => this.#showNotice(problem),
      isConnected: () => this.#state.kind === 'connected',
      signal,
    });
    this.#samples.setLanguage(language);
    this.#level = new OwnLevel(this.#muteButton, () => this.#connection.ownTrack);
    this.#offTexts = onTexts(() => this.#refresh());
    this.#showNotice(microphoneProblem ?? '');
    this.#showMic(false);
    this.#soundButton.hidden = true;
    this.#listen(signal);
  }

  join() {
    this.#connection.join();
  }

  /** What was said, as it stands on the screen. */
  get speech() {
    return this.#captions.speech;
  }

  /** The person hears and reads another language from now on. @param {string} language */
  setLanguage(language) {
    this.#language = language;
    this.#captions.setLanguage(language);
    this.#samples.setLanguage(language);
    this.#parley?.askForLanguage(language);
    this.#connection.setLanguage(language);
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
    parley.on('change', () => {
      this.#people.refresh();
      this.#showPresence();
    });
    parley.on('caption', (caption) => this.#captions.show(caption));
    parley.on('caption-removed', ({ key }) => this.#captions.remove(key));
    parley.on('audio-blocked', (isBlocked) => {
      this.#soundButton.hidden = !isBlocked;
    });
    parley.on('problem', (problem) => this.#showNotice(this.#textOf(problem)));
  }

  /** @param {Problem} problem */
  #textOf({ what, participantId = '' }) {
    return text(`problem.${what}`, { name: this.#connection.nameOf(participantId) });
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    const toggleMic = () => this.#connection.setMic(!this.#isMicOn);
    const leave = () => this.#connection.leave();
    this.#muteButton.addEventListener('click', toggleMic, { signal });
    byId('leave-button', HTMLButtonElement).addEventListener('click', leave, { signal });
    byId('notice-close', HTMLButtonElement).addEventListener('click', () => this.#showNotice(''), { signal });
    this.#soundButton.addEventListener('click', () => void this.#parley?.resumeAudio(), { signal });
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
        else if (event.code === 'KeyL') leave();
        else return;
        event.preventDefault();
      },
      { signal },
    );
    window.addEventListener('pagehide', leave, { signal });
  }

  /** @param {readonly Person[]} people */
  #showPeople(people) {
    this.#present = people;
    this.#people.show(people);
    this.#showMic(people.some(({ isYou, isMicOn }) => isYou && isMicOn));
    this.#showPresence();
  }

  /** Who of them matters to what one reads: an interpreter, and anybody else at all. */
  #showPresence() {
    if (this.#state.kind !== 'connected') return;
    const bots = this.#present.filter(({ id }) => this.#isBot(id));
    const isHere = bots.length > 0;
    this.#interpreter.update({ isHere, isAlone: isHere && this.#present.length - bots.length === 1 });
  }

  /** @param {string} participantId */
  #isBot(participantId) {
    return this.#parley?.isInterpreter(participantId) === true;
  }

  /** @param {ConnectionState} state */
  #showState(state) {
    this.#state = state;
    this.#muteButton.disabled = state.kind !== 'connected';
    if (state.kind === 'left') this.#end(state);
    else {
      this.#status.textContent = text(STATE_TEXTS[state.kind]);
      this.#status.dataset['state'] = state.kind;
    }
  }

  /** @param {Extract<ConnectionState, { kind: 'left' }>} state */
  #end(state) {
    this.#stay.abort();
    this.#offTexts();
    this.#parley?.close();
    this.#level.close();
    this.#interpreter.close();
    this.#captions.close();
    this.#onLeft(state);
  }

  /** The page's texts are in another language. */
  #refresh() {
    if (this.#state.kind !== 'left') this.#status.textContent = text(STATE_TEXTS[this.#state.kind]);
    this.#showMic(this.#isMicOn);
    this.#connection.refresh();
  }

  /** @param {boolean} isOn */
  #showMic(isOn) {
    this.#isMicOn = isOn;
    this.#muteLabel.textContent = text(isOn ? 'controls.mute' : 'controls.unmute');
    this.#muteButton.title = this.#muteLabel.textContent;
    this.#muteButton.dataset['mic'] = isOn ? 'on' : 'off';
  }

  /** @param {string} words */
  #showNotice(words) {
    this.#noticeText.textContent = words;
    this.#notice.hidden = words === '';
  }
}
