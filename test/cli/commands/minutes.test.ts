import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cli } from '../run-cli.js';

const folder = mkdtempSync(join(tmpdir(), 'parley-minutes-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));
const record = join(folder, 'meeting.jsonl');
const line = (event: object): string => JSON.stringify({ v: 1, atMs: 0, ...event });
writeFileSync(
  record,
  [
    line({
      type: 'started',
      time: '2026-03-02T10:00:00.000Z',
      meetingId: 'weekly',
      participantId: 'p',
      name: 'Parley',
      place: 'x',
      interpreter: 'y',
    }),
    line({ type: 'joined', person: { id: 'ana', name: 'Ana', isBot: false, speaks: ['es'] } }),
    line({
      ...{
        type: 'caption',
        kind: 'speech',
        segmentId: 's1',
        turnId: 't1',
        part: 0,
        speakerId: 'ana',
        speakerName: 'Ana',
      },
      ...{
        sourceLanguage: 'es',
        targetLanguage: 'en',
        sourceText: 'Hemos decidido esperar.',
        translatedText: 'We have decided to wait.',
      },
      ...{ original: true, final: true, startMs: 60_000, endMs: 62_000 },
    }),
  ].join('\n'),
);

it('writes minutes as Markdown, in the language that most was translated into', async () => {
  expect(await cli(['minutes', record])).toEqual({
    exitCode: 0,
    err: '',
    out: [
      '# Minutes: weekly\n',
      '2026-03-02T10:00:00.000Z\n',
      '## Decisions\n\n- We have decided to wait.\n  - 00:01:00 Ana: We have decided to wait.\n',
      '## Tasks\n\nnone\n',
      '## Open questions\n\nnone\n',
      '## Who spoke how long\n\n- Ana: 00:00:02\n',
    ].join('\n'),
  });
});

it('as JSON, in another language, into a file', async () => {
  const out = join(folder, 'minutes.json');
  expect(
    await cli(['minutes', record, '--language', 'Spanish', '--format', 'json', '--out', out]),
  ).toMatchObject({ exitCode: 0 });
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({
    ...{ v: 1, language: 'es', madeBy: 'extract' },
    decisions: [{ text: 'Hemos decidido esperar.', places: [{ segment: 's1', atMs: 60_000 }] }],
  });
});

it('says what is missing', async () => {
  expect(await cli(['minutes', record, '--live'])).toMatchObject({
    exitCode: 77,
    err: 'parley: --live needs a key: set OPENAI_API_KEY in the environment\n',
  });
  expect(await cli(['minutes', join(folder, 'absent')])).toMatchObject({ exitCode: 66 });
});
