import { describe, expect, it } from 'vitest';
import { ENGINES } from '../../../src/realtime/engines.js';
import { contendersOf } from '../../../src/replay/compare/contenders.js';

const keys = (engines?: string, models?: string): string[] =>
  contendersOf(engines, models).map(({ key }) => key);

describe('contenders', () => {
  it('are all engines, those that are named, or models of one', () => {
    expect(keys()).toEqual(Object.keys(ENGINES));
    expect(keys(' translate, conversation')).toEqual(['translate', 'conversation']);
    expect(keys('conversation,translate', 'gpt-realtime-2.1,conversation=gpt-realtime-2.1-mini')).toEqual([
      'conversation-gpt-realtime-2.1',
      'conversation-gpt-realtime-2.1-mini',
      'translate',
    ]);
  });

  it.each([
    [
      'conversation,whisper',
      undefined,
      'there is no engine "whisper": --engines takes conversation, translate',
    ],
    ['translate,translate', undefined, '--engines names translate twice'],
    ['conversation,', undefined, '--engines has an empty name'],
    ['translate', 'gpt-realtime-2.1', 'which is not among --engines'],
    ['translate', 'translate=other', 'the translate engine has one model only'],
    ['conversation', 'a,a', '--models names a twice'],
    ['conversation', '../../etc', '"../../etc" is no name of a model'],
    ['conversation', 'a,b,c,d,e,f,g,h,i', '9 are too many'],
    ['\u001b[2Jx', undefined, 'there is no engine '],
  ])('%j with models %j are refused', (engines, models, message) => {
    expect(() => contendersOf(engines, models)).toThrow(message);
    try {
      contendersOf(engines, models);
    } catch (error) {
      expect(String(error)).not.toMatch(/\p{Cc}/u);
    }
  });
});
