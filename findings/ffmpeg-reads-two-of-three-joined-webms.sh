#!/usr/bin/env bash
# Recorders that are stopped and started again leave WebMs one behind the other in one file. FFmpeg reads the first two of
# them and no more, ends with exit code 0, and says of four what it says of two (that timestamps go back): nothing tells
# that half is missing. A test with two joined files finds nothing wrong.
# Seen with @ffmpeg/core 0.12.10 (FFmpeg 5.1.4) on Node 20.20, 2026-11-30.
# For whoever converts or transcribes what browsers upload in pieces.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @ffmpeg/core@0.12.10
cat >joined.cjs <<'JS'
const { readFileSync } = require('node:fs');
globalThis.self = { location: { href: '' } }; // the core expects a web worker
const core = require.resolve('@ffmpeg/core');

require(core)({ wasmBinary: readFileSync(core.replace(/\.js$/, '.wasm')) }).then((ffmpeg) => {
  const said = [];
  ffmpeg.setLogger(({ message }) => said.push(message));
  const rateHz = 48_000;
  const tone = (hz) => Int16Array.from({ length: rateHz }, (_, i) => 12_000 * Math.sin((2 * Math.PI * hz * i) / rateHz));
  const webmOf = (hz) => {
    ffmpeg.FS.writeFile('tone.raw', new Uint8Array(tone(hz).buffer));
    const code = ffmpeg.exec('-y', '-f', 's16le', '-ar', `${rateHz}`, '-ac', '1', '-i', 'tone.raw', '-c:a', 'libopus', 'tone.webm');
    if (code !== 0) throw new Error(said.join('\n'));
    return Buffer.from(ffmpeg.FS.readFile('tone.webm'));
  };
  const recordings = [300, 700, 1_900, 3_100].map(webmOf);
  const secondsOf = (count) => {
    ffmpeg.FS.writeFile('joined.webm', Buffer.concat(recordings.slice(0, count)));
    said.length = 0;
    const code = ffmpeg.exec('-y', '-i', 'joined.webm', '-f', 's16le', 'out.raw');
    const complaints = said.filter((line) => /error|invalid|corrupt|truncat|partial|unsupported/i.test(line));
    const kinds = new Set(complaints.map((line) => line.replace(/^\[[^\]]*\] |\d+/g, '')));
    return { count, code, seconds: ffmpeg.FS.readFile('out.raw').length / 2 / rateHz, kinds: [...kinds].join('; ') };
  };
  const results = [1, 2, 3, 4].map(secondsOf);
  ffmpeg.exec('-version');
  console.log(`@ffmpeg/core 0.12.10, ${/ffmpeg version \S+/.exec(said.join('\n'))?.[0]}, Node ${process.version}`);
  for (const { count, code, seconds, kinds } of results)
    console.log(`${count} of 1 s: ${seconds.toFixed(2)} s read, exit code ${code}, complaints: ${kinds || 'none'}`);
  const asSeen = results.every(
    ({ count, code, seconds, kinds }) =>
      code === 0 && Math.round(seconds) === Math.min(count, 2) && (count < 2 || kinds === results[1].kinds),
  );
  console.log(asSeen ? 'as seen before' : 'CHANGED');
  process.exit(asSeen ? 0 : 1);
});
JS
node joined.cjs
