/**
 * A participant in a process of its own, through the real SDK. It hears the interpreter at most: what participants hear of
 * each other would only burden the machine.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadResampler, readWav, StreamingResampler } from '../../../audio/index.js';
import { systemClock } from '../../../src/clock.js';
import { packageRoot } from '../../../src/package-root.js';
import { createAccessToken } from '../../../src/room/videosdk/tokens.js';
import { AudioSubscriptions } from '../../../src/room/videosdk/audio-subscriptions.js';
import { SdkFetch } from '../../../src/room/videosdk/https-fetch.js';
import { AudioSourceTrack } from '../../../src/room/webrtc/audio-source-track.js';
import { SdkPeerConnections } from '../../../src/room/webrtc/peer-connections.js';
import { playoutClockOn } from '../../../src/room/webrtc/playout-clock.js';
import { guardRejections } from '../../../src/room/sdk/rejections.js';
import { createSdk, SDK_FILE } from '../../../src/room/videosdk/sdk-loader.js';
import type { PeerConnection, Wrtc } from '../../../src/room/webrtc/wrtc-types.js';
import { SdkTimers } from '../../../src/room/sdk/timers.js';
import { SdkWebSockets } from '../../../src/room/sdk/web-sockets.js';
import { loadWrtc } from '../../../src/room/webrtc/wrtc.js';
import { isBotId } from '../../../src/room/room.js';
import { monotonicMs, sleep } from '../child-process.js';
import { compareSignals } from '../continuity.js';
import { NOISE_RATE_HZ, OnsetDetector, speechShapedNoise, tone } from '../signals.js';
import type { JitterBuffer, ParticipantOrder, ParticipantReport } from './messages.js';
import { followOrders, notify } from './orders.js';

const RATE_HZ = 48_000;
const FRAME_SAMPLES = 480;
/** Recorded beyond the signal: the time until it begins, and until all of it is here. */
const MARGIN_MS = 15_000;
/** A phrase cannot be told from the tone before it where it is as loud; this one may begin softly. */
const PAUSE_AFTER_TONE_MS = 20;

/** What is said next, and what is said on and on. */
class Speech {
  #talk = new Int16Array(0);
  #talked = 0;
  #said = new Int16Array(0);
  #saidSamples = 0;
  #startedAtMs = 0;
  #onSaid: ((startedAtMs: number, endedAtMs: number) => void) | undefined;

  talk(pcm: Int16Array<ArrayBuffer>, fromMs: number): void {
    this.#talk = pcm;
    this.#talked = (fromMs * RATE_HZ) / 1000;
  }

  hush(): void {
    this.#talk = new Int16Array(0);
  }

  say(pcm: Int16Array<ArrayBuffer>, onSaid: (startedAtMs: number, endedAtMs: number) => void): void {
    this.#said = pcm;
    this.#saidSamples = 0;
    this.#onSaid = onSaid;
  }

  pull(out: Int16Array): void {
    if (this.#onSaid !== undefined) {
      if (this.#saidSamples === 0) this.#startedAtMs = monotonicMs();
      const piece = this.#said.subarray(this.#saidSamples, this.#saidSamples + out.length);
      out.fill(0);
      out.set(piece);
      this.#saidSamples += piece.length;
      if (this.#saidSamples < this.#said.length) return;
      this.#onSaid(this.#startedAtMs, monotonicMs());
      this.#onSaid = undefined;
      return;
    }
    if (this.#talk.length === 0) out.fill(0);
    for (let n = 0; n < out.length && this.#talk.length > 0; n++)
      out[n] = this.#talk[this.#talked++ % this.#talk.length]!;
  }
}

/** Records until it is full. */
class Recorder {
  readonly samples: Int16Array;
  readonly full: Promise<void>;
  #length = 0;
  #onFull: () => void = () => undefined;

  constructor(durationMs: number) {
    this.samples = new Int16Array((durationMs * RATE_HZ) / 1000);
    this.full = new Promise((resolve) => (this.#onFull = resolve));
  }

  hear(samples: Int16Array): void {
    if (this.#length + samples.length > this.samples.length) return;
    this.samples.set(samples, this.#length);
    this.#length += samples.length;
    if (this.#length + samples.length > this.samples.length) this.#onFull();
  }
}

const speech = new Speech();
const connections: PeerConnection[] = [];
let recorder: Recorder | undefined;

async function enter(order: ParticipantOrder & { kind: 'join' }): Promise<ParticipantReport> {
  const { signalingBaseUrl, ca, roomId } = order.address;
  const wrtc = watchConnections(loadWrtc());
  const fail = (error: unknown): void => {
    throw error;
  };
  const microphone = new AudioSourceTrack(wrtc, fail);
  microphone.feedFrom(speech);
  playoutClockOn(systemClock).add(microphone);
  guardRejections(SDK_FILE, () => undefined);
  const trusted = { host: signalingBaseUrl, ca };
  const sdk = createSdk({
    wrtc,
    fetch: new SdkFetch({ trusted, telemetry: false }).fetch,
    webSockets: new SdkWebSockets({
      trusted,
      onError: fail,
    }),
    peerConnections: new SdkPeerConnections(wrtc, (output) => (microphone.output = output)),
    timers: new SdkTimers(fail),
    openMicrophone: () => microphone.createStream(),
  });
  sdk.config(tokenOf(order));
  const meeting = sdk.initMeeting({
    meetingId: roomId,
    participantId: order.id,
    name: order.id,
    micEnabled: order.speaks,
    webcamEnabled: false,
    multiStream: false,
    autoConsume: false,
    debugMode: false,
    customMicrophoneAudioTrack: microphone.createStream(),
    metaData: { preferredLanguage: order.language },
    signalingBaseUrl,
  });
  const audioInput = earsFor(wrtc);
  meeting.on('participant-joined', (participant) => {
    if (order.hearsBot && isBotId(participant.id)) audioInput.attach(participant);
  });
  const joined = new Promise<void>((resolve) => meeting.on('meeting-joined', () => resolve()));
  await meeting.join();
  await joined;
  while (order.speaks && microphone.output !== 'live') await sleep(10);
  return { kind: 'joined' };
}

function tokenOf({ address, id: participantId }: ParticipantOrder & { kind: 'join' }): string {
  if ('token' in address) return address.token;
  const { apiKey, secret, roomId } = address;
  return createAccessToken({ apiKey, secret, roomId, participantId, expiresInSeconds: 3_600 });
}

/** The same wrtc, with every connection kept for its statistics. */
function watchConnections(wrtc: Wrtc): Wrtc {
  const Watched = function (configuration?: unknown): PeerConnection {
    const connection = new wrtc.RTCPeerConnection(configuration);
    connections.push(connection);
    return connection;
  };
  return {
    MediaStream: wrtc.MediaStream,
    MediaStreamTrack: wrtc.MediaStreamTrack,
    nonstandard: wrtc.nonstandard,
    RTCPeerConnection: Watched as unknown as Wrtc['RTCPeerConnection'],
  };
}

function earsFor(wrtc: Wrtc): AudioSubscriptions {
  const onset = new OnsetDetector();
  return new AudioSubscriptions(
    wrtc,
    systemClock,
    {
      onStarted: () => undefined,
      onStopped: () => undefined,
      onFrame: (_id, { samples, sampleRateHz }) => {
        if (onset.begins(samples, sampleRateHz))
          notify({ kind: 'mark', stage: 'heard', atMs: monotonicMs() } satisfies ParticipantReport);
        if (sampleRateHz === RATE_HZ) recorder?.hear(samples.subarray(0, FRAME_SAMPLES));
      },
      onProblem: () => undefined,
    },
    'everyone',
  );
}

async function compare(durationMs: number): Promise<ParticipantReport> {
  const before = await jitterBuffer();
  recorder = new Recorder(durationMs + MARGIN_MS);
  await recorder.full;
  const after = await jitterBuffer();
  const continuity = compareSignals(
    { samples: speechShapedNoise(durationMs), sampleRateHz: NOISE_RATE_HZ },
    { samples: recorder.samples, sampleRateHz: RATE_HZ },
  );
  if (continuity === undefined) throw new Error('the signal was not heard');
  return {
    kind: 'compared',
    continuity,
    jitterBuffer: {
      concealedMs: after.concealedMs - before.concealedMs,
      insertedMs: after.insertedMs - before.insertedMs,
      removedMs: after.removedMs - before.removedMs,
      packetsLost: after.packetsLost - before.packetsLost,
    },
  };
}

async function jitterBuffer(): Promise<JitterBuffer> {
  const sum = { concealedMs: 0, insertedMs: 0, removedMs: 0, packetsLost: 0 };
  for (const connection of connections) {
    if (connection.connectionState !== 'connected') continue;
    for (const [, report] of await connection.getStats()) {
      if (report.type !== 'inbound-rtp') continue;
      const stats = report as unknown as Record<string, number | undefined>;
      // Comfort noise between utterances is concealment, too, but silent.
      const concealed = (stats['concealedSamples'] ?? 0) - (stats['silentConcealedSamples'] ?? 0);
      sum.concealedMs += (concealed * 1000) / RATE_HZ;
      sum.insertedMs += ((stats['insertedSamplesForDeceleration'] ?? 0) * 1000) / RATE_HZ;
      sum.removedMs += ((stats['removedSamplesForAcceleration'] ?? 0) * 1000) / RATE_HZ;
      sum.packetsLost += stats['packetsLost'] ?? 0;
    }
  }
  return sum;
}

function readFixture(name: string): Int16Array<ArrayBuffer> {
  const { samples, sampleRateHz } = readWav(readFileSync(join(packageRoot(), 'fixtures', name)));
  const resampler = new StreamingResampler(sampleRateHz, RATE_HZ);
  const out = resampler.process(samples).slice();
  resampler.close();
  return out;
}

await loadResampler();
const monologue = readFixture('es-monologue.wav');
const phrase = readFixture('phrasebook/es/can-you-hear-me.wav');
const click = tone(1_000, 60, RATE_HZ);
const clickAndPhrase = new Int16Array(click.length + (PAUSE_AFTER_TONE_MS * RATE_HZ) / 1000 + phrase.length);
clickAndPhrase.set(click);
clickAndPhrase.set(phrase, clickAndPhrase.length - phrase.length);

followOrders(async (order: ParticipantOrder): Promise<ParticipantReport | undefined> => {
  switch (order.kind) {
    case 'join':
      return enter(order);
    case 'talk':
      speech.talk(monologue, order.offsetMs);
      return undefined;
    case 'hush':
      speech.hush();
      return undefined;
    case 'say':
      return new Promise((resolve) => {
        speech.say(clickAndPhrase, (startedAtMs, endedAtMs) =>
          resolve({ kind: 'said', startedAtMs, endedAtMs }),
        );
      });
    case 'compare':
      return compare(order.durationMs);
  }
});
