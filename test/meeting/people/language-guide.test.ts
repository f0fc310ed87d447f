import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { LanguageGuide } from '../../../src/meeting/people/language-guide.js';
import type { MeetingPerson } from '../../../src/meeting/meeting-events.js';

function open() {
  const clock = new VirtualClock();
  const told: string[] = [];
  const guide = new LanguageGuide({
    clock,
    notify: ({ id }, { text }) => told.push(`${clock.nowMs() / 1000} ${id}: ${text.slice(0, 40)}`),
  });
  return { clock, guide, told };
}

const person = (id: string, prefers?: string): MeetingPerson => ({
  id,
  name: id,
  isBot: false,
  speaks: prefers === undefined ? [] : [prefers],
  prefers,
  heard: false,
});

describe('LanguageGuide', () => {
  it('asks whoever chose nothing, three times at most, each by their own time', () => {
    const { clock, guide, told } = open();
    guide.update([person('ana')], ['es', 'en']);
    clock.advanceBy(1_000);
    guide.update([person('ana'), person('bob')], ['es', 'en']);
    clock.advanceBy(3_600_000);
    const question = 'Which language would you like to hear an';
    expect(told).toEqual([
      `2 ana: ${question}`,
      `3 bob: ${question}`,
      `30 ana: ${question}`,
      `31 bob: ${question}`,
      `120 ana: ${question}`,
      `121 bob: ${question}`,
    ]);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('stops asking once they have chosen, and says what they have now', () => {
    const { clock, guide, told } = open();
    guide.update([person('ana')], []);
    clock.advanceBy(10_000);
    guide.update([], ['es']);
    guide.changed(person('ana', 'es'));
    clock.advanceBy(3_600_000);
    expect(told).toEqual([
      '2 ana: Which language would you like to hear an',
      '10 ana: Ahora oye y lee: español.',
    ]);
  });

  it('asks whoever chooses what is not to be had at once, instead of the next time', () => {
    const { clock, guide, told } = open();
    guide.update([person('ana')], ['es', 'en', 'de']);
    clock.advanceBy(10_000);
    guide.update([person('ana', 'fr')], ['es', 'en', 'de']);
    guide.changed(person('ana', 'fr'));
    clock.advanceBy(3_600_000);
    expect(told.slice(1)).toEqual([
      '10 ana: Pas d’interprétation dans cette réunion ',
      '100 ana: Pas d’interprétation dans cette réunion ',
    ]);
  });

  it('forgets whoever leaves, and everybody at the end', () => {
    const { clock, guide, told } = open();
    guide.update([person('ana'), person('bob')], []);
    guide.update([person('bob')], []);
    guide.close();
    clock.advanceBy(3_600_000);
    expect(told).toEqual([]);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('has nothing to say to somebody whose preference stays unknown', () => {
    const { guide, told } = open();
    guide.update([person('ana')], []);
    guide.changed({ ...person('ana'), speaks: ['es'] });
    expect(told).toEqual([]);
  });
});
