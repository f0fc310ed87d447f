#!/usr/bin/env bash
# Ogg files may simply be joined (chained streams, RFC 3533 section 4). ffmpeg reads the second one only if it has the codec of
# the first: of Opus with Vorbis or FLAC behind it only the Opus is read, and the exit status is 0. The other way round too.
# Seen with @ffmpeg/core 0.12.10 (FFmpeg 5.1.4) on Node 20.20, 2026-12-01.
# For whoever reads radio streams, or what recorders joined, with ffmpeg and trusts its exit status.
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
  let said = [];
  core.setLogger(({ message }) => {
    version ||= /^ffmpeg version \S+/.exec(message)?.[0] ?? '';
    said.push(message);
  });
  const run = (...args) => {
    said = [];
    return core.exec('-y', ...args);
  };
  const tone = (rate, channels, codec, file) => {
    const source = `sine=f=440:r=${rate}:d=2`;
    if (run('-f', 'lavfi', '-i', source, '-ac', String(channels), '-c:a', codec, file) !== 0) throw new Error(file);
    return core.FS.readFile(file).slice();
  };
  const opus = tone(48_000, 1, 'libopus', 'a.ogg');
  const vorbis = tone(48_000, 1, 'libvorbis', 'b.ogg');
  const flac = tone(48_000, 1, 'flac', 'c.ogg');
  const decoded = (...parts) => {
    core.FS.writeFile('joined.ogg', Buffer.concat(parts));
    const status = run('-i', 'joined.ogg', '-ar', '48000', '-ac', '1', '-f', 's16le', 'out.raw');
    const lost = said.some((line) => line.includes('failed to create or replace stream'));
    return { status, lost, seconds: core.FS.readFile('out.raw').length / 2 / 48_000 };
  };
  console.log(`@ffmpeg/core 0.12.10, ${version}, Node ${process.version}`);
  const cases = { 'Opus, Opus': [opus, opus], 'Opus, Vorbis': [opus, vorbis], 'Opus, FLAC': [opus, flac], 'FLAC, Opus': [flac, opus] };
  const seen = Object.entries(cases).map(([name, parts]) => {
    const found = decoded(...parts);
    console.log(`2 s each of ${name}:`, found);
    return found.status === 0 && (name === 'Opus, Opus' ? found.seconds > 3.9 : found.lost && found.seconds < 2.1);
  });
  const asSeen = seen.every(Boolean);
  console.log(asSeen ? 'as seen before' : 'CHANGED');
  process.exit(asSeen ? 0 : 1);
});
JS
node run.cjs
