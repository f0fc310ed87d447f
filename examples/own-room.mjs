// An interpreter in a room of your own: whatever takes audio in, gives audio out and carries text. node examples/own-room.mjs
import { readFileSync } from 'node:fs';
import { EventEmitter, interpret, systemClock } from '@parley-interpreter/parley';
import { readWav } from '@parley-interpreter/parley/audio';
import { embedded } from '@parley-interpreter/parley/embedded';

const out = new Int16Array(480); // what the interpreter says: 10 ms of 48 kHz mono
class OwnRoom {
  events = new EventEmitter();
  state = { kind: 'idle' };
  capabilities = { directedData: false, keptData: false };
  participantId = 'parley-1';
  participants = new Map();
  join = async () => this.become({ kind: 'connected' });
  leave = async () => this.become({ kind: 'left', reason: { kind: 'asked', message: 'asked to leave' } });
  listen = (onAudio) => (this.onAudio = onAudio); // call it with each participant's frames
  publish = (source) => setInterval(() => source.pull(out, systemClock.nowMs()), 10).unref();
  send = async () => undefined; // captions for the participants' apps
  subscribe = () => () => undefined; // requests of those apps, for a language
  become = (state) => this.events.emit('state', (this.state = state));
}

const room = new OwnRoom();
const bot = await interpret({ room, backend: await embedded(), settings: { languages: ['es', 'en'] } });
bot.events.on('caption', ({ kind, final, speakerName, sourceText, translatedText }) => {
  if (kind === 'speech' && final) console.log(`${speakerName}: ${sourceText} → ${translatedText}`);
});
const enter = (id, name, preferredLanguage) =>
  room.events.emit('participantJoined', { id, name, metadata: { preferredLanguage }, isBot: false });
enter('lucia', 'Lucía', 'es');
enter('emma', 'Emma', 'en');

const phrase = import.meta.resolve('@parley-interpreter/parley/phrasebook/es/where-is-the-station.wav');
const { samples, sampleRateHz } = readWav(readFileSync(new URL(phrase)));
const startMs = systemClock.nowMs() - (samples.length / sampleRateHz) * 1000; // a recording may come at once
for (let at = 0; at < samples.length; at += sampleRateHz / 100) {
  const frame = { samples: samples.subarray(at, at + sampleRateHz / 100), sampleRateHz, channelCount: 1 };
  room.onAudio('lucia', frame, startMs + (at / sampleRateHz) * 1000);
}
await bot.stop({ drainMs: 10_000 });
