import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { LanguageGuide } from '../../../src/meeting/people/language-guide.js';
import type { MeetingPerson } from '../../../src/meeting/meeting-events.js';

function open() {
  const clock = new VirtualClock();
  const emitted: string[] = [];
  const guide = new LanguageGuide({
    clock,
    notify: ({ id }, { text }) => emitted.push(`${clock.nowMs() / 1000} ${id}: ${text.slice(0, 40)}`),
  });
  const plan = (undecided: readonly MeetingPerson[], languages: readonly string[]) => {
    guide.planned({ undecided, languages });
  };
  return { clock, guide, emitted, plan };
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
    const { clock, emitted, plan } = open();
    plan([person('ana')], ['es', 'en']);
    clock.advanceBy(1_000);
    plan([person('ana'), person('bob')], ['es', 'en']);
    clock.advanceBy(3_600_000);
    const question = 'Which language would you like to hear an';
    expect(emitted).toEqual([
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
    const { clock, guide, emitted, plan } = open();
    plan([person('ana')], []);
    clock.advanceBy(10_000);
    guide.changed(person('ana', 'es'), 'languages');
    plan([], ['es']);
    clock.advanceBy(3_600_000);
    expect(emitted).toEqual([
      '2 ana: Which language would you like to hear an',
      '10 ana: Ahora oye y lee: español.',
    ]);
  });

  it('asks whoever chooses what is not to be had at once, instead of the next time', () => {
    const { clock, guide, emitted, plan } = open();
    plan([person('ana')], ['es', 'en', 'de']);
    clock.advanceBy(10_000);
    guide.changed(person('ana', 'fr'), 'languages');
    plan([person('ana', 'fr')], ['es', 'en', 'de']);
    clock.advanceBy(3_600_000);
    expect(emitted.slice(1)).toEqual([
      '10 ana: Pas d’interprétation dans cette réunion ',
      '100 ana: Pas d’interprétation dans cette réunion ',
    ]);
  });

  it('forgets whoever leaves, and everybody at the end', () => {
    const { clock, guide, emitted, plan } = open();
    plan([person('ana'), person('bob')], []);
    plan([person('bob')], []);
    guide.closing();
    clock.advanceBy(3_600_000);
    expect(emitted).toEqual([]);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('has nothing to say to somebody whose preference stays unknown', () => {
    const { guide, emitted, plan } = open();
    plan([person('ana')], []);
    guide.changed({ ...person('ana'), speaks: ['es'] }, 'languages');
    plan([person('ana')], []);
    expect(emitted).toEqual([]);
  });

  it('has nothing to say of another name, nor to whoever has left meanwhile', () => {
    const { guide, emitted, plan } = open();
    guide.changed(person('ana', 'es'), 'name');
    guide.changed(person('bob', 'en'), 'languages');
    guide.left(person('bob', 'en'));
    plan([], ['es', 'en']);
    expect(emitted).toEqual([]);
  });
});
