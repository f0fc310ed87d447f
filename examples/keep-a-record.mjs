// Keeps a meeting in writing and exports it as Markdown. Everyone in the meeting is told that it is kept.
// node examples/keep-a-record.mjs records
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { interpret, readRecord, recordIn, systemClock, writeTranscript } from '@parley-interpreter/parley';
import { readWav } from '@parley-interpreter/parley/audio';
import { embedded } from '@parley-interpreter/parley/embedded';
import { FakeMeeting, MemoryRoom } from '@parley-interpreter/parley/testing';

const [folder = 'records'] = process.argv.slice(2);
const meeting = new FakeMeeting({ clock: systemClock }); // in place of a real one, so that this runs anywhere
const room = new MemoryRoom({ meeting, participantId: 'parley-1', name: 'Parley' });
let path;
const record = async (about) => {
  const begun = await recordIn(folder)(about);
  path = begun.path;
  return begun;
};
const bot = await interpret({
  room,
  backend: await embedded(),
  settings: { languages: ['es', 'en'] },
  record,
});

const lucia = meeting.enter({ id: 'lucia', name: 'Lucía', metadata: { preferredLanguage: 'es' } });
const emma = meeting.enter({ id: 'emma', name: 'Emma', metadata: { preferredLanguage: 'en' } });
const phrase = import.meta.resolve('@parley-interpreter/parley/phrasebook/es/where-is-the-station.wav');
const { samples, sampleRateHz } = readWav(readFileSync(new URL(phrase)));
lucia.say(samples, { sampleRateHz });
while (lucia.pendingMs > 0) await wait(100);
await bot.stop({ drainMs: 10_000 });
for (const person of [lucia, emma]) person.leave();

const { record: kept } = await readRecord(path);
console.log(writeTranscript(kept, 'md'));
