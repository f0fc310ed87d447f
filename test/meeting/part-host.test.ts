import { beforeEach, describe, expect, it } from 'vitest';
import type { MeetingContext, MeetingPart } from '../../src/meeting/meeting-part.js';
import { PartHost } from '../../src/meeting/part-host.js';

const NO_MEETING = {} as MeetingContext;
const PERSON = {
  ...{ id: 'ana', name: 'Ana', isBot: false, speaks: ['es'], prefers: 'es', heard: false },
};

describe('the parts of a meeting', () => {
  let calls: string[];
  let errors: string[];
  let host: PartHost;
  const recorder = (name: string): MeetingPart => ({
    name,
    attach: () => calls.push(`${name} attached`),
    left: ({ id }) => calls.push(`${name} left ${id}`),
    closed: () => Promise.resolve().then(() => void calls.push(`${name} closed`)),
    metrics: () => [{ name, help: 'Calls.', kind: 'counter', value: calls.length }],
  });
  const broken: MeetingPart = {
    name: 'broken',
    attach: () => {
      throw new Error('not attached');
    },
    left: () => {
      throw new Error('not left');
    },
    closed: () => Promise.reject(new Error('not closed')),
    metrics: () => {
      throw new Error('no numbers');
    },
  };
  beforeEach(() => {
    calls = [];
    errors = [];
    host = new PartHost((error, where) => {
      errors.push(`${where}: ${String(error)}`);
      throw new Error('a report that fails harms nothing either');
    });
    host.attach([recorder('first'), broken, recorder('second'), { name: 'without hooks' }], NO_MEETING);
  });

  it('are called whatever another one throws, which is reported and counted', () => {
    host.call('left', PERSON, undefined);
    host.call('joined', PERSON, { ...PERSON, metadata: {} });
    expect(calls).toEqual(['first attached', 'second attached', 'first left ana', 'second left ana']);
    expect(errors).toEqual(['broken.attach: Error: not attached', 'broken.left: Error: not left']);
    expect(host.errors).toBe(2);
  });

  it('are waited for, those that fail too', async () => {
    await host.settled('closed');
    expect(calls.slice(2)).toEqual(['first closed', 'second closed']);
    expect(errors.slice(1)).toEqual(['broken.closed: Error: not closed']);
  });

  it('have their numbers read, as far as they have any', () => {
    expect(host.metrics().map(({ name, value }) => [name, value])).toEqual([
      ['first', 2],
      ['second', 2],
    ]);
    expect(host.errors).toBe(2);
  });
});
