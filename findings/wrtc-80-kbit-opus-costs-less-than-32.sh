#!/usr/bin/env bash
# An Opus voice that may take 80 kbit/s costs the sender about a third of the CPU of one that may take 32 (the default), on silence
# with DTX and on sound: from about 70 kbit/s on libopus leaves linear prediction away and uses its transform alone. 64 kbit/s costs
# as much as 32. Measured is thread AudioEncoder, from /proc: Linux only.
# Seen with @roamhq/wrtc 0.10.0 on Node 20.20, 2026-12-01.
# For whoever sends audio from a server by WebRTC, and has many connections on a core.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @roamhq/wrtc@0.10.0
cat >run.mjs <<'JS'
import { readdirSync, readFileSync } from 'node:fs';
import wrtc from '@roamhq/wrtc';

const FRAMES = 480;
const MEASURED_MS = 8_000;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** CPU time of the encoder's threads so far, in milliseconds. */
function encoderMs() {
  let ns = 0;
  for (const id of readdirSync('/proc/self/task')) {
    const of = (name) => readFileSync(`/proc/self/task/${id}/${name}`, 'utf8');
    if (of('comm').startsWith('AudioEncoder')) ns += Number(of('schedstat').split(' ')[0]);
  }
  return ns / 1e6;
}

/** Sends 10 ms frames of silence over a connection of this process to itself; resolves with the encoder's share of a core. */
async function percentAt(maxaveragebitrate) {
  const [sender, receiver] = [new wrtc.RTCPeerConnection(), new wrtc.RTCPeerConnection()];
  sender.onicecandidate = ({ candidate }) => candidate && receiver.addIceCandidate(candidate);
  receiver.onicecandidate = ({ candidate }) => candidate && sender.addIceCandidate(candidate);
  const source = new wrtc.nonstandard.RTCAudioSource();
  sender.addTransceiver(source.createTrack(), { direction: 'sendonly' });
  await sender.setLocalDescription(await sender.createOffer());
  await receiver.setRemoteDescription(sender.localDescription);
  await receiver.setLocalDescription(await receiver.createAnswer());
  const asked = `a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1;maxaveragebitrate=${maxaveragebitrate}`;
  const sdp = receiver.localDescription.sdp.replace(/^a=fmtp:111 .*$/m, asked);
  await sender.setRemoteDescription({ type: 'answer', sdp });
  while (sender.connectionState !== 'connected') await wait(50);
  const frame = {
    ...{ samples: new Int16Array(FRAMES), sampleRate: 48_000, bitsPerSample: 16 },
    ...{ channelCount: 1, numberOfFrames: FRAMES },
  };
  const startedMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    for (; sent * 10 < performance.now() - startedMs; sent++) source.onData(frame);
  }, 10);
  await wait(1_500);
  const [beforeMs, fromMs] = [encoderMs(), performance.now()];
  await wait(MEASURED_MS);
  const percent = ((encoderMs() - beforeMs) * 100) / (performance.now() - fromMs);
  clearInterval(timer);
  console.log(`maxaveragebitrate=${maxaveragebitrate}: the encoder takes ${percent.toFixed(2)} % of a core`);
  sender.close();
  receiver.close();
  await wait(200);
  return percent;
}

console.log(`@roamhq/wrtc 0.10.0, Node ${process.version}`);
const [at32, at64, at80] = [await percentAt(32_000), await percentAt(64_000), await percentAt(80_000)];
const asSeen = at80 < 0.6 * at32 && at64 > 0.8 * at32;
console.log(asSeen ? 'the higher bitrate costs less: as seen before' : 'CHANGED');
process.exit(asSeen ? 0 : 1);
JS
node run.mjs
