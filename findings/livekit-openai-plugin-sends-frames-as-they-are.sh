#!/usr/bin/env bash
# RealtimeSession.pushAudio of LiveKit's plugin for OpenAI sends what it is given as 24 kHz, whatever the frame says: a second at
# 48 kHz arrives as two seconds, an octave too low (its `resampleAudio` hands the frame on). And it reads the frame's buffer from its
# first byte: of an Int16Array that is a part of a larger one, something else is sent than was pushed, without an error.
# Seen with @livekit/agents and @livekit/agents-plugin-openai 1.9.0, @livekit/rtc-node 0.13.34, Node 20.20, 2026-11-30.
# For whoever pushes frames of their own: resample to 24 kHz mono, and copy each frame (`samples.slice()`) first.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund @livekit/agents@1.9.0 @livekit/agents-plugin-openai@1.9.0 \
  @livekit/rtc-node@0.13.34 ws@8.18.3 zod@4.6.7
cat >run.mjs <<'JS'
import { initializeLogger } from '@livekit/agents';
import { realtime } from '@livekit/agents-plugin-openai';
import { AudioFrame } from '@livekit/rtc-node';
import { WebSocketServer } from 'ws';

console.log(`@livekit/agents-plugin-openai 1.9.0, Node ${process.version}`);
initializeLogger({ pretty: false, level: 'silent' });
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
await new Promise((resolve) => server.once('listening', resolve));
const received = []; // samples of each session, as 24 kHz mono
server.on('connection', (socket) => {
  const samples = [];
  received.push(samples);
  socket.send(JSON.stringify({ type: 'session.created', event_id: 'e1', session: { id: 's', object: 'realtime.session' } }));
  socket.on('message', (data) => {
    const { type, audio } = JSON.parse(String(data));
    if (type !== 'input_audio_buffer.append') return;
    const bytes = Buffer.from(audio, 'base64');
    for (let at = 0; at < bytes.length; at += 2) samples.push(bytes.readInt16LE(at));
  });
});
const model = new realtime.RealtimeModel({
  baseURL: `http://127.0.0.1:${server.address().port}/v1`,
  apiKey: 'none',
  model: 'gpt-realtime',
});
/** What the server has got of one frame, once it has `atLeast` samples. */
const sent = async (frame, atLeast) => {
  const session = model.session();
  const index = received.length;
  session.pushAudio(frame);
  for (let tries = 0; tries < 400 && (received[index]?.length ?? 0) < atLeast; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return received[index] ?? [];
};

const second = await sent(new AudioFrame(new Int16Array(48_000).fill(1000), 48_000, 1, 48_000), 48_000);
console.log(`pushed 1.0 s that says it is 48 kHz: the server got ${(second.length / 24_000).toFixed(1)} s`);

const whole = new Int16Array(4_800).fill(111, 0, 2_400).fill(222, 2_400);
const part = await sent(new AudioFrame(whole.subarray(2_400), 24_000, 1, 2_400), 2_400);
console.log(`pushed a frame of samples that are all 222: the server got ${[...new Set(part)].join(' and ')}`);

const asSeen = second.length === 48_000 && part.includes(111);
console.log(asSeen ? 'as seen before' : 'CHANGED');
process.exit(asSeen ? 0 : 1);
JS
timeout 90 node run.mjs
