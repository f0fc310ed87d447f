import { linkSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkOutputs, makeFolder, planOutputs } from '../../../src/replay/output/outputs.js';

const LANGUAGES = { from: 'es', to: 'en' };
const wavs = (...inputs: string[]): string[] =>
  planOutputs(inputs, 'out', LANGUAGES).map((paths) => paths.wav);

describe('names of outputs', () => {
  it('follow the stem', () => {
    expect(planOutputs(['talks/hola.wav'], 'out', LANGUAGES)).toEqual([
      {
        wav: join('out', 'hola.translated.wav'),
        events: join('out', 'hola.events.jsonl'),
        saidVtt: join('out', 'hola.es.vtt'),
        saidSrt: join('out', 'hola.es.srt'),
        translatedVtt: join('out', 'hola.en.vtt'),
        translatedSrt: join('out', 'hola.en.srt'),
        report: join('out', 'hola.report.html'),
      },
    ]);
  });

  it('have captions of their own where the language is not known, or the same', () => {
    for (const languages of [{ to: 'en' }, { from: 'en', to: 'en' }]) {
      const [paths] = planOutputs(['hola.wav'], 'out', languages);
      expect([paths!.saidSrt, paths!.translatedSrt]).toEqual([
        join('out', 'hola.original.srt'),
        join('out', 'hola.en.srt'),
      ]);
    }
  });

  it('keep full names where a stem is shared', () => {
    expect(wavs('a.wav', 'a.mp3', 'b.wav')).toEqual([
      join('out', 'a.wav.translated.wav'),
      join('out', 'a.mp3.translated.wav'),
      join('out', 'b.translated.wav'),
    ]);
    expect(wavs('x/A.wav', 'y/a.mp3')[0]).toBe(join('out', 'A.wav.translated.wav'));
  });

  it('are numbered where even full names collide', () => {
    expect(wavs('x/a.wav', 'y/a.wav', 'a.wav.ogg')).toEqual([
      join('out', 'a.wav.translated.wav'),
      join('out', 'a.wav-2.translated.wav'),
      join('out', 'a.wav-3.translated.wav'),
    ]);
  });

  it('stay in the folder, distinct and writable, whatever the inputs are called', () => {
    const name = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom('..', '.', '../../etc/passwd', '...wav', 'a.wav', 'A.WAV', 'C:\\x.wav', '.hidden'),
    );
    fc.assert(
      fc.property(fc.array(name, { maxLength: 8 }), (inputs) => {
        const paths = planOutputs(inputs, 'out', LANGUAGES).flatMap((plan) => Object.values(plan));
        expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(paths.length);
        for (const path of paths) {
          expect(dirname(path)).toBe('out');
          expect(Buffer.byteLength(path) - 4).toBeLessThanOrEqual(255);
          expect(path).not.toContain('\0');
        }
      }),
      { seed: 20261120, numRuns: 500 },
    );
  });
});

describe('outputs on disk', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'parley-outputs-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('never replace an input, by its name or by a link to it', () => {
    const input = join(dir, 'a.translated.wav');
    writeFileSync(input, 'x');
    expect(() => checkOutputs([input], [input])).toThrow(/would overwrite the input/);
    linkSync(input, join(dir, 'b.wav'));
    expect(() => checkOutputs([input], [join(dir, 'b.wav')])).toThrow(/would overwrite the input/);
  });

  it('never go through a symbolic link', () => {
    symlinkSync('/nowhere', join(dir, 'b.srt'));
    expect(() => checkOutputs([], [join(dir, 'b.srt')])).toThrow(/symbolic link/);
  });

  it('make the folder, or say why not', () => {
    makeFolder(join(dir, 'new', 'deep'));
    writeFileSync(join(dir, 'new', 'deep', 'file'), '');
    expect(() => makeFolder(join(dir, 'new', 'deep', 'file'))).toThrow(/cannot make the folder/);
  });
});
