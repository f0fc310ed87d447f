import { describe, expect, it } from 'vitest';
import type { ParticipantReport } from '../../../src/cli/demo/messages.js';
import {
  type Actor,
  describeProof,
  type Evidence,
  type Line,
  shortcoming,
} from '../../../src/cli/demo/proof.js';
import { caption } from '../join/samples.js';

const LUCIA: Actor = { participantId: 'lucia', name: 'Lucía', language: 'es' };
const EMMA: Actor = { participantId: 'emma', name: 'Emma', language: 'en' };
const ACTORS = new Map([LUCIA, EMMA].map((actor) => [actor.participantId, actor]));
const textOf = (phraseId: string, language: string) => `${phraseId} in ${language}`;
const LINE: Line = { speakerId: 'lucia', listenerId: 'emma', phraseId: 'hello' };

const heard = (
  ...phrases: [phraseId: string, language: string][]
): ParticipantReport & { kind: 'heard' } => ({
  kind: 'heard',
  phrases: phrases.map(([phraseId, language]) => ({ phraseId, language, text: textOf(phraseId, language) })),
  startedAtMs: 6_200,
  endedAtMs: 8_000,
});
const whole: Evidence = {
  line: LINE,
  said: { kind: 'said', phraseId: 'hello', endedAtMs: 5_000 },
  heard: heard(['hello', 'en']),
  caption: caption({ sourceText: 'hello in es', translatedText: 'hello in en' }),
  attempts: 1,
};

describe('shortcoming', () => {
  it('is none when the listener heard the translation and the caption says the same', () => {
    expect(shortcoming(whole, ACTORS, textOf)).toBeUndefined();
  });

  it.each<[Partial<Evidence>, string]>([
    [{ said: undefined }, 'Lucía did not get to say it'],
    [{ heard: undefined }, 'Emma heard no translation'],
    [{ heard: heard() }, 'Emma heard something that is no phrase of the book'],
    [{ heard: heard(['hello', 'es']) }, 'Emma heard "hello in es"'],
    [{ heard: heard(['goodbye', 'en']) }, 'Emma heard "goodbye in en"'],
    [{ heard: heard(['hello', 'en'], ['hello', 'en']) }, 'Emma heard "hello in en" "hello in en"'],
    [{ caption: undefined }, 'its caption never came'],
    [
      { caption: caption({ sourceText: 'hello in es', translatedText: 'hola' }) },
      'its caption says "hello in es" and "hola"',
    ],
    [
      { caption: caption({ sourceText: '', translatedText: 'hello in en' }) },
      'its caption says "" and "hello in en"',
    ],
  ])('of %j is named', (change, words) => {
    expect(shortcoming({ ...whole, ...change }, ACTORS, textOf)).toBe(words);
  });
});

describe('describeProof', () => {
  it('says of each phrase who heard it and how fast', () => {
    const { text, proven } = describeProof([LINE], [whole], ACTORS, textOf);
    expect(proven).toBe(true);
    expect(text).toBe(
      '  1. Lucía said "hello in es"\n     Emma heard "hello in en", 1.20 s after its end\n' +
        '  These delays are from the last sound of the speaker to the first that the listener received. Those told live are\n' +
        '  measured at the interpreter, without the way to it and back.\n' +
        'Proven: all 1 phrases were interpreted, in both directions; median delay 1.20 s, longest 1.20 s.\n',
    );
  });

  it('knows no negative delay', () => {
    const early: Evidence = { ...whole, said: { kind: 'said', phraseId: 'hello', endedAtMs: 9_980 } };
    const { text } = describeProof([LINE], [early], ACTORS, textOf);
    expect(text).toContain('Emma heard "hello in en", before its end\n');
    expect(text).toContain('median delay 0.00 s, longest 0.00 s.');
  });

  it('does not hide that something had to be said again', () => {
    const { text } = describeProof([LINE], [{ ...whole, attempts: 3 }], ACTORS, textOf);
    expect(text).toContain('1.20 s after its end, when it was said for the 3rd time\n');
  });

  it('counts what was not performed as not proven', () => {
    const { text, proven } = describeProof(
      [LINE, LINE, LINE],
      [whole, { ...whole, heard: heard() }],
      ACTORS,
      textOf,
    );
    expect(proven).toBe(false);
    expect(text).toContain('NOT PROVEN: Emma heard something that is no phrase of the book');
    expect(text).toContain('NOT PROVEN: the demo ended before it');
    expect(text).toMatch(/\nProven: 1 of 3 phrases\.\n$/);
    expect(describeProof([LINE], [], ACTORS, textOf).text).not.toContain('These delays'); // there are none
  });
});
