#!/usr/bin/env bash
# An MP3 that ffmpeg cuts without encoding (-ss … -c copy), or takes out of Matroska, loses about 80 ms of sound wherever it
# is played: the copy carries a new header that claims an encoder delay thousands of samples too long, and players drop as much.
# Seen with @ffmpeg/core 0.12.10 (FFmpeg 5.1.4, libmp3lame) on Node 20.20, 2026-11-30.
# For whoever splits or remuxes call recordings "losslessly" and then measures times in them.
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

require(corePath)({ wasmBinary: readFileSync(corePath.replace(/\.js$/, '.wasm')) }).then((core) => {
  core.setLogger(() => {});
  const run = (...args) => {
    if (core.exec('-y', ...args) !== 0) throw new Error(`ffmpeg ${args.join(' ')} failed`);
  };
  /** First loud sample of a file, and how many samples it decodes to. */
  const look = (name, ...options) => {
    run(...options, '-i', name, '-f', 's16le', 'out.raw');
    const samples = new Int16Array(core.FS.readFile('out.raw').slice().buffer);
    return { length: samples.length, onset: samples.findIndex((value) => Math.abs(value) > 3_000) };
  };
  // Two seconds at 48 kHz with a 1 kHz burst at 0.5 s, as MP3 of 64 kbit/s.
  const sound = new Int16Array(96_000);
  for (let i = 0; i < 480; i++) sound[24_000 + i] = 20_000 * Math.sin((2 * Math.PI * i) / 48);
  core.FS.writeFile('in.raw', new Uint8Array(sound.buffer));
  run('-f', 's16le', '-ar', '48000', '-ac', '1', '-i', 'in.raw', '-c:a', 'libmp3lame', '-b:a', '64k', 'whole.mp3');
  run('-i', 'whole.mp3', '-c', 'copy', 'sound.mkv');
  run('-i', 'sound.mkv', '-c', 'copy', 'back.mp3');
  run('-ss', '0.2', '-i', 'whole.mp3', '-c', 'copy', 'cut.mp3');
  const whole = look('whole.mp3');
  const back = look('back.mp3');
  const cut = look('cut.mp3');
  const cutWithoutSkip = look('cut.mp3', '-flags2', '+skip_manual');
  const ms = (samples) => `${(samples / 48).toFixed(1)} ms`;
  console.log(`@ffmpeg/core 0.12.10, Node ${process.version}`);
  console.log(`the file itself: ${ms(whole.length)}, burst at ${ms(whole.onset)}`);
  console.log(`through Matroska and back: ${ms(back.length)}, burst at ${ms(back.onset)}`);
  console.log(`cut at 200 ms: ${ms(cut.length)}, burst at ${ms(cut.onset)} where 300 ms is right`);
  console.log(`the same, its delay ignored: ${ms(cutWithoutSkip.length)}, burst at ${ms(cutWithoutSkip.onset)}`);
  const lostMs = (whole.onset - back.onset) / 48;
  const asSeen =
    Math.abs(whole.onset - 24_000) <= 5 && lostMs > 55 && lostMs < 90 && cutWithoutSkip.length - cut.length > 3_500;
  console.log(asSeen ? 'as seen before' : 'CHANGED');
  process.exit(asSeen ? 0 : 1);
});
JS
node run.cjs
