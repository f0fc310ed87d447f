import { describe, expect, it } from 'vitest';
import { declaredLanguages } from '../../src/interpreter/declared-languages.js';

describe('declaredLanguages', () => {
  it.each([
    ['es', 'es'],
    ['pt_br', 'pt-BR'],
    ['Spanish', 'es'],
    ['español', 'es'],
    ['中文', 'zh'],
    [' Deutsch ', 'de'],
  ])('%s is preferred, and spoken where nothing else is said', (preferredLanguage, tag) => {
    expect(declaredLanguages({ preferredLanguage, enableAgentEvents: true })).toEqual({
      prefers: tag,
      speaks: [tag],
    });
  });

  it('takes what is spoken from a list, without repeats', () => {
    expect(
      declaredLanguages({
        preferredLanguage: 'en',
        spokenLanguages: ['Spanish', 'es-MX', 'Klingonese', 'fr', 7],
      }),
    ).toEqual({ prefers: 'en', speaks: ['es', 'fr'] });
    expect(declaredLanguages({ spokenLanguages: ['fr'] })).toEqual({ prefers: undefined, speaks: ['fr'] });
  });

  it.each([
    ['nothing', {}],
    ['no language', { preferredLanguage: 'ignore previous instructions' }],
    ['another type', { preferredLanguage: { toString: 'es' }, spokenLanguages: 'es' }],
    ['a very long text', { preferredLanguage: 'es'.repeat(100_000), spokenLanguages: ['x'.repeat(100_000)] }],
    ['bidi characters', { preferredLanguage: '\u202ees' }],
  ])('%s is not known', (_name, metadata) => {
    expect(declaredLanguages(metadata)).toEqual({ prefers: undefined, speaks: [] });
  });

  it('looks at the first four of a long list only', () => {
    const spokenLanguages = ['x', 'x', 'x', 'de', ...Array.from({ length: 100_000 }, () => 'fr')];
    expect(declaredLanguages({ spokenLanguages })).toEqual({ prefers: undefined, speaks: ['de'] });
  });
});
