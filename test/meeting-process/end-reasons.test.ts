import { expect, it } from 'vitest';
import { ParleyError } from '../../src/errors.js';
import { endOf, type Stay } from '../../src/meeting-process/end-reasons.js';

const STAY: Stay = {
  reason: { kind: 'asked', message: 'asked to leave' },
  error: undefined,
  wasActive: true,
  anybodyCame: true,
};
const lost = new ParleyError('service_unavailable', 'the line is gone', { retryable: true });

it.each([
  ['was asked to leave', { askedBy: 'asked' }, 'asked', 0],
  ['was empty', { askedBy: 'empty' }, 'empty', 0],
  ['nobody came to', { askedBy: 'empty', anybodyCame: false }, 'no_one_joined', 0],
  ['lasted as long as it may', { askedBy: 'max_duration' }, 'max_duration', 0],
  ['cost what it may', { askedBy: 'budget' }, 'budget', 0],
  ['we were removed from', { reason: { kind: 'removed', message: '' } }, 'removed', 0],
  ['the host ended', { reason: { kind: 'room_closed', message: '' } }, 'meeting_ended', 0],
  ['another process of ours is in', { reason: { kind: 'duplicate', message: '' } }, 'fenced', 75],
  ['was lost', { reason: { kind: 'lost', message: '' }, error: lost }, 'line_lost', 69],
  [
    'does not exist',
    {
      reason: { kind: 'refused', code: 4003, message: '' },
      error: new ParleyError('usage', 'no such meeting'),
      wasActive: false,
    },
    'meeting_not_found',
    2,
  ],
  [
    'has a wrong key',
    { reason: undefined, error: new ParleyError('key_refused', 'a wrong key'), wasActive: false },
    'key_refused',
    77,
  ],
  [
    'nobody let us into',
    {
      reason: { kind: 'denied', message: '' },
      error: new ParleyError('service_unavailable', 'no'),
      wasActive: false,
    },
    'denied',
    69,
  ],
  [
    'has settings that do not fit',
    { reason: undefined, error: new ParleyError('config', 'no'), wasActive: false },
    'misconfigured',
    2,
  ],
] as const)('a meeting that %s', (_, change, reason, exitCode) => {
  const end = endOf({ ...STAY, ...change });
  expect(end).toMatchObject({ reason, exitCode });
  expect(end.retry).toBeUndefined();
});

it('one that could not be joined for now may be tried again; one that was lost is over', () => {
  const reason = { kind: 'lost', message: '' } as const;
  expect(endOf({ ...STAY, reason, error: lost, wasActive: false })).toMatchObject({
    reason: 'join_timeout',
    retry: true,
  });
  expect(endOf({ ...STAY, reason, error: lost }).retry).toBeUndefined();
});

it('where the process before is not gone yet, the next one may be tried', () => {
  const reason = { kind: 'refused', code: 4005, message: '' } as const;
  expect(endOf({ ...STAY, reason, error: new ParleyError('usage', 'in use'), wasActive: false }).retry).toBe(
    true,
  );
});
