import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { meetingDocumentSchema, type MeetingDocument } from '../../../src/replay/meeting/document.js';
import { parseScenario } from '../../../src/replay/meeting/scenario.js';
import { loadBook } from '../../local/phrasebook/book.js';
import { filesIn, MEETINGS, replayed, soundBeyond, understood } from './replayed.js';

const BUSY_LOOP = 'for (let n = 0; ; n++) if (n < 0) break;';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-meetings-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** What the scripts say: who, which phrase, from which language, in the order of time. */
function scripted(meeting: string): { speakerId: string; phraseId: string; from: string }[] {
  const { people } = parseScenario(readFileSync(join(MEETINGS, meeting, 'meeting.json'), 'utf8'), meeting);
  return people
    .flatMap(({ id, script }) =>
      script.flatMap((step) =>
        step.do !== 'say'
          ? []
          : [step.recording].flat().flatMap((part) => {
              const [, from, phraseId] = /phrasebook\/(\w+)\/([\w-]+)\.wav$/.exec(String(part)) ?? [];
              return from === undefined
                ? []
                : [{ atMs: step.atMs, speakerId: id, phraseId: phraseId!, from }];
            }),
      ),
    )
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ speakerId, phraseId, from }) => ({ speakerId, phraseId, from }));
}

/** Every phrase of the document that was translated, as `speaker language: text > language: text`. */
async function expectWhole(document: MeetingDocument, meeting: string): Promise<void> {
  const book = await loadBook();
  const languages = new Set(document.people.flatMap(({ prefers }) => prefers ?? []));
  const expected = scripted(meeting).map(({ speakerId, phraseId, from }) => ({
    speakerId,
    sourceText: book.get(phraseId)!.get(from)!.text,
    sourceLanguage: from,
    translations: [...languages]
      .filter((to) => to !== from)
      .sort()
      .map((to) => ({ to, text: book.get(phraseId)!.get(to)!.text })),
  }));
  expect(
    document.phrases.map(({ speakerId, sourceText, sourceLanguage, translations }) => ({
      speakerId,
      sourceText,
      sourceLanguage,
      translations: translations.map(({ to, text }) => ({ to, text })),
    })),
  ).toEqual(expected);
}

describe('two people', () => {
  it('each hear and read the other, and the results are beside each other', async () => {
    const document = await replayed('two-people', dir);
    expect(meetingDocumentSchema.parse(document)).toEqual(document);
    await expectWhole(document, 'two-people');
    expect(document.totals).toMatchObject({ phrases: 4, translations: 4, heard: 4, cut: 0, captionsOnly: 0 });
    expect(document.totals.longestFirstAudioDelayMs).toBeLessThan(1_000);
    expect([...filesIn(dir).keys()].sort()).toEqual(
      [
        'en.srt',
        'en.vtt',
        'es.srt',
        'es.vtt',
        'events.jsonl',
        'original.wav',
        'report.html',
        'voice.wav',
      ].map((end) => `two-people.${end}`),
    );
    const [english, spanish] = ['en', 'es'].map((tag) =>
      readFileSync(join(dir, `two-people.${tag}.vtt`), 'utf8'),
    );
    expect(english).toContain('<v Ana><lang en>Can you hear me well or should I speak louder?</lang></v>');
    expect(english).toContain('<v Ben><lang en>I agree with you, but we need some more time.</lang></v>');
    expect(spanish).toContain('<v Ben><lang es>Estoy de acuerdo, pero necesitamos más tiempo.</lang></v>');
    expect(spanish).not.toContain('lang en');
  });
});

describe('four people, three languages, overlapping speech', () => {
  it('with --barge-in off: every phrase is spoken in every other language by its voice, whole, once, and nothing else', async () => {
    const document = await replayed('four-people', dir, { bargeIn: 'off' });
    await expectWhole(document, 'four-people');
    expect(document.totals).toMatchObject({
      phrases: 11,
      translations: 22,
      heard: 22,
      cut: 0,
      captionsOnly: 0,
    });
    expect(document.voices.map(({ language }) => language).sort()).toEqual(['de', 'en', 'es']);
    const phraseIds = scripted('four-people').map(({ phraseId }) => phraseId);
    for (const { id, language, path } of document.voices) {
      const spoken = document.phrases.flatMap(({ translations }, index) =>
        translations.flatMap(({ voiceId, heardFromMs, heardToMs }) =>
          voiceId === id
            ? [
                {
                  phrase: `${language}:${phraseIds[index]}`,
                  span: [heardFromMs!, heardToMs!] as [number, number],
                },
              ]
            : [],
        ),
      );
      spoken.sort((a, b) => a.span[0] - b.span[0]);
      for (const [index, { span }] of spoken.entries()) {
        if (index > 0) expect(span[0]).toBeGreaterThanOrEqual(spoken[index - 1]!.span[1]);
      }
      const spans = spoken.map(({ span }) => span);
      expect(await understood(path, spans)).toEqual(spoken.map(({ phrase }) => phrase));
      expect(soundBeyond(path, spans)).toBe(0);
    }
  }, 60_000);

  it('by default: what is cut is whole in captions, and marked', async () => {
    const document = await replayed('four-people', dir);
    await expectWhole(document, 'four-people');
    const translations = document.phrases.flatMap((phrase) => phrase.translations);
    const cut = translations.filter((translation) => translation.cut);
    expect(cut.length).toBeGreaterThan(0);
    for (const { mark } of cut) expect(mark).toBe('cut');
    for (const { cut: wasCut, mark, heardFromMs } of translations) {
      if (!wasCut) expect([mark, heardFromMs]).toEqual([null, expect.any(Number)]);
    }
    for (const { to, text } of cut)
      expect(readFileSync(join(dir, `four-people.${to}.vtt`), 'utf8')).toContain(text);
  }, 60_000);
});

describe('every byte', () => {
  it.each(['two-people', 'four-people'])(
    'of %s is the same twice, the second time beside two busy loops',
    async (meeting) => {
      await replayed(meeting, join(dir, 'a'));
      const busy = [1, 2].map(() => new Worker(BUSY_LOOP, { eval: true }));
      await Promise.all(busy.map((worker) => once(worker, 'online')));
      await replayed(meeting, join(dir, 'b'));
      await Promise.all(busy.map((worker) => worker.terminate()));
      const [first, second] = [filesIn(join(dir, 'a')), filesIn(join(dir, 'b'))];
      expect([...second.keys()]).toEqual([...first.keys()]);
      for (const [name, bytes] of first)
        expect([name, second.get(name)!.equals(bytes)]).toEqual([name, true]);
    },
    60_000,
  );
});
