#!/usr/bin/env bash
# In wrtc a local audio track that was stopped is ended only by name: what its RTCAudioSource is fed goes on to the far end,
# at full level. In a browser stop() silences it for good. enabled = false on the stopped track does nothing either;
# replaceTrack(null) does.
# Seen with @roamhq/wrtc 0.10.0 on Node 20.20 (linux x64), 2026-11-30.
# For bots that take stop() for a mute: their microphone stays open.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @roamhq/wrtc@0.10.0
cat >run.mjs <<'JS'
import wrtc from '@roamhq/wrtc';

const { RTCAudioSink, RTCAudioSource } = wrtc.nonstandard;
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const [here, there] = [new wrtc.RTCPeerConnection(), new wrtc.RTCPeerConnection()];
here.onicecandidate = ({ candidate }) => candidate && there.addIceCandidate(candidate);
there.onicecandidate = ({ candidate }) => candidate && here.addIceCandidate(candidate);
const source = new RTCAudioSource();
const track = source.createTrack();
const sender = here.addTrack(track);
let heard = [];
there.ontrack = (event) => {
  new RTCAudioSink(event.track).ondata = ({ samples }) => heard.push(samples.slice());
};
await here.setLocalDescription(await here.createOffer());
await there.setRemoteDescription(here.localDescription);
await there.setLocalDescription(await there.createAnswer());
await here.setRemoteDescription(there.localDescription);

const startMs = performance.now();
let sent = 0;
setInterval(() => {
  for (; sent < (performance.now() - startMs) / 10; sent++) {
    const samples = Int16Array.from({ length: 480 }, (_, i) => 12_000 * Math.sin((2 * Math.PI * 440 * (sent * 480 + i)) / 48_000));
    source.onData({ samples, sampleRate: 48_000, bitsPerSample: 16, channelCount: 1, numberOfFrames: 480 });
  }
}, 5);

/** RMS of what the far end gets in a second, after `settleMs`. */
async function levelAfter(settleMs) {
  await wait(settleMs);
  heard = [];
  await wait(1_000);
  const all = heard.flatMap((frame) => [...frame]);
  return Math.round(Math.sqrt(all.reduce((sum, value) => sum + value * value, 0) / all.length));
}

console.log(`@roamhq/wrtc 0.10.0, Node ${process.version}`);
const live = await levelAfter(3_000);
console.log(`track ${track.readyState}: RMS ${live}`);
track.stop();
const stopped = await levelAfter(2_000);
console.log(`after stop(), track ${track.readyState}: RMS ${stopped}`);
track.enabled = false;
const disabled = await levelAfter(2_000);
console.log(`after enabled = false as well: RMS ${disabled}`);
await sender.replaceTrack(null);
const replaced = await levelAfter(2_000);
console.log(`after replaceTrack(null): RMS ${replaced}`);
const asSeen =
  track.readyState === 'ended' && live > 7_500 && stopped > 7_500 && disabled > 7_500 && replaced < 100;
console.log(asSeen ? 'as seen before' : 'CHANGED');
process.exit(asSeen ? 0 : 1);
JS
timeout 60 node run.mjs
