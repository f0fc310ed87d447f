// Captions of one language on stdout, one line per finished caption.
// node examples/captions-of-one-language.mjs en
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { interpret, systemClock } from '@parley-interpreter/parley';
import { readWav } from '@parley-interpreter/parley/audio';
import { embedded } from '@parley-interpreter/parley/embedded';
import { FakeMeeting, MemoryRoom } from '@parley-interpreter/parley/testing';

const [language = 'en'] = process.argv.slice(2);
const meeting = new FakeMeeting({ clock: systemClock }); // in place of a real one, so that this runs anywhere
const room = new MemoryRoom({ meeting, participantId: 'parley-1', name: 'Parley' });
const bot = await interpret({ room, backend: await embedded(), settings: { languages: ['es', 'en'] } });

const printed = new Set(); // a caption that is final may be told again, with a mark
bot.events.on('caption', ({ kind, final, speakerName, ...caption }) => {
  if (kind !== 'speech' || !final || printed.has(caption.segmentId)) return;
  printed.add(caption.segmentId);
  if (caption.targetLanguage === language) console.log(`${speakerName}: ${caption.translatedText}`);
  else if (caption.sourceLanguage === language) console.log(`${speakerName}: ${caption.sourceText}`);
});
const lucia = meeting.enter({ id: 'lucia', name: 'Lucía', metadata: { preferredLanguage: 'es' } });
const emma = meeting.enter({ id: 'emma', name: 'Emma', metadata: { preferredLanguage: 'en' } });
const phrase = import.meta.resolve('@parley-interpreter/parley/phrasebook/es/where-is-the-station.wav');
const { samples, sampleRateHz } = readWav(readFileSync(new URL(phrase)));
lucia.say(samples, { sampleRateHz });
while (lucia.pendingMs > 0) await wait(100);
await bot.stop({ drainMs: 5_000 });
for (const person of [lucia, emma]) person.leave();
