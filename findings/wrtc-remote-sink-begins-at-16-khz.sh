#!/usr/bin/env bash
# A sink on a remote track of wrtc begins at once, at 16 kHz: 160 zero samples every 10 ms, until the first packet arrives;
# from then on frames have 48 kHz and 480 samples. Whoever fixes the rate at the first frame (a WAV header, a resampler) plays
# all that follows three times too slow.
# Seen with @roamhq/wrtc 0.10.0 on Node 20.20 (linux x64), 2026-11-30.
# For recorders and transcribers of calls: take the rate of each frame.
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
here.addTrack(source.createTrack());

/** Runs of frames that are alike: rate, samples, whether anything sounds. */
const runs = [];
let remote;
let sink;
there.ontrack = ({ track }) => {
  remote = track;
  sink = new RTCAudioSink(track);
  sink.ondata = ({ samples, sampleRate }) => {
    const key = `${sampleRate} Hz, ${samples.length} samples`;
    if (runs.at(-1)?.key !== key) runs.push({ key, frames: 0, sounds: false });
    runs.at(-1).frames++;
    runs.at(-1).sounds ||= samples.some((sample) => sample !== 0);
  };
};
await here.setLocalDescription(await here.createOffer());
await there.setRemoteDescription(here.localDescription);
await there.setLocalDescription(await there.createAnswer());
await here.setRemoteDescription(there.localDescription);
await wait(1_500); // connected, and nothing is said
const silentRuns = runs.length;

const samples = Int16Array.from({ length: 480 }, (_, i) => 12_000 * Math.sin((2 * Math.PI * i) / 48));
const startMs = performance.now();
let sent = 0;
const timer = setInterval(() => {
  for (; sent < (performance.now() - startMs) / 10; sent++) {
    source.onData({ samples, sampleRate: 48_000, bitsPerSample: 16, channelCount: 1, numberOfFrames: 480 });
  }
}, 5);
await wait(2_000);
let later;
const second = new RTCAudioSink(remote);
second.ondata = ({ sampleRate }) => (later ??= sampleRate);
await wait(300);
clearInterval(timer);
second.stop();
sink.stop();

console.log(`@roamhq/wrtc 0.10.0, Node ${process.version}`);
for (const { key, frames, sounds } of runs) console.log(`${frames} frames of ${key}: ${sounds ? 'sound' : 'zeros'}`);
console.log(`a sink that is made after the first packet begins at ${later} Hz`);
const [first, then] = runs;
const asSeen =
  silentRuns === 1 && runs.length === 2 && first.key === '16000 Hz, 160 samples' && !first.sounds && first.frames > 50 &&
  then.key === '48000 Hz, 480 samples' && then.sounds && later === 48_000;
console.log(asSeen ? 'as seen before' : 'CHANGED');
process.exit(asSeen ? 0 : 1);
JS
timeout 60 node run.mjs
