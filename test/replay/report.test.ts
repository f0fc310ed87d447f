import { describe, expect, it } from 'vitest';
import type { ReplayTurn } from '../../src/replay/output/document.js';
import { clockText, secondsText } from '../../src/duration-text.js';
import { reportPage, type ReportData } from '../../src/replay/report/page.js';

const turn: ReplayTurn = {
  speaker: 'Ana',
  startMs: 500,
  endMs: 2000,
  sourceText: '¿Dónde está la estación?',
  translatedText: 'Where is the station?',
  firstAudioDelayMs: 1320,
  playedFromMs: 3320,
  playedToMs: 4700,
  interrupted: false,
};

function page(
  changes: { turns?: ReplayTurn[]; data?: Partial<ReportData>; warnings?: string[] } = {},
): string {
  return reportPage({
    file: {
      input: { path: 'a.wav', sampleRateHz: 48_000, channels: 1, durationMs: 5000, peakDbfs: -6 },
      engine: 'conversation',
      turns: changes.turns ?? [turn],
      output: { path: 'out/a.translated.wav', durationMs: 5500 },
      warnings: changes.warnings ?? [],
    },
    title: 'a.wav',
    host: 'api.example',
    from: { name: 'Spanish', tag: 'es' },
    to: { name: 'English', tag: 'en' },
    inputHref: '../talks/a.wav',
    outputHref: 'a.translated.wav',
    inputPeaks: Uint8Array.from({ length: 500 }, (_, index) => index % 200),
    outputPeaks: Uint8Array.from({ length: 550 }, (_, index) => index % 255),
    ...changes.data,
  });
}

/** Elements in the page by name. */
function count(html: string, name: string): number {
  return html.split(new RegExp(`<${name}[\\s>]`)).length - 1;
}

describe('the report', () => {
  it('shows what was said, what was translated, when, and how long it took', () => {
    const html = page();
    for (const text of [
      '¿Dónde está la estación?',
      'Where is the station?',
      '1.32 s',
      'Spanish to English',
      'api.example',
    ])
      expect(html).toContain(text);
    expect(html).toMatch(/0:00\.5 to 0:02\.0/);
    expect(html).toMatch(/heard 0:03\.3 to 0:04\.7/);
    expect(html).toContain('<p dir="auto" lang="es">');
    expect(count(html, 'path')).toBe(2);
    expect(html.match(/class="block (said|heard)"/g)).toEqual(['class="block said"', 'class="block heard"']);
  });

  it('says so when a turn was not heard, was cut, or there was none', () => {
    const unheard = {
      ...turn,
      translatedText: '',
      firstAudioDelayMs: null,
      playedFromMs: null,
      playedToMs: null,
    };
    const html = page({ turns: [unheard, { ...turn, interrupted: true }] });
    expect(html).toContain('not heard');
    expect(html).toContain('cut short: someone spoke over it');
    expect(html).toContain('class="cut"');
    expect(page({ turns: [] })).toContain('No speech was found');
  });

  it('keeps hostile texts text, wherever they stand', () => {
    const bad = `</script><script>alert(1)</script><img src=x onerror="alert(1)">'"&\u0000\u202e</title></style><!--`;
    const clean = page();
    const html = page({
      turns: [{ ...turn, sourceText: bad, translatedText: bad }],
      warnings: [bad],
      data: {
        title: bad,
        host: bad,
        from: { name: bad, tag: bad },
        to: { name: bad, tag: bad },
        inputHref: bad,
        outputHref: bad,
      },
    });
    expect(html).not.toContain('<img');
    expect(html).not.toContain('onerror="');
    for (const name of ['script', 'style', 'title', 'img', 'audio', 'p', 'td'])
      expect(count(html, name)).toBe(count(clean, name));
    expect(html.match(/<\/script>/g)).toHaveLength(1);
    expect(html.match(/<!--/g)).toBeNull();
    expect(html).not.toContain('\u0000');
  });

  it('loads nothing from anywhere, and only files by a relative path', () => {
    const html = page({
      data: { inputHref: 'https://evil.example/x.wav', outputHref: 'javascript:alert(1)#?.wav' },
    });
    expect([...html.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1])).toEqual([
      './https%3A//evil.example/x.wav',
      './javascript%3Aalert(1)%23%3F.wav',
      '#turn-1',
      '#turn-1',
    ]);
    expect(html).not.toMatch(/url\(|@import|<link|<iframe/);
    expect(html).toContain('default-src &#39;none&#39;');
  });

  it('reaches every turn by the keyboard and by a screen reader', () => {
    const html = page();
    expect(html).toContain('<th scope="col">Said</th>');
    expect(html).toContain('aria-label="Turn 1: ¿Dónde está la estación?"');
    expect(html).toContain('id="turn-1"');
    expect(html).toContain('<html lang="en">');
  });

  it('stays small for an hour with a thousand turns', () => {
    const turns = Array.from({ length: 1000 }, () => turn);
    const html = page({
      turns,
      data: { inputPeaks: new Uint8Array(360_000).fill(90), outputPeaks: new Uint8Array(360_000).fill(90) },
    });
    expect(html.length).toBeLessThan(3_000_000);
  });
});

describe('times', () => {
  it.each([
    [0, '0:00.0'],
    [59_960, '1:00.0'],
    [754_321, '12:34.3'],
    [3_600_000, '1:00:00.0'],
    [45_296_700, '12:34:56.7'],
  ])('%d ms is %s', (atMs, text) => {
    expect(clockText(atMs)).toBe(text);
  });

  it('of waits are seconds', () => {
    expect(secondsText(1325)).toBe('1.32 s');
    expect(secondsText(-200)).toBe('-0.20 s');
  });
});
