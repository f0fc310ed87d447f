import { describe, expect, it } from 'vitest';
import {
  changedLanguages,
  declaredLanguages,
  knownLanguages,
} from '../../../src/interpreter/plan/declared-languages.js';

describe('declaredLanguages', () => {
  it.each([
    ['es', 'es'],
    ['pt_br', 'pt-BR'],
    ['Spanish', 'es'],
    ['español', 'es'],
    ['中文', 'zh'],
    [' Deutsch ', 'de'],
  ])('%s is preferred', (preferredLanguage, tag) => {
    expect(declaredLanguages({ preferredLanguage, enableAgentEvents: true })).toEqual({
      prefers: tag,
      speaks: [],
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
    expect(declaredLanguages(metadata)).toMatchObject({ prefers: undefined, speaks: [] });
  });

  it.each([
    ['kr', 'kr'],
    [' Klingonese\u0007 ', 'Klingonese'],
    ['x'.repeat(100_000), `${'x'.repeat(39)}…`],
    ['\u202e', undefined],
    ['', undefined],
    [7, undefined],
    ['es', undefined],
  ])('what cannot be read of %j is kept for asking: %j', (preferredLanguage, unread) => {
    const said = declaredLanguages({ preferredLanguage });
    expect(said.unread).toBe(unread);
    expect(knownLanguages(said, 'de').unread).toBe(unread);
  });

  it('looks at the first four of a long list only', () => {
    const spokenLanguages = ['x', 'x', 'x', 'de', ...Array.from({ length: 100_000 }, () => 'fr')];
    expect(declaredLanguages({ spokenLanguages })).toEqual({ prefers: undefined, speaks: ['de'] });
  });
});

describe('changedLanguages', () => {
  const before = { prefers: 'en', speaks: ['es', 'fr'] };

  it.each([
    ['another preference', { preferredLanguage: 'Deutsch' }, { prefers: 'de', speaks: ['es', 'fr'] }],
    ['another spoken language', { spokenLanguages: ['it'] }, { prefers: 'en', speaks: ['it'] }],
    ['both', { preferredLanguage: 'de', spokenLanguages: ['it'] }, { prefers: 'de', speaks: ['it'] }],
    ['spoken languages taken back', { spokenLanguages: [] }, { prefers: 'en', speaks: [] }],
    [
      'one of them is none',
      { preferredLanguage: 'x', spokenLanguages: ['it'] },
      { prefers: 'en', speaks: ['it'] },
    ],
  ])('%s', (_name, fields, after) => {
    expect(changedLanguages(before, fields)).toEqual(after);
  });

  it.each([
    ['nothing', {}],
    ['no language', { preferredLanguage: 'x', spokenLanguages: ['y'] }],
    ['other types', { preferredLanguage: 7, spokenLanguages: { length: 0 } }],
    ['what others would like to set', { participantId: 'bob', languages: { bob: 'fr' } }],
  ])('%s changes nothing', (_name, fields) => {
    expect(changedLanguages(before, fields)).toBeUndefined();
  });
});

describe('knownLanguages', () => {
  const said = (prefers: string | undefined, ...speaks: string[]) => ({ prefers, speaks });

  it.each([
    ['nothing', said(undefined), undefined, { prefers: undefined, speaks: [], heard: false }],
    ['said to prefer', said('es'), undefined, { prefers: 'es', speaks: ['es'], heard: false }],
    ['said both', said('en', 'es'), undefined, { prefers: 'en', speaks: ['es'], heard: false }],
    ['said to speak', said(undefined, 'es'), undefined, { prefers: undefined, speaks: ['es'], heard: false }],
    ['heard', said(undefined), 'de', { prefers: 'de', speaks: ['de'], heard: true }],
    ['heard, said to prefer', said('en'), 'de', { prefers: 'en', speaks: ['de'], heard: true }],
    [
      'heard, said to speak',
      said(undefined, 'es'),
      'de',
      { prefers: undefined, speaks: ['es'], heard: false },
    ],
  ])('%s', (_name, declared, heard, known) => {
    expect(knownLanguages(declared, heard)).toEqual(known);
  });
});
