import { afterEach, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { buildSchemas } from '../../../src/realtime/protocol/build-schemas.js';

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Counts the functions that zod writes. */
function countWritten(): () => number {
  let count = 0;
  vi.stubGlobal(
    'Function',
    new Proxy(Function, {
      construct(target, args: unknown[]) {
        count++;
        return Reflect.construct(target, args) as object;
      },
    }),
  );
  return () => count;
}

const EVENT = { type: 'b', session: { audio: { rate: 24_000 } }, items: [{ id: 'x' }], by: { k: { n: 1 } } };

/** Objects in an option of a union, in fields, in a list, under keys, and behind a transformation. */
const eventSchema = () =>
  z.discriminatedUnion('type', [
    z.looseObject({ type: z.literal('a') }),
    z.looseObject({
      type: z.literal('b'),
      session: z.exactOptional(z.nullable(z.looseObject({ audio: z.object({ rate: z.number() }) }))),
      items: z.array(z.object({ id: z.string() })).transform((items) => items.map(({ id }) => id)),
      by: z.record(z.string(), z.object({ n: z.number() })),
    }),
  ]);

it('what checks an event is written before the first event comes, down to the last object', () => {
  const schema = eventSchema();
  const written = countWritten();
  buildSchemas([schema]);
  const before = written();
  expect(schema.parse(EVENT)).toEqual({ ...EVENT, items: ['x'] });
  expect(written()).toBe(before);
});

it('without that, the first event has to wait for it', () => {
  const written = countWritten();
  eventSchema().parse(EVENT);
  expect(written()).toBeGreaterThan(0);
});
