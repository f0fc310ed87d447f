import { describe, expect, it } from 'vitest';
import type { DocumentPhrase, MeetingDocument } from '../../../src/replay/meeting/document.js';
import { totalsOf } from '../../../src/replay/meeting/document.js';
import { OutputRecorder } from '../../../src/replay/meeting/output-recorder.js';
import { meetingPage } from '../../../src/replay/meeting/report/page.js';

const translation: DocumentPhrase['translations'][number] = {
  to: 'en',
  text: 'Where is the station?',
  voiceId: 'parley-1',
  heardFromMs: 3_320,
  consumedToMs: 4_700,
  firstAudioDelayMs: 1_320,
  cut: false,
  mark: null,
};
const phrase: DocumentPhrase = {
  speakerId: 'ana',
  startMs: 500,
  endMs: 2_000,
  sourceText: '¿Dónde está la estación?',
  sourceLanguage: 'es',
  translations: [translation],
};

function page(changes: Partial<MeetingDocument> = {}, about = 'A meeting for a test.'): string {
  const phrases = changes.phrases ?? [phrase];
  return meetingPage({
    document: {
      meeting: { path: 'weekly/meeting.json', title: 'Weekly', durationMs: 6_000 },
      people: [
        {
          id: 'ana',
          name: 'Ana',
          speaks: ['es'],
          prefers: 'es',
          present: [{ fromMs: 0, toMs: 6_000 }],
          muted: [{ fromMs: 2_500, toMs: 3_000 }],
        },
        {
          id: 'ben',
          name: 'Ben',
          speaks: ['en'],
          prefers: 'de',
          present: [
            { fromMs: 1_000, toMs: 2_000 },
            { fromMs: 4_000, toMs: 6_000 },
          ],
          muted: [],
        },
      ],
      voices: [{ id: 'parley-1', name: 'Parley', language: null, path: 'out/weekly.voice.wav' }],
      engines: [{ speakerId: 'ana', to: 'en', engine: 'conversation', reason: 'asked for' }],
      captions: [{ language: 'en', cues: 1, vtt: 'out/weekly.en.vtt', srt: 'out/weekly.en.srt' }],
      notices: [],
      warnings: [],
      cost: null,
      totals: totalsOf(phrases),
      ...changes,
      phrases,
    },
    recorder: new OutputRecorder({ nowMs: () => 0, interpreterIds: new Set() }),
    about,
    host: 'api.example',
    originalPath: 'out/weekly.original.wav',
  });
}

const count = (html: string, text: string | RegExp): number => html.split(text).length - 1;

describe('the report of a meeting', () => {
  it('has a lane for each person and each voice, with who was there, who was muted, and what was said', () => {
    const html = page();
    expect(count(html, /<p class="at\d+">/)).toBe(3);
    expect(html).toMatch(/<b class="who p0">Ana<\/b> español/);
    expect(html).toMatch(/<b class="who p1">Ben<\/b> speaks English, hears Deutsch/);
    expect(count(html, '<rect class="present"')).toBe(3);
    expect(count(html, '<rect class="muted"')).toBe(1);
    expect(count(html, '<rect class="absent"')).toBe(2); // Ben comes late, leaves and comes back
    expect(count(html, /class="block p0"/)).toBe(2); // said, and heard in Ana's colour
    expect(html).toContain('aria-label="Phrase 1 in en: Where is the station?"');
  });

  it('says of every phrase who said it, when, what became of it and how long it took', () => {
    const html = page();
    for (const text of [
      '¿Dónde está la estación?',
      'Where is the station?',
      '0:00.5 to 0:02.0',
      'heard 0:03.3 to 0:04.7, after 1.32 s',
    ])
      expect(html).toContain(text);
    const unheard = {
      ...translation,
      heardFromMs: null,
      consumedToMs: null,
      firstAudioDelayMs: null,
      voiceId: null,
    };
    const others = page({
      phrases: [
        { ...phrase, translations: [{ ...translation, cut: true, mark: 'cut' }] },
        { ...phrase, translations: [{ ...unheard, mark: 'captions_only' }] },
        { ...phrase, translations: [{ ...unheard, text: '', mark: 'failed' }] },
        { ...phrase, sourceText: '', translations: [] },
      ],
    });
    expect(others).toContain('class="cut"');
    for (const text of [
      'cut short: someone spoke over it',
      'in captions only',
      'not translated whole',
      'not heard',
      'not transcribed',
      'for nobody',
    ])
      expect(others).toContain(text);
    expect(page({ phrases: [] })).toContain('Nobody said anything that was understood.');
  });

  it('keeps hostile texts text, wherever they stand', () => {
    const bad = `</script><script>alert(1)</script><img src=x onerror="alert(1)">'"&\u0000</title></style><!--`;
    const { people, voices } = {
      people: [{ id: 'ana', name: bad, speaks: [], prefers: null, present: [], muted: [] }],
      voices: [{ id: 'v', name: bad, language: bad, path: bad }],
    };
    const html = page(
      {
        meeting: { path: bad, title: bad, durationMs: 6_000 },
        people,
        voices,
        phrases: [
          {
            ...phrase,
            sourceText: bad,
            sourceLanguage: bad,
            translations: [{ ...translation, to: bad, text: bad }],
          },
        ],
        notices: [{ atMs: 0, kind: 'room', message: bad }],
        warnings: [bad],
      },
      bad,
    );
    expect(html).not.toContain('<img');
    expect(html).not.toContain('onerror="');
    expect(html).not.toContain('\u0000');
    expect(html.match(/<\/script>/g)).toHaveLength(1);
    expect(html.match(/<\/style>/g)).toHaveLength(1);
    expect(html.match(/<!--/g)).toBeNull();
  });

  it('loads nothing but the files beside it', () => {
    const links = [...page().matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]);
    expect(links).toEqual([
      './weekly.original.wav',
      './weekly.voice.wav',
      '#phrase-1',
      '#phrase-1',
      './weekly.en.vtt',
      './weekly.en.srt',
    ]);
    expect(page()).toContain('default-src &#39;none&#39;');
    expect(page()).not.toMatch(/style="/);
  });
});
