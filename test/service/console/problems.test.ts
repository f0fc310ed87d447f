/** Problems of the service, in the words of whoever reads them. */
import { afterEach, describe, expect, test } from 'vitest';
import { ApiProblem } from '../../../src/service/console/api/client.js';
import { problemsFor, problemText } from '../../../src/service/console/problems.js';
import { useTextLanguage } from '../../../src/service/console/texts.js';

afterEach(() => {
  useTextLanguage('en', []);
});

const problem = (code: string, document: Record<string, unknown> = {}): ApiProblem =>
  new ApiProblem(code, 409, { code, ...document });

describe('a problem', () => {
  test('is said by its reason, where a code covers several', () => {
    useTextLanguage('de', []);
    const detail = 'somebody with this address is in the workspace';
    expect(problemText(problem('conflict', { detail, reason: 'member_exists' }))).toBe(
      'Jemand mit dieser Adresse ist schon hier.',
    );
  });
  test('whose reason says what to do is not told to be tried again in seconds', () => {
    const document = { code: 'service_unavailable', reason: 'draining', requestId: 'req_1' };
    expect(problemText(new ApiProblem('service_unavailable', 503, document, 30))).toBe(
      'This machine is being emptied and takes no meetings. Whoever runs this workspace lets it take some again under Settings, Workers.',
    );
  });
  test('with a reason that the console does not know is said by its code, with the words of the service', () => {
    useTextLanguage('es', []);
    expect(problemText(problem('conflict', { detail: 'the room is full', reason: 'room_full' }))).toBe(
      'Esto no encaja con el estado actual. the room is full',
    );
  });
  test('that the console does not know is said as the service says it', () => {
    useTextLanguage('ja', []);
    expect(problemText(problem('brand_new', { detail: 'the moon is in the way' }))).toBe(
      'the moon is in the way',
    );
  });
});

describe('wrong fields', () => {
  const errors = [
    { path: 'name', problem: 'is missing', code: 'missing' },
    { path: 'limits.maxBots', problem: 'is 5000: at most 1000', code: 'too_large', limit: 1000 },
    { path: 'languages[1]', problem: '"xx" is odd', code: 'invalid' },
    { path: 'colour', problem: 'is not known here', code: 'unknown' },
  ];
  test('are said in the reader’s language, with their path where it is another one', () => {
    useTextLanguage('de', ['de-DE']);
    const { general, fields } = problemsFor(problem('invalid_request', { errors }), [
      'name',
      'limits',
      'languages',
    ]);
    expect(Object.fromEntries(fields)).toEqual({
      name: 'Fehlt.',
      limits: 'limits.maxBots: Höchstens 1.000.',
      languages: 'languages[1]: "xx" is odd',
    });
    expect(general).toBe('colour: Hier nicht bekannt.');
  });
  test('of a service without codes are said as they come', () => {
    const { fields } = problemsFor(
      problem('invalid_request', { errors: [{ path: 'name', problem: 'is missing' }] }),
      ['name'],
    );
    expect(fields.get('name')).toBe('is missing');
  });
});
