import { expect, it } from 'vitest';
import { IDLE_TRANSACTION_MS } from '../../src/database/postgres.js';
import { HEARTBEAT_MS, HOLD_MS } from '../../src/fleet/claim-times.js';
import { MAX_GAP_MS } from '../../src/meeting-process/epoch-fence.js';

/** The last sign of life before a machine stands still is as old as the time between two, and as one takes. */
const OLDEST_SIGN_MS = HOLD_MS + 500;

it('a process that stood still is silent before anybody else may have its meeting', () => {
  expect(MAX_GAP_MS).toBeLessThan(HEARTBEAT_MS - OLDEST_SIGN_MS);
});

it('a machine that stands still has let go of the rows that it locked when its meetings are taken', () => {
  expect(IDLE_TRANSACTION_MS).toBeLessThan(HEARTBEAT_MS - OLDEST_SIGN_MS);
});
