/**
 * What a listener's jitter buffer makes of one stall of the sender's thread. Arguments: the stall in milliseconds, and how much
 * of it is caught up with by each of the tracks, in milliseconds, as `60,2000`. All tracks are of one process, so that the same
 * stall, and the same machine, meets each.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readWav } from '../../../audio/index.js';
import { systemClock } from '../../../src/clock.js';
import { packageRoot } from '../../../src/package-root.js';
import type { PeerConnection, SdkTrack, SessionDescription } from '../../../src/room/webrtc/wrtc-types.js';
import { AudioSourceTrack } from '../../../src/room/webrtc/audio-source-track.js';
import { withOpusSettings } from '../../../src/room/webrtc/opus.js';
import { PlayoutClock } from '../../../src/room/webrtc/playout-clock.js';
import { loadWrtc } from '../../../src/room/webrtc/wrtc.js';
import { sleep } from '../child-process.js';
import type { StallReport } from './messages.js';
import { followOrders, notify } from './orders.js';

/** Until the buffers have settled. */
const SETTLE_MS = 5_000;
/** What is measured: the second that begins so long after the stall. */
const AFTER_MS = 12_000;
const WINDOW_MS = 1_000;

/** The parts of a connection that two of them in one process need of each other. */
type Loopback = PeerConnection & {
  createOffer(): Promise<SessionDescription>;
  createAnswer(): Promise<SessionDescription>;
  addIceCandidate(candidate: object): Promise<void>;
  onicecandidate: ((event: { candidate: object | null }) => void) | null;
};
type Inbound = { type: string; jitterBufferDelay?: number; jitterBufferEmittedCount?: number };
type Listener = { delays(): Promise<{ delayS: number; emitted: number }> };

const wrtc = loadWrtc();

/** Publishes `speech` over and over through a clock that catches up with so much. */
async function publish(speech: Int16Array, maxCatchUpMs: number): Promise<Listener> {
  const [sender, receiver] = [new wrtc.RTCPeerConnection(), new wrtc.RTCPeerConnection()] as [
    Loopback,
    Loopback,
  ];
  sender.onicecandidate = ({ candidate }) => candidate !== null && void receiver.addIceCandidate(candidate);
  receiver.onicecandidate = ({ candidate }) => candidate !== null && void sender.addIceCandidate(candidate);
  const microphone = new AudioSourceTrack(wrtc, (error) => {
    throw error;
  });
  const [track] = microphone.createStream().getTracks() as [SdkTrack];
  sender.addTransceiver(track, { direction: 'sendonly' });
  await sender.setLocalDescription(await sender.createOffer());
  await receiver.setRemoteDescription(sender.localDescription!);
  await receiver.setLocalDescription(await receiver.createAnswer());
  const { type, sdp } = receiver.localDescription!;
  await sender.setRemoteDescription({ type, sdp: withOpusSettings(sdp) });
  while (sender.connectionState !== 'connected') await sleep(20);
  let at = 0;
  microphone.feedFrom({
    pull: (out) => {
      out.set(speech.subarray(at, at + out.length));
      at = (at + out.length) % (speech.length - out.length);
    },
  });
  microphone.output = 'live';
  new PlayoutClock(systemClock, { maxCatchUpMs }).add(microphone);
  return {
    delays: async () => {
      for (const [, report] of await receiver.getStats()) {
        const { jitterBufferDelay: delayS, jitterBufferEmittedCount: emitted } = report as Inbound;
        if (delayS !== undefined && emitted !== undefined && emitted > 0) return { delayS, emitted };
      }
      return { delayS: 0, emitted: 0 };
    },
  };
}

/** Mean delay in each listener's jitter buffer over the next second, in milliseconds. */
async function meanDelaysMs(listeners: readonly Listener[]): Promise<number[]> {
  const before = await Promise.all(listeners.map((listener) => listener.delays()));
  await sleep(WINDOW_MS);
  const after = await Promise.all(listeners.map((listener) => listener.delays()));
  return after.map(({ delayS, emitted }, n) => {
    const past = before[n]!;
    return ((delayS - past.delayS) / (emitted - past.emitted)) * 1_000;
  });
}

followOrders(() => undefined);
const [stallMs, catchUpMs] = [Number(process.argv[2]), process.argv[3]!.split(',').map(Number)];
const { samples } = readWav(await readFile(join(packageRoot(), 'fixtures', 'es-monologue.wav')));
const listeners: Listener[] = [];
for (const maxCatchUpMs of catchUpMs) listeners.push(await publish(samples, maxCatchUpMs));
await sleep(SETTLE_MS);
const beforeMs = await meanDelaysMs(listeners);
const untilMs = systemClock.nowMs() + stallMs;
while (systemClock.nowMs() < untilMs);
await sleep(AFTER_MS);
const afterMs = await meanDelaysMs(listeners);
notify({ kind: 'measured', beforeMs, afterMs } satisfies StallReport);
