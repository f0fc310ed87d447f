// A glossary that changes in the middle of a meeting: the next words are interpreted by it, and no audio restarts.
// node examples/change-the-glossary.mjs
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { interpret, systemClock } from '@parley-interpreter/parley';
import { readWav } from '@parley-interpreter/parley/audio';
import { embedded } from '@parley-interpreter/parley/embedded';
import { FakeMeeting, MemoryRoom } from '@parley-interpreter/parley/testing';

const meeting = new FakeMeeting({ clock: systemClock }); // in place of a real one, so that this runs anywhere
const room = new MemoryRoom({ meeting, participantId: 'parley-1', name: 'Parley' });
const settings = { languages: ['es', 'en'], glossary: { 'es>en': { acta: 'record' } } };
const bot = await interpret({ room, backend: await embedded(), settings, explain: true });
bot.events.on('instructions', ({ text }) => {
  console.log(text.split('\n').find((line) => line.includes('acta'))); // what the model is told of the term
});

const lucia = meeting.enter({ id: 'lucia', name: 'Lucía', metadata: { preferredLanguage: 'es' } });
const emma = meeting.enter({ id: 'emma', name: 'Emma', metadata: { preferredLanguage: 'en' } });
const phrase = import.meta.resolve('@parley-interpreter/parley/phrasebook/es/where-is-the-station.wav');
const { samples, sampleRateHz } = readWav(readFileSync(new URL(phrase)));
lucia.say(samples, { sampleRateHz });
while (lucia.pendingMs > 0) await wait(100);

const report = await bot.update({ glossary: { 'es>en': { acta: 'minutes' } } });
console.log(`glossary: ${report.glossary}`);
await bot.stop({ drainMs: 5_000 });
for (const person of [lucia, emma]) person.leave();
