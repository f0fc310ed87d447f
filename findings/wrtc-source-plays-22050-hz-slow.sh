#!/usr/bin/env bash
# RTCAudioSource of wrtc takes 22.05 and 11.025 kHz without complaint and plays them 0.23 % too slow and too low: its frames
# are 10 ms of whole samples (220 of 220.5), and what is sent counts as 10 ms. Sound falls behind by 136 ms a minute.
# 44.1 kHz is right. A frame of 221 samples is refused, so that no caller can make up for it: resample before.
# Seen with @roamhq/wrtc 0.10.0 on Node 20.20 (linux x64), 2026-11-30.
# For whoever feeds text-to-speech at 22.05 kHz into a call.
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

/** A call in this process: a 1 kHz tone made of `rateHz` samples goes in; the frequency that comes out. */
async function heardHz(rateHz) {
  const [here, there] = [new wrtc.RTCPeerConnection(), new wrtc.RTCPeerConnection()];
  here.onicecandidate = ({ candidate }) => candidate && there.addIceCandidate(candidate);
  there.onicecandidate = ({ candidate }) => candidate && here.addIceCandidate(candidate);
  const source = new RTCAudioSource();
  here.addTrack(source.createTrack());
  let heard = [];
  let sink;
  there.ontrack = ({ track }) => {
    sink = new RTCAudioSink(track);
    sink.ondata = ({ samples, sampleRate }) => sampleRate === 48_000 && heard.push(samples.slice());
  };
  await here.setLocalDescription(await here.createOffer());
  await there.setRemoteDescription(here.localDescription);
  await there.setLocalDescription(await there.createAnswer());
  await here.setRemoteDescription(there.localDescription);
  const count = Math.floor(rateHz / 100);
  const startMs = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    for (; sent < (performance.now() - startMs) / 10; sent++) {
      const samples = Int16Array.from({ length: count }, (_, i) =>
        12_000 * Math.sin((2 * Math.PI * 1_000 * (sent * count + i)) / rateHz),
      );
      source.onData({ samples, sampleRate: rateHz, bitsPerSample: 16, channelCount: 1, numberOfFrames: count });
    }
  }, 5);
  await wait(4_000);
  heard = [];
  await wait(4_000);
  clearInterval(timer);
  sink.stop();
  here.close();
  there.close();
  // The median distance of rising zero crossings over 100 periods: a hole in the sound moves a few of them, not the middle.
  const all = heard.flatMap((frame) => [...frame]);
  const crossings = [];
  for (let i = 1; i < all.length; i++) {
    if (all[i - 1] < 0 && all[i] >= 0) crossings.push(i - 1 - all[i - 1] / (all[i] - all[i - 1]));
  }
  const spans = crossings.slice(100).map((at, i) => at - crossings[i]).sort((a, b) => a - b);
  return (48_000 * 100) / spans[spans.length >> 1];
}

console.log(`@roamhq/wrtc 0.10.0, Node ${process.version}`);
const results = [];
for (const rateHz of [48_000, 44_100, 22_050, 11_025]) {
  const hz = await heardHz(rateHz);
  results.push(hz);
  console.log(`1000 Hz as ${rateHz} Hz samples is heard as ${hz.toFixed(2)} Hz`);
}
const near = (hz, wanted) => Math.abs(hz - wanted) < 0.3;
const asSeen = [1000, 1000, 997.73, 997.73].every((wanted, i) => near(results[i], wanted));
console.log(asSeen ? 'as seen before' : 'CHANGED');
process.exit(asSeen ? 0 : 1);
JS
timeout 120 node run.mjs
