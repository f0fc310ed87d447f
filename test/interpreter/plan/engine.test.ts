import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseEngine,
  type EngineChoice,
  type EngineQuestion,
} from '../../../src/interpreter/plan/engine.js';
import { type EngineName, ENGINES, speaksLanguage } from '../../../src/realtime/engines.js';

const QUESTION: EngineQuestion = {
  asked: 'auto',
  to: 'es',
  twoWay: false,
  writesOnly: false,
  needs: [],
  unfit: new Map(),
};
const choose = (changes: Partial<EngineQuestion> = {}) => chooseEngine({ ...QUESTION, ...changes });
const unfit = (...engines: EngineName[]) =>
  new Map(engines.map((engine) => [engine, 'failed 3 times'] as const));

describe('the engine of a route', () => {
  it.each<[string, Partial<EngineQuestion>, EngineName, string]>([
    ['auto, nothing else', {}, 'translate', 'it speaks español, and needs no instructions'],
    [
      'auto, a region of it',
      { to: 'pt-BR' },
      'translate',
      'it speaks português (Brasil), and needs no instructions',
    ],
    ['auto, a script of it', { to: 'zh-Hant' }, 'translate', 'it speaks 繁體中文, and needs no instructions'],
    ['auto, terms', { needs: ['glossary'] }, 'conversation', 'the glossary has terms for it'],
    [
      'auto, terms and a profile',
      { needs: ['glossary', 'profile'] },
      'conversation',
      'the glossary has terms for it, and the speaker has a profile',
    ],
    [
      'auto, a language it does not speak',
      { to: 'nl' },
      'conversation',
      'the translate engine does not speak Nederlands',
    ],
    ['auto, both ways', { twoWay: true }, 'conversation', 'one session goes both ways'],
    ['auto, read only', { writesOnly: true }, 'conversation', 'translations are only written'],
    ['auto, no target', { to: undefined }, 'conversation', 'it only writes down'],
    ['conversation', { asked: 'conversation' }, 'conversation', 'asked for'],
    ['translate', { asked: 'translate' }, 'translate', 'asked for'],
    ['translate, terms all the same', { asked: 'translate', needs: ['glossary'] }, 'translate', 'asked for'],
    ['translate, no target', { asked: 'translate', to: undefined }, 'conversation', 'it only writes down'],
  ])('%s', (_what, changes, engine, reason) => {
    expect(choose(changes)).toEqual({ engine, reason, insteadOf: undefined });
  });

  it('is the other one where it is unfit, and says what it would have been', () => {
    expect(choose({ unfit: unfit('translate') })).toEqual({
      engine: 'conversation',
      reason: 'the translate engine failed 3 times',
      insteadOf: 'translate',
    });
    expect(choose({ asked: 'conversation', unfit: unfit('conversation') })).toEqual({
      engine: 'translate',
      reason: 'the conversation engine failed 3 times',
      insteadOf: 'conversation',
    });
    expect(choose({ asked: 'translate', to: 'nl' })).toMatchObject({
      engine: 'conversation',
      insteadOf: 'translate',
    });
    expect(choose({ asked: 'translate', twoWay: true })).toMatchObject({
      engine: 'conversation',
      insteadOf: 'translate',
    });
  });

  it('is one that speaks the language, by what the backend says of its engines', () => {
    const outputLanguages = { conversation: ['en', 'es'], translate: ['nl', 'pt'] };
    expect(choose({ to: 'nl', outputLanguages }).engine).toBe('translate');
    expect(choose({ to: 'es', outputLanguages })).toMatchObject({
      engine: 'conversation',
      reason: 'the translate engine does not speak español',
    });
    expect(choose({ asked: 'conversation', to: 'pt-BR', outputLanguages })).toEqual({
      engine: 'translate',
      reason: 'the conversation engine does not speak português (Brasil)',
      insteadOf: 'conversation',
    });
    expect(choose({ to: 'nl', writesOnly: true, outputLanguages }).engine).toBe('translate');
    const any = { conversation: undefined, translate: undefined };
    expect(choose({ to: 'nl', outputLanguages: any }).engine).toBe('translate');
  });

  it('stays what it is where neither is fit, or the other one is not able', () => {
    expect(choose({ unfit: unfit('translate', 'conversation') })).toMatchObject({
      engine: 'translate',
      insteadOf: undefined,
    });
    expect(choose({ asked: 'conversation', to: 'nl', unfit: unfit('conversation') })).toMatchObject({
      engine: 'conversation',
      insteadOf: undefined,
    });
  });

  it('is always able to do what the route needs', () => {
    const question = fc.record({
      asked: fc.constantFrom<EngineChoice[]>('conversation', 'translate', 'auto'),
      to: fc.constantFrom(undefined, 'es', 'pt-BR', 'nl', 'fil', 'zh-Hant', 'id', 'yue'),
      twoWay: fc.boolean(),
      writesOnly: fc.boolean(),
      needs: fc.constantFrom(
        [],
        ['glossary'] as const,
        ['profile'] as const,
        ['glossary', 'profile'] as const,
      ),
      unfit: fc.subarray<EngineName>(['conversation', 'translate']).map((engines) => unfit(...engines)),
    });
    fc.assert(
      fc.property(question, (asked) => {
        const { engine, reason, insteadOf } = chooseEngine(asked);
        const able =
          asked.to !== undefined &&
          !asked.twoWay &&
          speaksLanguage(ENGINES.translate.outputLanguages, asked.to);
        if (!able) expect(engine).toBe('conversation');
        else if (asked.unfit.has(engine)) expect(asked.unfit.size).toBe(2);
        expect(reason).toMatch(/^[^\n]+$/);
        expect(insteadOf).not.toBe(engine);
        const instructed = ENGINES[engine].instructions || asked.asked === 'translate';
        if (asked.needs.length > 0 && !asked.unfit.has('conversation')) expect(instructed).toBe(true);
      }),
      { seed: 5, numRuns: 500 },
    );
  });
});

describe('the live engine', () => {
  const asked = (question: Partial<EngineQuestion> = {}) =>
    chooseEngine({
      ...{ asked: 'live', to: 'en', twoWay: false, writesOnly: false, needs: [], unfit: new Map() },
      ...question,
    });

  it('is taken where it is asked for, whatever the route is to be told, and never else', () => {
    expect(asked()).toEqual({ engine: 'live', reason: 'asked for', insteadOf: undefined });
    expect(asked({ needs: ['glossary', 'profile'], to: 'sw' }).engine).toBe('live');
    for (const other of ['conversation', 'translate', 'auto'] as const)
      for (const unfit of [[], ['conversation'], ['translate'], ['conversation', 'translate']] as const)
        expect(
          asked({ asked: other, unfit: new Map(unfit.map((name) => [name, 'is broken'])) }).engine,
        ).not.toBe('live');
  });

  it('gives way to what would be chosen without it', () => {
    const unfit = new Map([['live', 'is refused']] as const);
    expect(asked({ unfit })).toEqual({
      engine: 'translate',
      reason: 'the live engine is refused',
      insteadOf: 'live',
    });
    expect(asked({ unfit, needs: ['glossary'] }).engine).toBe('conversation');
    const none = new Map([...unfit, ['translate', 'is gone'], ['conversation', 'is gone']] as const);
    expect(asked({ unfit: none }).engine).toBe('live');
  });

  it('is for one way, spoken: two ways, and what is only written or read, are for the conversation engine', () => {
    expect(asked({ twoWay: true })).toMatchObject({ engine: 'conversation', insteadOf: 'live' });
    expect(asked({ writesOnly: true })).toMatchObject({ engine: 'conversation', insteadOf: 'live' });
    expect(asked({ to: undefined })).toMatchObject({ engine: 'conversation', insteadOf: undefined });
  });
});
