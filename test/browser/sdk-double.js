/* global window, setTimeout */
/**
 * A meeting in the page without a server behind it: stands where the SDK's bundle stands, so that layout and wording can
 * be looked at with any people and any captions. `window.double` is the test's hand on it.
 */
(() => {
  class Emitter {
    #listeners = new Map();
    on(event, listener) {
      this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    }
    off(event, listener) {
      this.#listeners.set(
        event,
        (this.#listeners.get(event) ?? []).filter((other) => other !== listener),
      );
    }
    emit(event, ...args) {
      for (const listener of this.#listeners.get(event) ?? []) listener(...args);
    }
  }

  const consumed = new Set();

  class Participant extends Emitter {
    streams = new Map();
    constructor({ id, displayName, metaData, micOn }) {
      super();
      Object.assign(this, { id, displayName, metaData, micOn });
    }
    async consumeMicStreams() {
      consumed.add(this.id);
    }
    async stopConsumingMicStreams() {
      consumed.delete(this.id);
    }
  }

  class Meeting extends Emitter {
    #options;
    #subscriptions = [];
    participants = new Map();
    published = [];
    /** What was sent in the microphone's place, or as another one. */
    microphones = [];
    constructor(options) {
      super();
      this.#options = options;
      this.localParticipant = new Participant({ id: options.participantId, micOn: false });
      this.pubSub = {
        subscribe: async (topic, listeners) => {
          this.#subscriptions.push({ topic, listeners });
        },
        unsubscribe: async (topic, listeners) => {
          this.#subscriptions = this.#subscriptions.filter(
            (known) => known.topic !== topic || known.listeners !== listeners,
          );
        },
        publish: async (topic, message, options, payload) => {
          this.published.push({ topic, message, payload });
        },
      };
    }
    async join() {
      setTimeout(() => {
        this.emit('meeting-joined', { peers: [] });
        if (this.#options.micEnabled) this.#setMic(true);
      });
    }
    async leave() {
      this.emit('meeting-left', { code: 1101 });
    }
    async changeMic(stream) {
      this.microphones.push(stream);
      this.#setMic(false);
      this.#setMic(true);
    }
    async muteMic() {
      this.#setMic(false);
    }
    async unmuteMic() {
      this.#setMic(true);
    }
    #setMic(isOn) {
      const stream = { id: 'own', kind: 'audio' };
      if (isOn) this.localParticipant.streams.set('own', stream);
      else this.localParticipant.streams.delete('own');
      this.localParticipant.emit(isOn ? 'stream-enabled' : 'stream-disabled', stream);
    }
    receive(topic, senderId, payload) {
      for (const subscription of this.#subscriptions) {
        if (subscription.topic === topic)
          subscription.listeners.onMessageReceived({ senderId, senderName: 'Parley', message: '', payload });
      }
    }
  }

  window.double = {
    meeting: undefined,
    consumed: () => [...consumed].sort(),
    come: (person) => window.double.meeting.emit('participant-joined', new Participant(person)),
    caption: (senderId, payload) => window.double.meeting.receive('PARLEY_CAPTIONS_en', senderId, payload),
  };
  window.VideoSDK = {
    config: () => {},
    initMeeting: (options) => (window.double.meeting = new Meeting(options)),
  };
})();
