import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../../src/errors.js';
import { parseScenario } from '../../../src/replay/meeting/scenario.js';

const join = { atMs: 0, do: 'join' };
const person = (changes: object = {}) => ({ id: 'ana', name: 'Ana', script: [join], ...changes });
const meeting = (...people: object[]) => ({ title: 'A meeting', people });

function problem(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  try {
    parseScenario(text, 'meeting.json');
  } catch (error) {
    expect(error).toBeInstanceOf(ParleyError);
    expect((error as ParleyError).code).toBe('input_unusable');
    const { message } = error as ParleyError;
    expect(message).not.toContain('\n');
    return message;
  }
  throw new Error('it was accepted');
}

describe('meeting.json', () => {
  it('is read with languages by tag or name, and what is left out at its default', () => {
    const script = [
      { ...join, preferredLanguage: 'Brazilian Portuguese', metadata: { parley: { channels: true } } },
      { atMs: 5, do: 'say', recording: 'a.wav' },
      { atMs: 5, do: 'say', recording: ['a.wav', '../b.wav'] },
      { atMs: 6.5, do: 'language', preferredLanguage: 'DE-at' },
      { atMs: 7, do: 'send', topic: 'x' },
      { atMs: 8, do: 'leave' },
      { atMs: 9, do: 'join', microphone: 'off' },
    ];
    const people = [person({ spokenLanguages: ['Español', 'en'], script })];
    const scenario = parseScenario(JSON.stringify({ ...meeting(...people), languages: ['es', 'en'] }), 'm');
    expect(scenario).toMatchObject({ about: '', languages: ['es', 'en'] });
    const [ana] = scenario.people;
    expect(ana!.spokenLanguages).toEqual(['es', 'en']);
    expect(ana!.script[0]).toMatchObject({ preferredLanguage: 'pt-BR', microphone: 'on' });
    expect(ana!.script[3]).toMatchObject({ preferredLanguage: 'de-AT' });
    expect(ana!.script[4]).toMatchObject({ text: '', times: 1 });
  });

  it('takes any name and metadata: they are what a stranger would bring', () => {
    const metadata = { role: 'interpreter', preferredLanguage: ['es'], deep: [{ a: null }] };
    const { people } = parseScenario(
      JSON.stringify(meeting(person({ name: '</script>\u202e', metadata }))),
      'm',
    );
    expect(people[0]).toMatchObject({ name: '</script>\u202e', metadata });
  });

  it.each<[string, unknown, string]>([
    ['no JSON', '{"title": "x",', 'meeting.json is not JSON'],
    ['no object', [], 'meeting.json: '],
    ['nobody', meeting(), 'people: '],
    ['a field of its own', { ...meeting(person()), peple: [] }, '"peple" is not known here'],
    [
      'a language that is none',
      meeting(person({ preferredLanguage: 'Klingonese' })),
      'people[0].preferredLanguage: "Klingonese" is no language',
    ],
    ['one language', { ...meeting(person()), languages: ['es'] }, 'languages: '],
    ['an id that is none', meeting(person({ id: 'a b' })), 'people[0].id: use up to 64'],
    [
      'the id of an interpreter',
      meeting(person({ id: 'parley-2' })),
      'people[0].id: ids that begin with parley-',
    ],
    ['an id twice', meeting(person(), person()), 'people[1].id: "ana" is somebody else'],
    [
      'an unknown step',
      meeting(person({ script: [join, { atMs: 1, do: 'dance' }] })),
      'people[0].script[1].do: use one of join, leave, mute, unmute, say',
    ],
    [
      'a time that is none',
      meeting(person({ script: [join, { atMs: '1', do: 'mute' }] })),
      'people[0].script[1].atMs: ',
    ],
    ['a time before 0', meeting(person({ script: [{ ...join, atMs: -1 }] })), 'people[0].script[0].atMs: '],
    [
      'a time out of order',
      meeting(person({ script: [join, { atMs: 9, do: 'mute' }, { atMs: 8, do: 'unmute' }] })),
      'people[0].script[2].atMs: 8 is before 9',
    ],
    [
      'speech before joining',
      meeting(person({ script: [{ atMs: 1, do: 'say', recording: 'a.wav' }] })),
      'people[0].script[0]: nobody can say before joining',
    ],
    [
      'joining twice',
      meeting(person({ script: [join, { atMs: 1, do: 'join' }] })),
      'people[0].script[1]: they are in the meeting already',
    ],
    [
      'leaving twice',
      meeting(person({ script: [join, { atMs: 1, do: 'leave' }, { atMs: 2, do: 'leave' }] })),
      'people[0].script[2]: nobody can leave before joining',
    ],
    [
      'a language request without one',
      meeting(person({ script: [join, { atMs: 1, do: 'language' }] })),
      'people[0].script[1]: say which',
    ],
    [
      'an absolute path',
      meeting(person({ script: [join, { atMs: 1, do: 'say', recording: '/etc/passwd' }] })),
      'give a path relative to the folder',
    ],
    [
      'an address',
      meeting(person({ script: [join, { atMs: 1, do: 'say', recording: 'https://example.com/a.wav' }] })),
      'give a path relative to the folder',
    ],
    [
      'too many recordings in one step',
      meeting(person({ script: [join, { atMs: 1, do: 'say', recording: Array(201).fill('a.wav') }] })),
      'people[0].script[1].recording: give a path relative to the folder of the meeting, or 1 to 200 of them',
    ],
    [
      'more than six hours',
      meeting(person({ script: [join, { atMs: 21_600_001, do: 'mute' }] })),
      'people[0].script[1].atMs: ',
    ],
  ])('with %s is refused in one line that says where', (_what, value, message) => {
    expect(problem(value)).toContain(message);
  });

  it('never repeats a long or hostile text whole', () => {
    const long = `${'x'.repeat(5_000)}\n\u001b[31m`;
    expect(problem({ ...meeting(person()), [long]: 1 }).length).toBeLessThan(200);
    expect(problem({ ...meeting(person()), '\n\u001b[31m': 1 })).not.toMatch(/\p{Cc}/u);
    expect(problem(meeting(person({ preferredLanguage: long }))).length).toBeLessThan(200);
  });
});

describe('a scenario’s settings', () => {
  const scenario = (settings: unknown) =>
    JSON.stringify({
      title: 'T',
      settings,
      people: [{ id: 'a', name: 'A', script: [{ atMs: 0, do: 'join' }] }],
    });

  it('are those of a meeting, as they stand in JSON', () => {
    const settings = { bargeIn: 'off', voicePerLanguage: { es: 'cedar' } };
    expect(parseScenario(scenario(settings), 'm.json').settings).toEqual(settings);
    expect(parseScenario(scenario(undefined), 'm.json').settings).toEqual({});
  });

  it.each([
    [{ bargeIn: 'maybe' }, 'm.json: settings: bargeIn is "maybe": others, any or off is allowed'],
    [{ vioce: 'cedar' }, 'm.json: settings: vioce is no setting; did you mean voice?'],
    [{ leaveWhenEmptyS: 5 }, 'm.json: settings: leaveWhenEmptyS is no setting of a meeting that is replayed'],
  ])('%j is refused', (settings, message) => {
    expect(() => parseScenario(scenario(settings), 'm.json')).toThrow(message);
  });
});
