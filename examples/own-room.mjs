// An interpreter in a room of your own: whatever takes audio in, gives audio out and carries text can be one.
// node examples/own-room.mjs
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
  leave = async () =>
    this.become({ kind: 'left', reason: { kind: 'asked', message: 'it was asked to leave' } });
  listen = (onAudio) => (this.onAudio = onAudio); // call it with each participant's frames
  publish = (source) => (this.voice = source); // call its pull(out, atMs) every 10 ms: 480 samples at 48 kHz
  send = async () => {}; // captions for the participants' apps
  subscribe = () => () => {};
  become(state) {
    this.state = state;
    this.events.emit('state', state);
  }
  enter(id, name, preferredLanguage) {
    const participant = { id, name, metadata: { preferredLanguage }, isBot: false };
    this.participants.set(id, participant);
    this.events.emit('participantJoined', participant);
  }
}

const room = new OwnRoom();
const bot = await interpret({ room, backend: await embedded(), settings: { languages: ['es', 'en'] } });
room.enter('lucia', 'Lucía', 'es');
room.enter('emma', 'Emma', 'en');

const file = new URL('../fixtures/phrasebook/es/where-is-the-station.wav', import.meta.url);
const { samples, sampleRateHz } = readWav(readFileSync(file));
for (let at = 0; at < samples.length; at += sampleRateHz / 100) {
  const frame = { samples: samples.subarray(at, at + sampleRateHz / 100), sampleRateHz, channelCount: 1 };
  room.onAudio('lucia', frame, systemClock.nowMs());
  await wait(10);
}
bot.events.on('caption', ({ speakerName, sourceText, translatedText }) =>
  console.log(speakerName, sourceText, translatedText),
);
await bot.stop({ drainMs: 5_000 });
