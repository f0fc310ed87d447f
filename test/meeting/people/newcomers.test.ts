import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { Newcomers } from '../../../src/meeting/people/newcomers.js';

const TELL_AFTER_MS = 2_000;

function open() {
  const clock = new VirtualClock();
  const emitted: string[] = [];
  const newcomers = new Newcomers({ clock, notify: (id) => emitted.push(`${clock.nowMs()} ${id}`) });
  return { clock, emitted, newcomers };
}

describe('Newcomers', () => {
  it('tells each once, a moment after they came, and again when they come again', () => {
    const { clock, emitted, newcomers } = open();
    newcomers.came('ana');
    clock.advanceBy(500);
    newcomers.came('bob');
    clock.advanceBy(10_000);
    newcomers.came('ana');
    clock.advanceBy(10_000);
    expect(emitted).toEqual([
      `${TELL_AFTER_MS} ana`,
      `${TELL_AFTER_MS + 500} bob`,
      `${TELL_AFTER_MS + 10_500} ana`,
    ]);
  });

  it('does not tell whoever is gone by then, and nobody once it is closed', () => {
    const { clock, emitted, newcomers } = open();
    for (const id of ['ana', 'bob', 'eve']) newcomers.came(id);
    newcomers.came('eve'); // their line broke
    newcomers.left('ana');
    clock.advanceBy(TELL_AFTER_MS - 1);
    newcomers.close();
    clock.advanceBy(10_000);
    expect(emitted).toEqual([]);
    expect(clock.nextDueMs()).toBeUndefined();
  });
});
