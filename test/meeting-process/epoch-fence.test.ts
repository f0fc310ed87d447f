import { expect, it } from 'vitest';
import { EpochFence } from '../../src/meeting-process/epoch-fence.js';

function setUp() {
  const told: string[] = [];
  const fence = new EpochFence({
    onGap: (gapMs) => told.push(`gap ${gapMs}`),
    onExpired: () => told.push('expired'),
  });
  const at = (monotonicMs: number, wallMs = monotonicMs) => fence.passes({ monotonicMs, wallMs });
  return { fence, told, at };
}

it('lets everything pass while time goes on', () => {
  const { told, at } = setUp();
  for (let nowMs = 0; nowMs <= 60_000; nowMs += 1_000) expect(at(nowMs)).toBe(true);
  expect(at(65_000)).toBe(true);
  expect(told).toEqual([]);
});

it('closes with the first frame after a standstill, and opens when the claim is confirmed', () => {
  const { fence, told, at } = setUp();
  at(0);
  expect(at(5_001)).toBe(false);
  expect(at(5_011)).toBe(false);
  expect(told).toEqual(['gap 5001']);
  fence.open();
  expect(at(5_021)).toBe(true);
});

it('sees a machine that slept: the monotonic clock stood still with it', () => {
  const { told, at } = setUp();
  at(0, 1_000_000);
  expect(at(10, 1_020_010)).toBe(false);
  expect(told).toEqual(['gap 20010']);
});

it('a wall clock that is set back is no standstill', () => {
  const { at } = setUp();
  at(0, 1_000_000);
  expect(at(10, 0)).toBe(true);
});

it('gives up once when nobody confirms, and never opens again', () => {
  const { fence, told, at } = setUp();
  at(0);
  for (let nowMs = 9_000; nowMs <= 20_000; nowMs += 1_000) expect(at(nowMs)).toBe(false);
  expect(told).toEqual(['gap 9000', 'expired']);
  fence.open();
  expect(at(20_010)).toBe(false);
});
