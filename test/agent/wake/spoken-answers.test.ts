import { describe, expect, it } from 'vitest';
import { answerOf, asksForQuiet } from '../../../src/agent/wake/spoken-answers.js';

describe('answers', () => {
  it.each([
    ['Yes', 'yes'],
    ['Yes, go ahead, yes, please do.', 'yes'],
    ['Sure, Parley.', 'yes'],
    ['Sí, adelante, por supuesto, hazlo.', 'yes'],
    ['Ja, einverstanden, bitte mach das gerne.', 'yes'],
    ['Oui, d’accord, allez-y, bien sûr.', 'yes'],
    ['はい、お願いします', 'yes'],
    ['네, 해주세요', 'yes'],
    ['好的', 'yes'],
    ['نعم', 'yes'],
    ['हाँ, ठीक है', 'yes'],
    ['Да, конечно', 'yes'],
    ['No', 'no'],
    ['No, wait', 'no'],
    ['Yes, no, do not', 'no'],
    ['Ja, aber nicht jetzt', 'no'],
    ['いいえ', 'no'],
    ['不要', 'no'],
    ['OK, so what is next on the agenda?', undefined],
    ['Yes is what I would have said if anybody had asked me about it before', undefined],
    ['The budget is fine', undefined],
    ['', undefined],
  ])('%s: %s', (text, answer) => {
    expect(answerOf(text)).toBe(answer);
  });
});

describe('quiet', () => {
  it.each([
    'Be quiet, please',
    'Stop!',
    'Cállate',
    'Sei still!',
    'Tais-toi',
    '静かに',
    '安静',
    '조용히 해',
    'Тихо!',
    'चुप रहो',
  ])('%s', (text) => {
    expect(asksForQuiet(text)).toBe(true);
  });

  it.each(['The bus stop is over there', 'Is the room quiet enough for the recording?', 'Hello', ''])(
    'not: %s',
    (text) => {
      expect(asksForQuiet(text)).toBe(false);
    },
  );
});
