/** A meeting without a server, as VideoSDK's SDK shows one to a page, and as much of a browser as the client uses. */
import { vi } from 'vitest';
import type {
  Meeting,
  MeetingMessage,
  MeetingParticipant,
  MeetingStream,
  MeetingTopicListeners,
} from '../../src/client/index.js';

class FakeEmitter {
  readonly #listeners = new Map<string, Set<(data: never) => void>>();
  on(event: string, listener: (data: never) => void): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }
  off(event: string, listener: (data: never) => void): void {
    this.#listeners.get(event)?.delete(listener);
  }
  emit(event: string, data?: unknown): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(data as never);
  }
  get listenerCount(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }
}

export class FakeParticipant extends FakeEmitter implements MeetingParticipant {
  readonly id: string;
  readonly metaData: unknown;
  readonly streams = new Map<string, MeetingStream>();
  /** What was asked of the SDK, in order. */
  readonly asked: string[] = [];
  consumeError: Error | undefined;
  constructor(id: string, metaData: unknown = {}) {
    super();
    this.id = id;
    this.metaData = metaData;
  }
  consumeMicStreams(): Promise<void> {
    this.asked.push('consume');
    return this.consumeError === undefined ? Promise.resolve() : Promise.reject(this.consumeError);
  }
  stopConsumingMicStreams(): Promise<void> {
    this.asked.push('stop');
    return Promise.resolve();
  }
  speak(): FakeTrack {
    const track = new FakeTrack();
    const stream = { kind: 'audio', track: track as unknown as MediaStreamTrack };
    this.streams.set('audio', stream);
    this.emit('stream-enabled', stream);
    return track;
  }
  mute(): void {
    const stream = this.streams.get('audio');
    this.streams.delete('audio');
    this.emit('stream-disabled', stream);
  }
}

/** A caption's payload as the interpreter sends it; what is left out is a final Spanish-English one of Ana. */
export const payloadOf = (fields: object = {}): object => ({
  v: 2,
  kind: 'speech',
  segmentId: 'turn-1#0',
  turnId: 'turn-1',
  part: 0,
  speakerId: 'guest-ana',
  speakerName: 'Ana',
  sourceLanguage: 'es',
  targetLanguage: 'en',
  sourceText: 'Buenos días',
  translatedText: 'Good morning',
  original: true,
  final: true,
  startMs: 0,
  endMs: 900,
  ...fields,
});

export class FakeMeeting extends FakeEmitter implements Meeting {
  readonly localParticipant = { id: 'guest-self' };
  readonly participants = new Map<string, FakeParticipant>();
  readonly published: { topic: string; message: string; options: object; payload: object }[] = [];
  /** Calls of `subscribe` and `unsubscribe`, in order. */
  readonly subscribed: string[] = [];
  /** Messages that the meeting keeps, by topic. */
  readonly kept = new Map<string, MeetingMessage[]>();
  /** While set, subscribing and publishing fail with it. */
  pubSubError: Error | undefined;
  #subscriptions: { topic: string; listeners: MeetingTopicListeners }[] = [];

  readonly pubSub = {
    publish: (topic: string, message: string, options: object, payload: object): Promise<void> => {
      if (this.pubSubError !== undefined) return Promise.reject(this.pubSubError);
      this.published.push({ topic, message, options, payload });
      return Promise.resolve();
    },
    subscribe: async (
      topic: string,
      listeners: MeetingTopicListeners,
      { oldMessageLimit }: { oldMessageLimit: number },
    ): Promise<void> => {
      this.subscribed.push(`+${topic}`);
      await Promise.resolve();
      if (this.pubSubError !== undefined) throw this.pubSubError;
      this.#subscriptions.push({ topic, listeners });
      const old = this.kept.get(topic)?.slice(-oldMessageLimit) ?? [];
      if (oldMessageLimit > 0 && old.length > 0) listeners.onOldMessagesReceived(old);
    },
    unsubscribe: async (topic: string, listeners: MeetingTopicListeners): Promise<void> => {
      this.subscribed.push(`-${topic}`);
      await Promise.resolve();
      this.#subscriptions = this.#subscriptions.filter(
        (known) => known.topic !== topic || known.listeners !== listeners,
      );
    },
  };

  get topics(): readonly string[] {
    return this.#subscriptions.map(({ topic }) => topic);
  }
  /** Joined, for the first time or after an outage, in which the SDK forgot every subscription. */
  join(peerIds: readonly string[] = []): void {
    this.#subscriptions = [];
    this.emit('meeting-joined', { peers: peerIds.map((id) => ({ id })) });
  }
  come(id: string, metaData: unknown = {}): FakeParticipant {
    const participant = new FakeParticipant(id, metaData);
    this.participants.set(id, participant);
    this.emit('participant-joined', participant);
    return participant;
  }
  go(participant: FakeParticipant): void {
    this.participants.delete(participant.id);
    this.emit('participant-left', participant);
  }
  send(topic: string, message: MeetingMessage): void {
    for (const subscription of this.#subscriptions)
      if (subscription.topic === topic) subscription.listeners.onMessageReceived(message);
  }
  caption(topic: string, fields: object = {}, senderId = 'parley-1'): void {
    this.send(topic, { senderId, payload: payloadOf(fields), timestamp: '2026-11-30T08:00:00.000Z' });
  }
}

/** A microphone far away: as loud as it is set. */
export class FakeTrack {
  amplitude = 0;
}

export class FakeMediaStream {
  readonly tracks: readonly FakeTrack[];
  constructor(tracks: readonly FakeTrack[]) {
    this.tracks = tracks;
  }
  getAudioTracks(): readonly FakeTrack[] {
    return this.tracks;
  }
}

export class FakeAudio {
  readonly dataset: Record<string, string> = {};
  srcObject: unknown = null;
  volume = 1;
  muted = false;
  isPlaying = false;
  parent: FakeElement | undefined;
  remove(): void {
    this.parent?.children.delete(this);
    this.parent = undefined;
  }
  play(): Promise<void> {
    if (browser.isBlocked) return Promise.reject(new DOMException('a click first', 'NotAllowedError'));
    this.isPlaying = true;
    return Promise.resolve();
  }
}

export class FakeElement {
  readonly children = new Set<FakeAudio>();
  append(audio: FakeAudio): void {
    audio.parent = this;
    this.children.add(audio);
  }
}

/** What the fake browser does and what happened in it. */
export const browser = {
  /** Nothing plays before a click. */
  isBlocked: false,
  contexts: 0,
  body: new FakeElement(),
  reported: [] as unknown[],
};

class FakeAudioContext {
  constructor() {
    browser.contexts++;
  }
  resume(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    browser.contexts--;
    return Promise.resolve();
  }
  createMediaStreamSource(stream: FakeMediaStream): object {
    return {
      connect: (analyser: FakeAnalyser) => {
        analyser.stream = stream;
      },
      disconnect: () => undefined,
    };
  }
}

class FakeAnalyser {
  stream: FakeMediaStream | undefined;
  getFloatTimeDomainData(samples: Float32Array): void {
    samples.fill(this.stream?.tracks[0]?.amplitude ?? 0);
  }
}

/** Puts the fake browser into this process's globals, and time into the test's hand. */
export function useFakeBrowser(): void {
  Object.assign(browser, { isBlocked: false, contexts: 0, body: new FakeElement(), reported: [] });
  vi.useFakeTimers();
  vi.stubGlobal('MediaStream', FakeMediaStream);
  vi.stubGlobal('AudioContext', FakeAudioContext);
  vi.stubGlobal('AnalyserNode', FakeAnalyser);
  vi.stubGlobal('document', { body: browser.body, createElement: (): FakeAudio => new FakeAudio() });
  vi.stubGlobal('reportError', (error: unknown) => browser.reported.push(error));
}

export function useRealBrowser(): void {
  vi.useRealTimers();
  vi.unstubAllGlobals();
}

/** What is played in the page of whom: volume in hundredths, 0 when muted. */
export function playedIn(parent: FakeElement = browser.body): Record<string, number> {
  return Object.fromEntries(
    [...parent.children].map(({ dataset, muted, volume }) => [
      dataset['participantId'] ?? '',
      muted ? 0 : Math.round(volume * 100),
    ]),
  );
}
