import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ParleyError } from '../../../src/errors.js';
import { loadReferences, targetsOf } from '../../../src/replay/compare/references.js';
import { loadScenario } from '../../../src/replay/meeting/scenario-file.js';

const FIXTURES = join(import.meta.dirname, '..', '..', '..', 'fixtures');
const MEETING = join(FIXTURES, 'compare', 'budget-talk');

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-references-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const segment = {
  speakerId: 'ana',
  fromMs: 1_000,
  language: 'es',
  text: '¿Alguien tiene una pregunta?',
  translations: { en: 'Any question?' },
};
const answer = { ...segment, speakerId: 'ben', fromMs: 9_000, language: 'en', translations: { es: 'Sí.' } };

async function problemOf(content: unknown): Promise<string> {
  const path = join(dir, 'references.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  const loaded = await loadScenario(MEETING);
  try {
    loadReferences(path, loaded);
  } catch (error) {
    expect(error).toBeInstanceOf(ParleyError);
    const { message } = error as ParleyError;
    expect(message).not.toMatch(/\p{Cc}/u);
    return message.replace(path, 'FILE');
  }
  return '';
}

describe('references', () => {
  it('end with the recording that they are of, and their languages are the meeting’s', async () => {
    const path = join(dir, 'references.json');
    writeFileSync(
      path,
      JSON.stringify({ segments: [answer, { ...segment, translations: { English: 'x' } }] }),
    );
    const { segments } = loadReferences(path, await loadScenario(MEETING));
    expect(segments.map(({ fromMs, toMs, translations }) => [fromMs, toMs, translations])).toEqual([
      [1_000, 4_115, { en: 'x' }],
      [9_000, 11_720, { es: 'Sí.' }],
    ]);
  });

  it.each([
    ['{', 'FILE is not JSON'],
    [{ segments: [] }, 'FILE: segments: '],
    [{ segments: [{ ...segment, text: ' ' }] }, 'FILE: segments[0].text: is empty'],
    [{ segments: [{ ...segment, words: 1 }] }, 'FILE: segments[0]: '],
    [
      { segments: [segment, { ...answer, fromMs: 5_000 }] },
      'FILE: segments[1].fromMs: "ben" says nothing at 5000 ms: it belongs to no segment of this meeting',
    ],
    [{ segments: [{ ...segment, speakerId: 'eva' }] }, '"eva" says nothing at 1000 ms'],
    [{ segments: [{ ...segment, speakerId: undefined }] }, 'segments[0].speakerId: say who speaks'],
    [
      { segments: [{ ...segment, translations: { fr: 'Une question ?' } }, answer] },
      'segments[0].translations: nobody in this meeting follows it in français (fr): it has es, en',
    ],
    [{ segments: [{ ...segment, translations: { 'no such': 'x' } }, answer] }, '"no such" is no language'],
    [
      { segments: [{ ...segment, translations: {} }, answer] },
      'FILE: no segment has a reference in English (en): add them, or name those that are judged with "languages"',
    ],
    [{ languages: ['es'], segments: [{ ...segment, translations: {} }, answer] }, ''],
    [{ segments: [{ ...segment, toMs: 900 }, answer] }, 'has no length'],
  ])('%j: %s', async (content, problem) => {
    const found = await problemOf(content);
    if (problem === '') expect(found).toBe('');
    else expect(found).toContain(problem);
  });

  it('that are missing are told', async () => {
    const loaded = await loadScenario(MEETING);
    expect(() => loadReferences(join(dir, 'none.json'), loaded)).toThrow(/^there is no file of references /);
  });
});

type Book = { phrases: { renderings: Record<string, { text: string; audio: string }> }[] };
const book = JSON.parse(readFileSync(join(FIXTURES, 'phrasebook.json'), 'utf8')) as Book;
const textsOf = (language: string) => book.phrases.map(({ renderings }) => renderings[language]!.text);

describe('the open set', () => {
  const folders = readdirSync(join(FIXTURES, 'compare'));

  it('has five meetings in four languages', async () => {
    expect(folders).toHaveLength(5);
    const languages = new Set<string>();
    for (const folder of folders) {
      const { scenario } = await loadScenario(join(FIXTURES, 'compare', folder));
      for (const tag of targetsOf(scenario)) languages.add(tag);
    }
    expect([...languages].sort()).toEqual(['de', 'en', 'es', 'fr']);
  });

  it.each(folders)(
    '%s: has a reference for all that is said, in the words of the phrasebook',
    async (folder) => {
      const path = join(FIXTURES, 'compare', folder);
      const loaded = await loadScenario(path);
      const { segments } = loadReferences(join(path, 'references.json'), loaded);
      const spoken = loaded.scenario.people.flatMap(({ script }) =>
        script.flatMap((step) =>
          step.do === 'say' ? [step.recording].flat().filter((part) => typeof part === 'string') : [],
        ),
      );
      expect(segments).toHaveLength(spoken.length);
      const targets = targetsOf(loaded.scenario);
      for (const { language, text, translations } of segments) {
        const at = textsOf(language).indexOf(text);
        expect(at).toBeGreaterThanOrEqual(0);
        expect(Object.keys(translations).sort()).toEqual(targets.filter((tag) => tag !== language).sort());
        for (const [to, translated] of Object.entries(translations)) expect(translated).toBe(textsOf(to)[at]);
      }
    },
  );
});
