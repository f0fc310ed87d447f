// An interpreter in a room of your own: whatever takes audio in, gives audio out and carries text. node examples/own-room.mjs
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { EventEmitter, interpret, systemClock } from '@parley-interpreter/parley';
import { readWav } from '@parley-interpreter/parley/audio';
import { embedded } from '@parley-interpreter/parley/embedded';

class OwnRoom {
  events = new EventEmitter();
  state = { kind: 'idle' };
  capabilities = { directedData: false, keptData: false };
  participantId = 'parley-1';
  participants = new Map();
  join = async () => this.become({ kind: 'connected' });
  leave = async () => this.become({ kind: 'left', reason: { kind: 'asked', message: 'asked to leave' } });
  listen = (onAudio) => (this.onAudio = onAudio); // call it with each participant's frames
  publish = (source) => (this.voice = source); // call its pull(out, atMs) every 10 ms: 480 samples of 48 kHz
  send = async () => undefined; // captions for the participants' apps
  subscribe = () => () => undefined;
  become = (state) => this.events.emit('state', (this.state = state));
}

const room = new OwnRoom();
const bot = await interpret({ room, backend: await embedded(), settings: { languages: ['es', 'en'] } });
bot.events.on('caption', ({ final, speakerName, sourceText, translatedText }) => {
  if (final) console.log(`${speakerName}: ${sourceText} → ${translatedText}`);
});
const enter = (id, name, preferredLanguage) =>
  room.events.emit('participantJoined', { id, name, metadata: { preferredLanguage }, isBot: false });
enter('lucia', 'Lucía', 'es');
enter('emma', 'Emma', 'en');

const phrase = new URL('../fixtures/phrasebook/es/where-is-the-station.wav', import.meta.url);
const { samples, sampleRateHz } = readWav(readFileSync(phrase));
for (let at = 0; at < samples.length; at += sampleRateHz / 100) {
  const frame = { samples: samples.subarray(at, at + sampleRateHz / 100), sampleRateHz, channelCount: 1 };
  room.onAudio('lucia', frame, systemClock.nowMs());
  await wait(10);
}
await bot.stop({ drainMs: 10_000 });
