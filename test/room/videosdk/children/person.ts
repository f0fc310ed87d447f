/**
 * Somebody in a meeting, through the real SDK: says PCM through a microphone that can be muted, hears interpreters, and
 * exchanges messages. Runs in a child process only, as everything that loads wrtc does.
 */
import { systemClock } from '../../../../src/clock.js';
import { createAccessToken } from '../../../../src/room/videosdk/tokens.js';
import type { DataMessage, PublishOptions } from '../../../../src/room/room.js';
import { toDataMessage } from '../../../../src/room/videosdk/data.js';
import { SdkFetch } from '../../../../src/room/videosdk/https-fetch.js';
import { AudioSourceTrack } from '../../../../src/room/webrtc/audio-source-track.js';
import { SdkPeerConnections } from '../../../../src/room/webrtc/peer-connections.js';
import { playoutClockOn } from '../../../../src/room/webrtc/playout-clock.js';
import { guardRejections } from '../../../../src/room/sdk/rejections.js';
import { createSdk, SDK_FILE } from '../../../../src/room/videosdk/sdk-loader.js';
import type { SdkMeeting } from '../../../../src/room/videosdk/sdk-types.js';
import { SpeakerTrack } from '../../../../src/room/webrtc/speaker-track.js';
import { SdkTimers } from '../../../../src/room/sdk/timers.js';
import { SdkWebSockets } from '../../../../src/room/sdk/web-sockets.js';
import { loadWrtc } from '../../../../src/room/webrtc/wrtc.js';

/** What is needed of a room server; `startRoomServer` gives it. */
export type ServerAddress = { signalingBaseUrl: string; ca: string; apiKey: string; secret: string };

export type PersonOptions = {
  server: ServerAddress;
  roomId: string;
  id: string;
  name: string;
  metadata?: Record<string, unknown>;
  micOn?: boolean;
};

type MutableMeeting = SdkMeeting & { muteMic(): Promise<void>; unmuteMic(): Promise<void> };

const FRAME_SAMPLES = 480;
const MAX_HEARD_SAMPLES = 48_000 * 120;

/** An access token for one participant of one room, for a quarter of an hour. */
export function tokenFor(server: ServerAddress, roomId: string, participantId: string): string {
  const { apiKey, secret } = server;
  return createAccessToken({ apiKey, secret, roomId, participantId, expiresInSeconds: 900 });
}

export class Person {
  readonly id: string;
  readonly messages: DataMessage[] = [];
  /** What each other participant sounded like, 48 kHz mono. */
  readonly #heard = new Map<string, Int16Array[]>();
  readonly #meeting: MutableMeeting;
  readonly #microphone: AudioSourceTrack;
  readonly #webSockets: SdkWebSockets;
  readonly #peerConnections: SdkPeerConnections;
  readonly #timers: SdkTimers;
  readonly #tracks = new Map<string, SpeakerTrack>();
  readonly #stopPlayout: () => void;
  readonly #stopGuard = guardRejections(SDK_FILE, () => undefined);
  #said: Int16Array = new Int16Array(0);
  #saidSamples = 0;
  #onSaid: (() => void) | undefined;

  private constructor(options: PersonOptions) {
    const { server, roomId, id, name, metadata = {}, micOn = true } = options;
    this.id = id;
    const wrtc = loadWrtc();
    const fail = (error: unknown): void => {
      throw error;
    };
    this.#microphone = new AudioSourceTrack(wrtc, fail);
    this.#microphone.feedFrom({ pull: (out) => this.#pull(out) });
    this.#stopPlayout = playoutClockOn(systemClock).add(this.#microphone);
    this.#timers = new SdkTimers(fail);
    const trusted = { host: server.signalingBaseUrl, ca: server.ca };
    this.#webSockets = new SdkWebSockets({
      trusted,
      onError: fail,
    });
    this.#peerConnections = new SdkPeerConnections(wrtc, (output) => (this.#microphone.output = output));
    const sdk = createSdk({
      wrtc,
      fetch: new SdkFetch({ trusted, telemetry: false }).fetch,
      webSockets: this.#webSockets,
      peerConnections: this.#peerConnections,
      timers: this.#timers,
      openMicrophone: () => this.#microphone.createStream(),
    });
    sdk.config(tokenFor(server, roomId, id));
    this.#meeting = sdk.initMeeting({
      meetingId: roomId,
      participantId: id,
      name,
      micEnabled: micOn,
      webcamEnabled: false,
      multiStream: false,
      autoConsume: true,
      debugMode: false,
      metaData: metadata,
      signalingBaseUrl: server.signalingBaseUrl,
    }) as MutableMeeting;
    this.#meeting.on('participant-joined', (participant) => {
      participant.on('stream-enabled', ({ id: streamId, kind, track }) => {
        if (kind !== 'audio') return;
        this.#tracks.set(
          streamId,
          new SpeakerTrack(wrtc, track, ({ samples, sampleRateHz }) => {
            if (sampleRateHz === 48_000) this.#hear(participant.id, samples);
          }),
        );
      });
      participant.on('stream-disabled', ({ id: streamId }) => {
        this.#tracks.get(streamId)?.stop();
        this.#tracks.delete(streamId);
      });
    });
  }

  /** Somebody who is in the meeting, and whose microphone works if it is on. */
  static async enter(options: PersonOptions): Promise<Person> {
    const person = new Person(options);
    const joined = new Promise<void>((resolve) => person.#meeting.on('meeting-joined', () => resolve()));
    await person.#meeting.join();
    await joined;
    if (options.micOn !== false) await person.#untilLive();
    return person;
  }

  /** Begins to say this, in place of what was still to be said. */
  say(pcm: Int16Array): void {
    this.#said = pcm;
    this.#saidSamples = 0;
  }

  /** Says this; resolves in the very beat in which its last frame goes out. */
  sayAll(pcm: Int16Array): Promise<void> {
    this.say(pcm);
    return new Promise((resolve) => (this.#onSaid = resolve));
  }

  async mute(): Promise<void> {
    await this.#meeting.muteMic();
  }

  async unmute(): Promise<void> {
    await this.#meeting.unmuteMic();
    await this.#untilLive();
  }

  async leave(): Promise<void> {
    await this.#meeting.leave();
    await this.vanish();
  }

  /** Ends without a word to anybody. */
  async vanish(): Promise<void> {
    this.#stopPlayout();
    for (const track of this.#tracks.values()) track.stop();
    this.#tracks.clear();
    this.#microphone.stop();
    this.#peerConnections.closeAll();
    await this.#webSockets.close();
    this.#timers.stop();
    this.#stopGuard();
  }

  async send(topic: string, text: string, options: PublishOptions = {}): Promise<void> {
    const { persist = false, sendOnly, payload } = options;
    await this.#meeting.pubSub.publish(
      topic,
      text,
      { persist, ...(sendOnly === undefined ? {} : { sendOnly: [...sendOnly] }) },
      payload,
    );
  }

  /** Reads a topic from now on, messages that were kept first. */
  async read(topic: string): Promise<void> {
    const listeners = {
      onMessageReceived: (message: Parameters<typeof toDataMessage>[1]) => {
        this.messages.push(toDataMessage(topic, message));
      },
      onOldMessagesReceived: (messages: Parameters<typeof toDataMessage>[1][]) => {
        this.messages.push(...messages.map((message) => toDataMessage(topic, message)));
      },
    };
    await this.#meeting.pubSub.subscribe(topic, listeners, { oldMessageLimit: 100 });
  }

  /** What `participantId` sounded like so far, 48 kHz mono. */
  heard(participantId: string): Int16Array {
    const frames = this.#heard.get(participantId) ?? [];
    const samples = new Int16Array(frames.length * FRAME_SAMPLES);
    frames.forEach((frame, n) => samples.set(frame, n * FRAME_SAMPLES));
    return samples;
  }

  forgetHeard(): void {
    this.#heard.clear();
  }

  #hear(participantId: string, samples: Int16Array): void {
    let frames = this.#heard.get(participantId);
    if (frames === undefined) this.#heard.set(participantId, (frames = []));
    if (frames.length * FRAME_SAMPLES < MAX_HEARD_SAMPLES) frames.push(samples.slice(0, FRAME_SAMPLES));
  }

  #pull(out: Int16Array): void {
    const rest = this.#said.subarray(this.#saidSamples, this.#saidSamples + out.length);
    out.fill(0);
    out.set(rest);
    this.#saidSamples += rest.length;
    if (this.#onSaid === undefined || this.#saidSamples < this.#said.length) return;
    setImmediate(this.#onSaid);
    this.#onSaid = undefined;
  }

  async #untilLive(): Promise<void> {
    for (let n = 0; n < 500 && this.#microphone.output !== 'live'; n++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    if (this.#microphone.output !== 'live') throw new Error(`the microphone of ${this.id} does not work`);
  }
}
