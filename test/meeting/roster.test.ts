import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import type { MeetingPerson } from '../../src/meeting/meeting-events.js';
import { LANGUAGE_CHANGE_MS, Roster } from '../../src/meeting/roster.js';
import type { Participant } from '../../src/room/room.js';

function open() {
  const clock = new VirtualClock();
  const changed: MeetingPerson[] = [];
  const roster = new Roster({ clock, onChanged: (person) => changed.push(person) });
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
    expect(changed.map(({ name, prefers }) => [name, prefers])).toEqual([
      ['Ana María', 'es'],
      ['Ana María', 'fr'],
    ]);
    roster.change({ ...participant('de'), id: 'nobody' });
    expect(changed).toHaveLength(2);
  });

  it('takes one change of languages in two seconds, the last of those that came meanwhile', () => {
    const { clock, roster, changed } = open();
    roster.add(participant('es'));
    clock.advanceBy(500);
    for (let n = 0; n < 1_000; n++) roster.change(participant(n % 2 === 0 ? 'fr' : 'de'));
    roster.change(participant('it'));
    expect(changed).toEqual([]);
    clock.advanceBy(LANGUAGE_CHANGE_MS - 500);
    expect(changed.map(({ prefers }) => prefers)).toEqual(['it']);
    roster.change(participant('fr'));
    roster.change(participant('it')); // back to what it is
    clock.advanceBy(LANGUAGE_CHANGE_MS);
    expect(changed).toHaveLength(1);
    expect(clock.nextDueMs()).toBeUndefined();
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
});
