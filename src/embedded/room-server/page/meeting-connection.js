/**
 * The page's connection to the meeting, through the real SDK: who is here, and our microphone; voices and captions are the
 * business of Parley's client. Facts about the SDK (js-sdk 1.1.1): every reconnect brings new participant objects, forgets
 * pubSub subscriptions and keeps participants who left meanwhile; `join` resolves before the meeting is joined.
 */
import { parleyMetadata } from './parley-client.js';
import { leftState } from './leave-reasons.js';
import { isSignallingOpen, onSignallingClosed } from './signalling-watch.js';
import { text } from './texts.js';

/** @typedef {import('./page-types.d.ts').Entry} Entry */
/** @typedef {import('./page-types.d.ts').Person} Person */
/** @typedef {import('./page-types.d.ts').ConnectionState} ConnectionState */
/** @typedef {import('./page-types.d.ts').SdkParticipant} SdkParticipant */
/** @typedef {import('./page-types.d.ts').SdkMeeting} SdkMeeting */
/** @typedef {import('./page-types.d.ts').VideoSdk} VideoSdk */

/**
 * @typedef {object} ConnectionEvents
 * @property {(state: ConnectionState) => void} onState
 * @property {(meeting: SdkMeeting) => void} onMeeting the meeting that counts from now on, not joined yet
 * @property {(people: readonly Person[]) => void} onPeople everyone, ourselves first
 * @property {(participantId: string | undefined) => void} onSpeaker
 * @property {(text: string) => void} onProblem something that the person should know; the meeting goes on
 */

/** VideoSDK's pubSub topic on which people say `{ preferredLanguage }`: what they want to hear from now on. */
const LANGUAGE_TOPIC = 'PARLEY_LANGUAGE';
/** Unanswered for so long, the request to enter is somebody's to decide. */
const LOBBY_AFTER_MS = 4_000;
/** So long the SDK may take to notice that its socket closed. */
const NOTICE_MS = 1_000;
/** The SDK's `leave` is not waited for longer than this: without a socket it waits for an answer. */
const LEAVE_TIMEOUT_MS = 2_000;
const MAX_NAME_CHARS = 80;

export class MeetingConnection {
  #sdk;
  #events;
  #entry;
  #person;
  /** @type {Map<string, string>} what others chose in the meeting, by participant */
  #chosen = new Map();
  #languageListeners = {
    onMessageReceived: (/** @type {{ senderId?: unknown, payload?: unknown }} */ { senderId, payload }) => {
      const language = fieldOf(payload, 'preferredLanguage');
      if (typeof senderId !== 'string' || typeof language !== 'string' || !this.#others.has(senderId)) return;
      this.#chosen.set(senderId, language);
      this.#emitPeople();
    },
    onOldMessagesReceived: () => undefined,
  };
  #meeting;
  /** @type {ConnectionState} */
  #state = { kind: 'connecting' };
  /** @type {Map<string, SdkParticipant>} */
  #others = new Map();
  #wantsMic;
  #changesMic = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #lobbyTimer;
  #unwatch;

  /**
   * @param {VideoSdk} sdk
   * @param {{ entry: Entry, name: string, language: string, isMicOn: boolean }} options
   * @param {ConnectionEvents} events
   */
  constructor(sdk, { entry, name, language, isMicOn }, events) {
    this.#sdk = sdk;
    this.#events = events;
    this.#entry = entry;
    this.#person = { id: entry.participantId, name, language };
    this.#wantsMic = isMicOn;
    this.#meeting = this.#open();
    this.#unwatch = onSignallingClosed(() => {
      setTimeout(() => {
        if (this.#state.kind === 'connected' && !isSignallingOpen()) void this.#rejoin();
      }, NOTICE_MS);
    });
  }

  /** Starts; `onState` says how it goes. */
  join() {
    this.#setState({ kind: 'connecting' });
    this.#lobbyTimer = setTimeout(() => {
      if (this.#state.kind === 'connecting') this.#setState({ kind: 'waiting' });
    }, LOBBY_AFTER_MS);
    this.#enter(this.#meeting);
  }

  /** Leaves, in whatever state the connection is. */
  leave() {
    this.#end({ kind: 'left', wasAsked: true, text: 'left.asked', code: 0 });
  }

  /** @param {boolean} isOn */
  setMic(isOn) {
    this.#wantsMic = isOn;
    void this.#changeMic();
  }

  /** Shows another language as ours from now on, and joins with it. @param {string} language */
  setLanguage(language) {
    this.#person.language = language;
    this.#emitPeople();
  }

  /** What somebody calls themselves. @param {string} participantId */
  nameOf(participantId) {
    const participant = this.#others.get(participantId);
    return participant === undefined ? text('people.nameless') : nameOf(participant);
  }

  /** What is sent of our microphone at present. */
  get ownTrack() {
    const streams = [...this.#meeting.localParticipant.streams.values()];
    return streams.find(({ kind }) => kind === 'audio')?.track;
  }

  /** Says again who is here: their names may be in another language of the page's. */
  refresh() {
    this.#emitPeople();
  }

  /**
   * Sends a stream in the microphone's place until `ended`, then the microphone again as it is wanted.
   * @param {MediaStream} stream
   * @param {Promise<void>} ended
   */
  async say(stream, ended) {
    if (this.#changesMic || this.#state.kind !== 'connected') return;
    this.#changesMic = true;
    try {
      await this.#meeting.changeMic(stream);
      await ended;
      if (this.#wantsMic) {
        await this.#meeting.changeMic(await navigator.mediaDevices.getUserMedia({ audio: true }));
      } else await this.#meeting.muteMic();
    } finally {
      this.#changesMic = false;
      void this.#changeMic();
    }
  }

  #open() {
    const { token, meetingId, participantId, signalingBaseUrl } = this.#entry;
    this.#sdk.config(token);
    const meeting = this.#sdk.initMeeting({
      meetingId,
      participantId,
      name: this.#person.name,
      micEnabled: this.#wantsMic,
      webcamEnabled: false,
      multiStream: false,
      autoConsume: false,
      debugMode: false,
      signalingBaseUrl,
      metaData: parleyMetadata(this.#person.language),
    });
    this.#listen(meeting);
    this.#events.onMeeting(meeting);
    return meeting;
  }

  /** @param {SdkMeeting} meeting */
  #enter(meeting) {
    meeting.join().catch((/** @type {unknown} */ error) => {
      if (meeting === this.#meeting) this.#end(leftState(/** @type {{ code?: unknown }} */ (error)));
    });
  }

  /** In place of a meeting that is dead and does not know it. */
  async #rejoin() {
    const dead = this.#meeting;
    this.#interrupted();
    const timeout = new Promise((resolve) => setTimeout(resolve, LEAVE_TIMEOUT_MS));
    this.#meeting = this.#open(); // what the dead one still says is not listened to
    await Promise.race([dead.leave().catch(() => undefined), timeout]);
    if (this.#state.kind !== 'left') this.#enter(this.#meeting);
  }

  /** @param {SdkMeeting} meeting */
  #listen(meeting) {
    const isCurrent = () => meeting === this.#meeting;
    meeting.on('entry-responded', (participantId, decision) => {
      if (!isCurrent() || participantId !== this.#person.id || decision === 'allowed') return;
      this.#end({ kind: 'left', wasAsked: false, text: 'left.notLetIn', code: 0 });
    });
    meeting.on('meeting-joined', ({ peers }) => {
      if (isCurrent()) this.#joined(new Set(peers.map(({ id }) => id)));
    });
    meeting.on('socket-state-changed', ({ state }) => {
      if (isCurrent() && state === 'SOCKET_DISCONNECTED') this.#interrupted();
    });
    meeting.on('meeting-state-changed', ({ state }) => {
      if (isCurrent() && state === 'RECONNECTING') this.#interrupted();
    });
    meeting.on('meeting-left', (reason) => {
      if (isCurrent()) this.#end(leftState(reason));
    });
    meeting.on('participant-joined', (participant) => {
      if (isCurrent() && participant.id !== this.#person.id) this.#meet(participant);
    });
    meeting.on('participant-left', ({ id }) => {
      if (isCurrent()) this.#forget(id);
    });
    meeting.on('speaker-changed', (id) => {
      if (isCurrent()) this.#events.onSpeaker(id ?? undefined);
    });
    meeting.on('error', ({ message }) => {
      if (isCurrent() && this.#state.kind === 'connected' && typeof message === 'string') {
        this.#events.onProblem(message);
      }
    });
    for (const event of /** @type {const} */ (['stream-enabled', 'stream-disabled'])) {
      meeting.localParticipant.on(event, () => {
        if (isCurrent()) this.#emitPeople();
      });
    }
  }

  /** @param {ReadonlySet<string>} peerIds everyone else in the meeting */
  #joined(peerIds) {
    for (const id of [...this.#others.keys()]) if (!peerIds.has(id)) this.#forget(id);
    this.#setState({ kind: 'connected' });
    this.#emitPeople();
    void this.#changeMic();
    this.#meeting.pubSub
      .subscribe(LANGUAGE_TOPIC, this.#languageListeners, { oldMessageLimit: 0 })
      .catch(() => undefined); // who speaks what is then shown as they said it when they came
  }

  #interrupted() {
    if (this.#state.kind !== 'connected') return;
    this.#events.onSpeaker(undefined);
    this.#setState({ kind: 'reconnecting' });
  }

  /** @param {SdkParticipant} participant an object of its own after every reconnect */
  #meet(participant) {
    const { id } = participant;
    this.#others.set(id, participant);
    const changed = () => {
      if (this.#others.get(id) === participant) this.#emitPeople();
    };
    participant.on('stream-enabled', changed);
    participant.on('stream-disabled', changed);
    participant.on('media-status-changed', changed);
    this.#emitPeople();
  }

  /** @param {string} id */
  #forget(id) {
    if (!this.#others.delete(id)) return;
    this.#chosen.delete(id);
    this.#emitPeople();
  }

  #emitPeople() {
    const { id, name, language } = this.#person;
    const isMicOn = this.#isMicOn();
    this.#events.onPeople([
      { id, name, preferredLanguage: language, channel: '', isMicOn, isYou: true },
      ...[...this.#others.values()].map((participant) => ({
        id: participant.id,
        name: nameOf(participant),
        preferredLanguage: this.#chosen.get(participant.id) ?? languageOf(participant),
        channel: channelOf(participant),
        isMicOn: participant.micOn,
        isYou: false,
      })),
    ]);
  }

  #isMicOn() {
    return [...this.#meeting.localParticipant.streams.values()].some(({ kind }) => kind === 'audio');
  }

  /** Brings the microphone to what is wanted. One change at a time: a second click waits for the first. */
  async #changeMic() {
    if (this.#changesMic) return;
    this.#changesMic = true;
    try {
      while (this.#state.kind === 'connected' && this.#isMicOn() !== this.#wantsMic) {
        const wanted = this.#wantsMic;
        if (wanted) await this.#meeting.unmuteMic();
        else await this.#meeting.muteMic();
        if (this.#isMicOn() !== wanted) break; // it says done and is not: an event brings the rest
      }
    } catch (error) {
      this.#wantsMic = this.#isMicOn();
      const reason = error instanceof Error ? error.message : String(error);
      this.#events.onProblem(text('problem.mic', { reason }));
    }
    this.#changesMic = false;
    this.#emitPeople();
  }

  /** @param {ConnectionState} state */
  #setState(state) {
    if (this.#state.kind === 'left') return;
    this.#state = state;
    this.#events.onState(state);
  }

  /** @param {ConnectionState} state the last one */
  #end(state) {
    if (this.#state.kind === 'left') return;
    clearTimeout(this.#lobbyTimer);
    this.#unwatch();
    this.#others.clear();
    this.#setState(state);
    // The SDK throws where there is nothing to leave, and keeps a socket where entry was refused.
    this.#meeting.leave().catch(() => undefined);
  }
}

/** @param {SdkParticipant} participant */
function nameOf({ displayName }) {
  const name = typeof displayName === 'string' ? displayName.trim().slice(0, MAX_NAME_CHARS) : '';
  return name === '' ? text('people.nameless') : name;
}

/** @param {SdkParticipant} participant */
function languageOf({ metaData }) {
  const language = fieldOf(metaData, 'preferredLanguage');
  return typeof language === 'string' ? language : '';
}

/** The language that this participant says to be an interpreter's voice of. @param {SdkParticipant} participant */
function channelOf({ metaData }) {
  const channel = fieldOf(fieldOf(metaData, 'parley'), 'channel');
  return typeof channel === 'string' ? channel : '';
}

/**
 * @param {unknown} from
 * @param {string} name
 * @returns {unknown}
 */
function fieldOf(from, name) {
  if (typeof from !== 'object' || from === null) return undefined;
  return /** @type {Record<string, unknown>} */ (from)[name];
}
