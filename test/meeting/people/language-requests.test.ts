import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { LanguageRequests } from '../../../src/meeting/people/language-requests.js';
import { Roster } from '../../../src/meeting/people/roster.js';
import { FakeMeeting, type FakePerson } from '../../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../../src/room/testing/memory-room.js';

let clock: VirtualClock;
let roster: Roster;
let changes: string[];
let refused: string[];
let asked: string[];
let people: Record<'ana' | 'bob' | 'bot', FakePerson>;

beforeEach(async () => {
  clock = new VirtualClock();
  changes = [];
  refused = [];
  asked = [];
  const hall = new FakeMeeting({ clock });
  const room = new MemoryRoom({ meeting: hall, participantId: 'parley-1', name: 'Parley' });
  roster = new Roster({ clock });
  roster.events.on('changed', ({ id, prefers, speaks }) => changes.push(`${id} ${prefers}<${speaks.join()}`));
  new LanguageRequests({
    room,
    choose: (id, fields) => roster.choose(id, fields),
    personOf: (id) => roster.get(id),
    notice: ({ participantId }) => refused.push(participantId!),
    notify: ({ id }, { text }) => asked.push(`${id}: ${text}`),
  });
  people = {
    ana: hall.enter({ id: 'ana', name: 'Ana', metadata: { preferredLanguage: 'es' } }),
    bob: hall.enter({ id: 'bob', name: 'Bob', metadata: { preferredLanguage: 'en' } }),
    bot: hall.enter({ id: 'parley-2', name: 'Parley', metadata: { preferredLanguage: 'en' } }),
  };
  room.events.on('participantJoined', (participant) => roster.add(participant));
  await room.join();
  clock.advanceBy(5_000);
});

describe('LanguageRequests', () => {
  it('whoever sends sets their own, in the forms of the metadata', () => {
    people.ana.send('PARLEY_LANGUAGE', '', {
      payload: { preferredLanguage: 'Français', spokenLanguages: ['es'] },
    });
    people.bob.send('PARLEY_LANGUAGE', 'de', { payload: { preferredLanguage: 'de' } });
    people.bob.send('PARLEY_SOMETHING', '', { payload: { preferredLanguage: 'it' } });
    clock.advanceBy(5_000);
    expect(changes).toEqual(['ana fr<es', 'bob de<de']);
    expect(refused).toEqual([]);
  });

  it('nobody sets another’s, whatever the payload says', () => {
    for (const payload of [
      { participantId: 'ana', senderId: 'ana', id: 'ana', preferredLanguage: 'de' },
      { ana: { preferredLanguage: 'fr' }, preferredLanguage: 'de' },
      JSON.parse('{"__proto__":{"senderId":"ana"},"preferredLanguage":"de"}') as Record<string, unknown>,
    ])
      people.bob.send('PARLEY_LANGUAGE', 'ana', { payload });
    clock.advanceBy(5_000);
    expect(changes).toEqual(['bob de<de']);
    expect(roster.get('ana')?.prefers).toBe('es');
  });

  it('an interpreter, and whoever is not in the meeting, sets nothing', () => {
    people.bot.send('PARLEY_LANGUAGE', '', { payload: { preferredLanguage: 'de' } });
    roster.remove('bob');
    people.bob.send('PARLEY_LANGUAGE', '', { payload: { preferredLanguage: 'de' } });
    people.bot.send('PARLEY_LANGUAGE', '', { payload: {} });
    clock.advanceBy(5_000);
    expect([changes, refused]).toEqual([[], []]);
  });

  it.each([
    ['nothing', {}],
    ['no language', { preferredLanguage: 'everyone speaks French now' }],
    ['other types', { preferredLanguage: ['de'], spokenLanguages: { 0: 'de', length: 1 } }],
    ['megabytes', { preferredLanguage: 'de'.repeat(1_000_000), spokenLanguages: [['de']] }],
    ['the form of an older page', { language: 'de' }],
  ])('%s is refused, which is told once', (_name, payload) => {
    for (let n = 0; n < 100; n++) people.bob.send('PARLEY_LANGUAGE', 'de', { payload });
    clock.advanceBy(5_000);
    expect([changes, refused]).toEqual([[], ['bob']]);
  });

  it('what cannot be read is asked back, with what it may mean', () => {
    for (const preferredLanguage of ['kr', 'kr', 'Klingon\u202e', 'kr'])
      people.bob.send('PARLEY_LANGUAGE', '', { payload: { preferredLanguage } });
    expect(asked).toEqual([
      'bob: “kr”? Which language would you like to hear and read? (한국어)',
      'bob: “Klingon”? Which language would you like to hear and read?',
    ]);
    expect(refused).toEqual(['bob', 'bob']);
  });

  it('a flood is one change in two seconds, and the last one counts', () => {
    const tags = ['de', 'fr', 'it', 'nl', 'pl'];
    for (let n = 0; n < 1_000; n++) {
      for (const preferredLanguage of tags)
        people.bob.send('PARLEY_LANGUAGE', '', { payload: { preferredLanguage } });
      clock.advanceBy(10);
    }
    clock.advanceBy(5_000);
    expect(changes.length).toBeLessThanOrEqual(6); // in ten seconds
    expect(changes.at(-1)).toBe('bob pl<pl');
    expect(changes.every((change) => change.startsWith('bob '))).toBe(true);
  });
});
