import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { meetingDocumentSchema, type MeetingDocument } from '../../../src/replay/meeting/document.js';
import { parseScenario } from '../../../src/replay/meeting/scenario.js';
import { loadBook } from '../../embedded/phrasebook/book.js';
import { filesIn, levelDbfs, MEETINGS, replayed, soundBeyond, understood } from './replayed.js';

const BUSY_LOOP = 'for (let n = 0; ; n++) if (n < 0) break;';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-meetings-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Runs that several tests look at, by their meeting: each is made once. */
const runs = new Map<string, Promise<{ document: MeetingDocument; runDir: string }>>();
function run(meeting: string): Promise<{ document: MeetingDocument; runDir: string }> {
  const runDir = join(runsDir, meeting);
  const known = runs.get(meeting) ?? replayed(meeting, runDir).then((document) => ({ document, runDir }));
  runs.set(meeting, known);
  return known;
}

let runsDir: string;
beforeAll(() => {
  runsDir = mkdtempSync(join(tmpdir(), 'parley-runs-'));
});
afterAll(() => rmSync(runsDir, { recursive: true }));

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
    const { document, runDir } = await run('two-people');
    expect(meetingDocumentSchema.parse(document)).toEqual(document);
    await expectWhole(document, 'two-people');
    expect(document.totals).toMatchObject({ phrases: 4, translations: 4, heard: 4, cut: 0, captionsOnly: 0 });
    expect(document.totals.longestFirstAudioDelayMs).toBeLessThan(1_000);
    expect([...filesIn(runDir).keys()].sort()).toEqual(
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
      readFileSync(join(runDir, `two-people.${tag}.vtt`), 'utf8'),
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
        translations.flatMap(({ voiceId, heardFromMs, consumedToMs }) =>
          voiceId === id
            ? [
                {
                  phrase: `${language}:${phraseIds[index]}`,
                  span: [heardFromMs!, consumedToMs!] as [number, number],
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
  });

  it('by default: what is cut is whole in captions, and marked', async () => {
    const { document, runDir } = await run('four-people');
    await expectWhole(document, 'four-people');
    const translations = document.phrases.flatMap((phrase) => phrase.translations);
    const cut = translations.filter((translation) => translation.cut);
    expect(cut.length).toBeGreaterThan(0);
    for (const { mark } of cut) expect(mark).toBe('cut');
    for (const { cut: wasCut, mark, heardFromMs } of translations) {
      if (!wasCut) expect([mark, heardFromMs]).toEqual([null, expect.any(Number)]);
    }
    for (const { to, text } of cut)
      expect(readFileSync(join(runDir, `four-people.${to}.vtt`), 'utf8')).toContain(text);
  });
});

describe('somebody who comes late and changes language', () => {
  it('gets each phrase in the language that is theirs then, and disturbs nobody', async () => {
    const document = await replayed('late-joiner', dir);
    const languagesOf = document.phrases.map(({ translations }) => translations.map(({ to }) => to).join());
    expect(languagesOf).toEqual(['en', 'en,fr', 'es,fr', 'de,en', 'en,es', 'es', 'en']);
    expect(document.people.find(({ id }) => id === 'claire')).toMatchObject({
      speaks: ['fr'],
      prefers: 'en',
      present: [
        { fromMs: 8_000, toMs: 36_000 },
        { fromMs: 44_000, toMs: document.meeting.durationMs },
      ],
    });
    const sessions = new Set(
      readFileSync(join(dir, 'late-joiner.events.jsonl'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { session: string }).session),
    );
    // Ana to English, French, German; Ben to Spanish, French; Claire to English, Spanish: none of them opened twice.
    expect(sessions.size).toBe(7);
    const captions = (tag: string) => readFileSync(join(dir, `late-joiner.${tag}.vtt`), 'utf8');
    expect(captions('fr')).toContain(
      "<v Ana><lang fr>Quelqu'un a-t-il une question sur le budget ?</lang></v>",
    );
    expect(captions('de')).toContain(
      '<v Ana><lang de>Ich teile meinen Bildschirm, um Ihnen den Plan zu zeigen.',
    );
    // What is said in English while she reads English is read as it was said.
    expect(captions('en')).toContain(
      "<v Ben><lang en>I'll send you the full report before Friday.</lang></v>",
    );
  });
});

describe('speaking over the interpreter', () => {
  it('silences it at once and for good, a cough only turns it down; what was not heard can be read', async () => {
    const document = await replayed('barge-in', dir);
    await expectWhole(document, 'barge-in');
    const [coughedOver, spokenOver, ...others] = document.phrases.map(({ translations }) => translations[0]!);
    expect([coughedOver!.cut, coughedOver!.mark]).toEqual([false, null]);
    expect([spokenOver!.cut, spokenOver!.mark]).toEqual([true, 'cut']);
    for (const { cut, mark } of others) expect([cut, mark]).toEqual([false, null]);
    const voice = document.voices[0]!.path;
    const { heardFromMs, consumedToMs } = coughedOver!;
    expect(await understood(voice, [[heardFromMs!, consumedToMs!]])).toEqual(['en:share-my-screen']);
    // Ben speaks from 17.5 s on.
    expect(spokenOver!.consumedToMs).toBeGreaterThan(17_500);
    expect(spokenOver!.consumedToMs).toBeLessThan(18_150);
    expect(levelDbfs(voice, 6_200, 6_350)).toBeLessThan(levelDbfs(voice, 6_600, 7_200) - 12);
    expect(readFileSync(join(dir, 'barge-in.en.vtt'), 'utf8')).toContain(spokenOver!.text);
  });
});

describe('a listener who only says that they listen', () => {
  it('silences nothing for good, and is neither interpreted nor captioned; what they say afterwards is', async () => {
    const document = await replayed('backchannel', dir);
    await expectWhole(document, 'backchannel');
    expect(document.phrases).toHaveLength(3);
    expect(document.totals).toMatchObject({ translations: 3, heard: 3, cut: 0, captionsOnly: 0 });
    const voice = document.voices[0]!.path;
    const [report, screen, slower] = document.phrases.map(({ translations }) => translations[0]!);
    const span = ({ heardFromMs, consumedToMs }: typeof report & object): [number, number] => [
      heardFromMs!,
      consumedToMs!,
    ];
    expect(await understood(voice, [span(report!), span(slower!)])).toEqual([
      'en:send-the-report',
      'es:repeat-more-slowly',
    ]);
    // The longer one had it wait, and it went on.
    expect(levelDbfs(voice, 17_150, 17_250)).toBe(-Infinity);
    expect(screen!.consumedToMs! - screen!.heardFromMs!).toBeGreaterThan(3_000);
    expect(soundBeyond(voice, [span(report!), span(screen!), span(slower!)])).toBe(0);
  });
});

describe('the same listener', () => {
  it('with the translate engine: all is heard to its end, and nothing of theirs but what they say', async () => {
    const document = await replayed('backchannel', dir, { engine: 'translate' });
    expect(document.engines.map(({ engine }) => engine)).toEqual(expect.arrayContaining(['translate']));
    expect(document.phrases.map(({ speakerId }) => speakerId)).toEqual(['ana', 'ana', 'ben']);
    expect(document.totals).toMatchObject({ translations: 3, heard: 3, cut: 0 });
  });
});

describe('two microphones in one room', () => {
  it('one caption and one translation, under the nearer one’s name; who speaks at the same time is heard, too', async () => {
    const document = await replayed('one-room', dir);
    const said = document.phrases.map(({ speakerId, sourceText, translations }) => [
      speakerId,
      sourceText,
      translations.map(({ text, cut }) => [text, cut]),
    ]);
    const text = async (id: string, language: string) => (await loadBook()).get(id)!.get(language)!.text;
    const pair = async (speakerId: string, id: string) => [
      speakerId,
      await text(id, 'es'),
      [[await text(id, 'en'), false]],
    ];
    expect(said).toHaveLength(3);
    expect(said).toEqual(
      expect.arrayContaining([
        await pair('ana', 'where-is-the-station'),
        await pair('ana', 'customers-like-it'),
        await pair('bea', 'we-need-more-time'),
      ]),
    );
    expect(document.notices.filter(({ kind }) => kind === 'one_room')).toHaveLength(1);
  });
});

describe('a shared screen with sound', () => {
  it.each([
    ['ignore', 1, 'Ana shares a screen with sound: it is not interpreted (--share-audio interpret)'],
    ['interpret', 2, 'Ana shares a screen with sound: it is interpreted as if Ana said it'],
  ] as const)(
    '%s',
    async (shareAudio, phraseCount, notice) => {
      const document = await replayed('shared-screen', dir, { shareAudio });
      expect(document.phrases).toHaveLength(phraseCount);
      const texts = document.phrases.flatMap(({ translations }) => translations.map(({ text }) => text));
      const book = await loadBook();
      const ids = ['share-my-screen', 'customers-like-it'].slice(0, phraseCount);
      expect(texts).toEqual(ids.map((id) => book.get(id)!.get('en')!.text));
      expect(document.notices.map(({ message }) => message)).toContain(notice);
    },
    60_000,
  );
});

describe('a very quiet microphone', () => {
  it('at -45 dBFS is understood, and its owner and the host are told once', async () => {
    const document = await replayed('quiet', dir);
    const book = await loadBook();
    const texts = document.phrases.map(({ sourceText, translations }) => [sourceText, translations[0]!.text]);
    expect(texts).toEqual(
      ['customers-like-it', 'customers-like-it'].map((id) => [
        book.get(id)!.get('es')!.text,
        book.get(id)!.get('en')!.text,
      ]),
    );
    expect(document.notices.filter(({ kind }) => kind === 'quiet_microphone')).toHaveLength(1);
  });
});

describe('a monologue', () => {
  it('is interpreted while it lasts, every phrase of it, at the same distance throughout', async () => {
    const document = await replayed('monologue', dir);
    const book = await loadBook();
    const said = scripted('monologue').map(({ phraseId }) => phraseId);
    const text = (language: string) => said.map((id) => book.get(id)!.get(language)!.text).join(' ');
    expect(document.phrases.map(({ sourceText }) => sourceText).join(' ')).toBe(text('es'));
    expect(document.phrases.map(({ translations }) => translations[0]!.text).join(' ')).toBe(text('en'));
    const [first] = document.phrases;
    expect(first!.startMs).toBeLessThan(1_100);
    expect(first!.translations[0]!.heardFromMs).toBeLessThan(20_000);
    expect(document.totals.longestFirstAudioDelayMs).toBeLessThan(1_500);
    for (const { startMs, endMs } of document.phrases) expect(endMs - startMs).toBeLessThan(15_500);
    expect(document.totals).toMatchObject({ cut: 0, captionsOnly: 0 });
  });
});

describe('with the translate engine', () => {
  it('four people, three languages: every phrase is heard in every other language by its voice', async () => {
    const document = await replayed('four-people', dir, { bargeIn: 'off', engine: 'translate' });
    await expectWhole(document, 'four-people');
    expect(document.totals).toMatchObject({ translations: 22, heard: 22, cut: 0, captionsOnly: 0 });
    expect(document.engines).toHaveLength(8);
    for (const { engine } of document.engines) expect(engine).toBe('translate');
    for (const { translations } of document.phrases) {
      for (const { to, voiceId } of translations) expect(voiceId).toBe(`parley-1-${to}`);
    }
  });

  it('a monologue: every phrase once, while it lasts, and the listener is no further behind at its end', async () => {
    const document = await replayed('monologue', dir, { engine: 'translate' });
    const book = await loadBook();
    const said = scripted('monologue').map(({ phraseId }) => phraseId);
    const text = (language: string) => said.map((id) => book.get(id)!.get(language)!.text).join(' ');
    expect(document.phrases.map(({ sourceText }) => sourceText).join(' ')).toBe(text('es'));
    expect(document.phrases.map(({ translations }) => translations[0]!.text).join(' ')).toBe(text('en'));
    expect(document.totals).toMatchObject({ cut: 0, captionsOnly: 0 });
    const lagsMs = document.phrases.map(
      ({ startMs, translations }) => translations[0]!.heardFromMs! - startMs,
    );
    expect(lagsMs[0]).toBeLessThan(8_000);
    for (const lagMs of lagsMs) expect(lagMs).toBeLessThan(lagsMs[0]! + 2_000);
    const lastSaid = document.phrases.at(-1)!;
    expect(lastSaid.translations[0]!.consumedToMs! - lastSaid.endMs).toBeLessThan(12_000);
  });
});

describe('a storm of mutes', () => {
  it('loses no phrase that was said with the microphone on, and says none twice', async () => {
    const document = await replayed('mute-storm', dir);
    await expectWhole(document, 'mute-storm');
    expect(document.totals).toMatchObject({ heard: 4, cut: 0, captionsOnly: 0 });
    expect(document.people[0]!.muted).toHaveLength(20);
    expect(document.notices).toEqual([]);
  });
});

describe('a hostile participant', () => {
  it('changes nothing for others: their words, languages, captions and profiles', async () => {
    const document = await replayed('hostile', dir);
    expect(
      document.phrases.map(({ speakerId, translations }) => [speakerId, ...translations.map(({ to }) => to)]),
    ).toEqual([
      ['ana', 'en'],
      ['ben', 'es', 'fr'],
      ['ana', 'en', 'fr'],
    ]);
    const person = (id: string) => document.people.find((each) => each.id === id)!;
    expect(person('ana')).toMatchObject({ speaks: ['es'], prefers: 'es' });
    expect(person('ben')).toMatchObject({ speaks: ['en'], prefers: 'en' });
    // Their own language is theirs to change: once in two seconds, and the last of a flood counts.
    expect(person('mallory')).toMatchObject({ prefers: 'fr' });
    const files = filesIn(dir);
    for (const [name, bytes] of files) {
      if (/\.(vtt|srt)$/.test(name))
        expect([name, bytes.toString()]).not.toEqual([name, expect.stringContaining('quit')]);
      expect([name, bytes.includes('hydraulic')]).toEqual([name, false]);
    }
    expect(document.notices.map(({ message }) => message).join('\n')).toMatch(
      /Ana has a profile, .+ \(\d+ characters, sha256 [0-9a-f]{12}\)/,
    );
    expect(document.notices.filter(({ message }) => message.includes('has a profile'))).toHaveLength(1);
    const report = files.get('hostile.report.html')!.toString();
    expect(report).not.toContain('<img');
    expect(report.match(/<script/g)).toHaveLength(1);
  });
});

describe('a loudspeaker in the room', () => {
  it('brings back what the interpreter says: none of it is a turn, a caption or an interruption', async () => {
    const document = await replayed('echo', dir);
    await expectWhole(document, 'echo');
    const translations = document.phrases.flatMap((phrase) => phrase.translations);
    // Ben himself speaks over the third: that is heard through the echo.
    expect(translations.map(({ cut }) => cut)).toEqual([false, false, true, false, false]);
    expect(translations[2]!.consumedToMs! - 22_500).toBeLessThan(750);
  });
});

describe('every byte', () => {
  async function expectSame(meeting: string): Promise<void> {
    const { runDir } = await run(meeting);
    await replayed(meeting, dir);
    const [first, second] = [filesIn(runDir), filesIn(dir)];
    expect([...second.keys()]).toEqual([...first.keys()]);
    for (const [name, bytes] of first) expect([name, second.get(name)!.equals(bytes)]).toEqual([name, true]);
  }

  it('of four people is the same twice', () => expectSame('four-people'), 60_000);

  it('of two is too, beside two busy loops', async () => {
    await run('two-people');
    const busy = [1, 2].map(() => new Worker(BUSY_LOOP, { eval: true }));
    await Promise.all(busy.map((worker) => once(worker, 'online')));
    await expectSame('two-people');
    await Promise.all(busy.map((worker) => worker.terminate()));
  });
});
