import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import type { MeetingPerson } from '../../../src/meeting/meeting-events.js';
import { Roster } from '../../../src/meeting/people/roster.js';
import type { Participant } from '../../../src/room/room.js';

function open() {
  const clock = new VirtualClock();
  const changed: MeetingPerson[] = [];
  const roster = new Roster({ clock });
  roster.events.on('changed', (person) => changed.push(person));
  return { clock, roster, changed };
}

const participant = (preferredLanguage?: string, name = 'Ana'): Participant => ({
  id: 'ana',
  name,
  metadata: preferredLanguage === undefined ? {} : { preferredLanguage },
  isBot: false,
});

describe('Roster', () => {
  it('knows who is here, with names fit for showing, and interpreters apart', () => {
    const { roster } = open();
    expect(roster.add(participant('es', ' A\u0007na '))).toEqual({
      id: 'ana',
      name: 'A na',
      isBot: false,
      speaks: ['es'],
      prefers: 'es',
      heard: false,
    });
    roster.add({ id: 'parley-2', name: 'Parley', metadata: { preferredLanguage: 'en' }, isBot: true });
    expect(roster.people().map(({ id }) => id)).toEqual(['ana']);
    expect(roster.get('parley-2')?.isBot).toBe(true);
    expect(roster.remove('ana')?.name).toBe('A na');
    expect(roster.remove('ana')).toBeUndefined();
    expect(roster.people()).toEqual([]);
  });

  it('tells of what changed, and of nothing else', () => {
    const { clock, roster, changed } = open();
    roster.add(participant('es'));
    clock.advanceBy(10_000);
    roster.change(participant('Spanish'));
    expect(changed).toEqual([]);
    roster.change(participant('fr', 'Ana María'));
    clock.advanceBy(10_000);
    roster.change(participant('fr', 'Anna'));
    roster.change({ ...participant('de'), id: 'nobody' });
    expect(changed.map(({ name, prefers }) => [name, prefers])).toEqual([
      ['Ana María', 'fr'],
      ['Anna', 'fr'],
    ]);
  });

  it('takes one change of languages in two seconds, the last of those that came meanwhile', () => {
    const { clock, roster, changed } = open();
    roster.add(participant('es'));
    clock.advanceBy(500);
    for (let n = 0; n < 1_000; n++) roster.change(participant(n % 2 === 0 ? 'fr' : 'de'));
    roster.change(participant('it'));
    expect(changed).toEqual([]);
    clock.advanceBy(1_500);
    expect(changed.map(({ prefers }) => prefers)).toEqual(['it']);
    roster.change(participant('fr'));
    roster.change(participant('it')); // back to what it is
    clock.advanceBy(2_000);
    expect(changed).toHaveLength(1);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('whoever changes again and again waits longer each time, also across coming back', () => {
    const { clock, roster, changed } = open();
    const tags = ['fr', 'de', 'it', 'pt', 'pl', 'nl', 'sv', 'da', 'fi', 'cs'];
    roster.add(participant('es'));
    const until = (durationMs: number): number => {
      for (let waited = 0; waited < durationMs; waited += 500) {
        roster.choose('ana', { preferredLanguage: tags[(changed.length + 1) % tags.length]! });
        clock.advanceBy(500);
      }
      return changed.length;
    };
    expect(until(10_500)).toBe(5); // every two seconds
    const inFirstMinute = until(49_500);
    expect(inFirstMinute).toBeLessThanOrEqual(9);
    expect(until(60_000) - inFirstMinute).toBeLessThanOrEqual(5);
    roster.remove('ana');
    roster.add(participant('es'));
    const before = changed.length;
    expect(until(4_000) - before).toBe(0);
    clock.advanceBy(120_000); // a quiet while later everything is as at first
    roster.choose('ana', { preferredLanguage: 'ja' });
    expect(changed.at(-1)?.prefers).toBe('ja');
  });

  it('a name counts as often as languages do, and neither keeps the other back', () => {
    const { clock, roster, changed } = open();
    roster.add(participant('es'));
    for (let n = 0; n < 1_000; n++) roster.change(participant('es', `Ana ${n}`));
    roster.choose('ana', { preferredLanguage: 'fr' });
    clock.advanceBy(10_000);
    expect(changed).toMatchObject([{ name: 'Ana 999', prefers: 'fr' }]);
  });

  it('a change that waits is forgotten when its person leaves', () => {
    const { clock, roster, changed } = open();
    roster.add(participant('es'));
    roster.change(participant('fr'));
    roster.remove('ana');
    roster.add(participant('de'));
    roster.change(participant('it'));
    roster.clear();
    clock.advanceBy(10_000);
    expect(changed).toEqual([]);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('a choice in the meeting counts like one in the metadata, whichever came last', () => {
    const { clock, roster, changed } = open();
    const last = () => changed.at(-1) && [changed.at(-1)!.prefers, changed.at(-1)!.speaks.join('+')];
    roster.add(participant('es'));
    clock.advanceBy(10_000);
    expect(roster.choose('ana', { preferredLanguage: 'French' })).toBe(true);
    expect(last()).toEqual(['fr', 'fr']);
    clock.advanceBy(10_000);
    roster.change(participant('es', 'Ana María')); // another name, the same languages as before
    expect(roster.get('ana')).toMatchObject({ name: 'Ana María', prefers: 'fr' });
    clock.advanceBy(10_000);
    roster.choose('ana', { spokenLanguages: ['es', 'en'] });
    expect(last()).toEqual(['fr', 'es+en']);
    clock.advanceBy(10_000);
    roster.choose('ana', { preferredLanguage: 'it' });
    expect(last()).toEqual(['it', 'es+en']); // what was said of speaking stands
    clock.advanceBy(10_000);
    roster.change(participant('de'));
    expect(last()).toEqual(['de', 'de']);
  });

  it('two choices at once add up; what makes no sense is refused and changes nothing', () => {
    const { clock, roster, changed } = open();
    roster.add(participant('es'));
    roster.choose('ana', { preferredLanguage: 'fr' });
    roster.choose('ana', { spokenLanguages: ['de'] });
    expect(roster.choose('ana', { preferredLanguage: '<b>fr</b>', participantId: 'bob' })).toBe(false);
    expect(roster.choose('bob', { preferredLanguage: 'fr' })).toBe(false);
    clock.advanceBy(10_000);
    expect(changed.map(({ prefers, speaks }) => [prefers, speaks])).toEqual([['fr', ['de']]]);
  });

  it('an interpreter has nothing to choose', () => {
    const { roster, changed, clock } = open();
    roster.add({ id: 'parley-2', name: 'Parley', metadata: {}, isBot: true });
    expect(roster.choose('parley-2', { preferredLanguage: 'fr' })).toBe(false);
    clock.advanceBy(10_000);
    expect(changed).toEqual([]);
  });

  it('who comes back finds what they chose, unless their metadata says something new', () => {
    const { clock, roster } = open();
    roster.add(participant('es'));
    clock.advanceBy(10_000);
    roster.choose('ana', { preferredLanguage: 'fr' });
    roster.remove('ana');
    expect(roster.add(participant('es')).prefers).toBe('fr');
    roster.remove('ana');
    expect(roster.add(participant('en')).prefers).toBe('en');
  });

  it('forgets those who left long ago', () => {
    const { clock, roster } = open();
    roster.add(participant('es'));
    clock.advanceBy(10_000);
    roster.choose('ana', { preferredLanguage: 'fr' });
    roster.remove('ana');
    for (let n = 0; n < 500; n++) {
      roster.add({ ...participant('es'), id: `guest-${n}` });
      roster.remove(`guest-${n}`);
    }
    expect(roster.add(participant('es')).prefers).toBe('es');
  });

  it('two turns that agree say the languages of somebody who did not', () => {
    const { clock, roster, changed } = open();
    roster.add(participant());
    clock.advanceBy(10_000);
    roster.hear('ana', 'de');
    roster.hear('nobody', 'de');
    expect(changed).toEqual([]);
    roster.hear('ana', 'German');
    expect(changed).toMatchObject([{ prefers: 'de', speaks: ['de'], heard: true }]);
    clock.advanceBy(10_000);
    roster.choose('ana', { preferredLanguage: 'en' }); // speaks what was heard all the same
    expect(changed.at(-1)).toMatchObject({ prefers: 'en', speaks: ['de'], heard: true });
    clock.advanceBy(10_000);
    roster.choose('ana', { spokenLanguages: ['fr'] });
    roster.hear('ana', 'it');
    roster.hear('ana', 'it');
    clock.advanceBy(10_000);
    expect(roster.get('ana')).toMatchObject({ prefers: 'en', speaks: ['fr'], heard: false });
  });

  it('what is heard never changes what somebody said', () => {
    const { clock, roster, changed } = open();
    roster.add({ ...participant('es'), metadata: { preferredLanguage: 'es', spokenLanguages: ['es'] } });
    clock.advanceBy(10_000);
    for (let n = 0; n < 10; n++) roster.hear('ana', 'fr');
    clock.advanceBy(10_000);
    expect(changed).toEqual([]);
  });

  it('somebody keeps their words out of agent, notes and minutes at once; the host may too, and says yes for nobody', () => {
    const { roster, changed } = open();
    const as = (parleyAgent?: boolean): Participant => ({
      ...participant('es'),
      metadata: { preferredLanguage: 'es', ...(parleyAgent === undefined ? {} : { parleyAgent }) },
    });
    expect(roster.add(as(false)).agent).toBe(false);
    roster.change(as(true));
    expect(roster.get('ana')).not.toHaveProperty('agent');
    roster.change(as(false));
    roster.setPerson('ana', { agent: true });
    expect(roster.get('ana')?.agent).toBe(false);
    roster.change(as());
    roster.setPerson('ana', { agent: false });
    expect(roster.get('ana')?.agent).toBe(false);
    roster.setPerson('ana', { agent: true });
    expect(roster.get('ana')).not.toHaveProperty('agent');
    expect(changed.map(({ agent }) => agent)).toEqual([undefined, false, undefined, false, undefined]);
  });
});
