/** An interpreted meeting, its record as `parley join --record` keeps it, and what `parley export` makes of that. */
import { afterEach, expect, it } from 'vitest';
import { writeTranscript } from '../../../src/captions/transcript-formats.js';
import { parseRecord } from '../../../src/records/read-record.js';
import { lineOf } from '../../../src/records/folder-record.js';
import { MeetingWorld } from '../../meeting/meeting-world.js';

let world: MeetingWorld;
afterEach(() => world.close());

it('has every phrase once, by its speaker, with each translation whole and what became of it', async () => {
  const lines: string[] = [];
  world = await MeetingWorld.open(
    { voiceLanguages: ['en', 'es', 'de'] },
    {
      record: () =>
        Promise.resolve({
          write: (event) => lines.push(...[lineOf(event) ?? []].flat()),
          close: () => Promise.resolve(),
        }),
    },
  );
  world.join('ana', 'es');
  world.join('bob', 'en');
  const received: string[] = [];
  world.join('kim', 'de').subscribe('PARLEY_CAPTIONS_de', ({ payload }) => {
    if (payload['kind'] === 'notice') received.push(String(payload['translatedText']));
  });
  await world.say('ana', 'es', 'share-my-screen');
  await world.pass(1_500);
  await world.say('bob', 'en', 'repeat-more-slowly'); // over what is being spoken
  await world.pass(12_000);
  await world.whilePassing(world.bot.stop());

  expect(received).toHaveLength(1); // they were told that there is a record
  const { record, unreadableLines } = parseRecord(lines.join('\n'))!;
  expect(unreadableLines).toBe(0);
  const text = (language: string, phraseId: string) => world.rendering(language, phraseId).text;
  const transcript = JSON.parse(writeTranscript(record, 'json', undefined)) as {
    people: { id: string }[];
    speeches: {
      speakerName: string;
      said: object;
      translated: { language: string; text: string; mark?: string }[];
    }[];
  };
  expect(transcript.people.map(({ id }) => id)).toEqual(['ana', 'bob', 'kim']);
  const [screen, slowly, ...others] = transcript.speeches;
  expect(others).toEqual([]);
  expect(screen).toMatchObject({
    speakerName: 'Ana',
    said: { language: 'es', text: text('es', 'share-my-screen') },
  });
  expect(slowly).toMatchObject({
    speakerName: 'Bob',
    said: { language: 'en', text: text('en', 'repeat-more-slowly') },
  });
  const words = (speech: typeof screen) =>
    speech!.translated.map((each) => `${each.language} ${each.text}`).sort();
  expect(words(screen)).toEqual(['de', 'en'].map((to) => `${to} ${text(to, 'share-my-screen')}`));
  expect(words(slowly)).toEqual(['de', 'es'].map((to) => `${to} ${text(to, 'repeat-more-slowly')}`));
  // One voice speaks both languages: what was being spoken is cut, and what waited with it.
  expect(screen!.translated.map(({ mark }) => mark)).toEqual(['cut', 'cut']);
  expect(slowly!.translated.map(({ mark }) => mark)).toEqual([undefined, undefined]);
  const markdown = writeTranscript(record, 'md', undefined);
  expect(markdown).toContain('spoken only in part');
});
