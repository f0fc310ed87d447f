import { describe, expect, it } from 'vitest';
import { scriptedReplies } from '../../../src/embedded/phrasebook/scripted-replies.js';

const script = scriptedReplies([
  {
    heard: ['Where is the station?', '¿Dónde está la estación?'],
    calls: [{ name: 'find', arguments: { what: 'station' } }],
  },
  { heard: 'thank you', say: 'You are welcome.' },
  { after: 'find', gave: 'closed', say: 'It is closed.' },
  {
    after: 'find',
    say: 'One moment.',
    calls: [
      { name: 'route', arguments: {} },
      { name: 'hours', arguments: undefined },
    ],
  },
]);

describe('scripted replies', () => {
  it.each([
    ['where is the station', { calls: [{ name: 'find', arguments: '{"what":"station"}' }] }],
    ['Parley, donde esta la estacion', { calls: [{ name: 'find', arguments: '{"what":"station"}' }] }],
    ['Well, thank you!', { say: 'You are welcome.' }],
    ['thank yous', undefined],
    ['', undefined],
  ])('to what is heard: %s', (text, reply) => {
    expect(script.onUserText(text, ['find'])).toEqual(reply);
  });

  it('to what functions gave back', () => {
    const result = (name: string, output: string) => ({ name, arguments: '{}', output });
    expect(script.onFunctionResults?.([result('other', 'x')], [])).toBeUndefined();
    expect(script.onFunctionResults?.([result('other', ''), result('find', 'closed today')], [])).toEqual({
      say: 'It is closed.',
    });
    expect(script.onFunctionResults?.([result('find', 'here')], [])).toEqual({
      say: 'One moment.',
      calls: [
        { name: 'route', arguments: '{}' },
        { name: 'hours', arguments: '{}' },
      ],
    });
  });
});
