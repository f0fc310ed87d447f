#!/usr/bin/env bash
# The filter that is usually advised to keep a recording's gaps, aresample=async=1:first_pts=0, moves every ordinary WebM:
# Opus in WebM begins 7 ms before zero by rounding, and the filter fills 7 ms of silence in front. Without it the sound
# stands where it was said, to the sample.
# Seen with @ffmpeg/core 0.12.10 (FFmpeg 5.1.4) on Node 20.20, 2026-11-30.
# For whoever takes sample positions of decoded recordings for times: captions, diarization, alignment.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @ffmpeg/core@0.12.10
cat >run.cjs <<'JS'
const { readFileSync } = require('node:fs');
globalThis.self = { location: { href: '' } }; // the core is built for web workers
const corePath = require.resolve('@ffmpeg/core');
const wasmBinary = readFileSync(corePath.replace(/\.js$/, '.wasm'));

require(corePath)({ wasmBinary }).then((core) => {
  let version = '';
  core.setLogger(({ message }) => (version ||= /^ffmpeg version \S+/.exec(message)?.[0] ?? ''));
  const run = (...args) => {
    if (core.exec('-y', ...args) !== 0) throw new Error(`ffmpeg ${args.join(' ')} failed`);
  };
  // Two seconds of silence with a 1 kHz burst that begins at 0.5 s.
  const sound = new Int16Array(96_000);
  for (let i = 0; i < 480; i++) sound[24_000 + i] = 20_000 * Math.sin((2 * Math.PI * i) / 48);
  core.FS.writeFile('in.raw', new Uint8Array(sound.buffer));
  run('-f', 's16le', '-ar', '48000', '-ac', '1', '-i', 'in.raw', '-c:a', 'libopus', 'sound.webm');
  const burstAt = (...filter) => {
    run('-i', 'sound.webm', ...filter, '-f', 's16le', 'out.raw');
    return new Int16Array(core.FS.readFile('out.raw').slice().buffer).findIndex((value) => Math.abs(value) > 3_000);
  };
  const plain = burstAt();
  const filtered = burstAt('-af', 'aresample=async=1:first_pts=0');
  console.log(`@ffmpeg/core 0.12.10, ${version}, Node ${process.version}`);
  console.log(`burst put at sample 24000; decoded plainly ${plain}, with the filter ${filtered}`);
  console.log(`the filter adds ${((filtered - plain) / 48).toFixed(1)} ms`);
  const asSeen = Math.abs(plain - 24_000) <= 5 && filtered - plain === 336;
  console.log(asSeen ? 'as seen before' : 'CHANGED');
  process.exit(asSeen ? 0 : 1);
});
JS
node run.cjs
