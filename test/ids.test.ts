import { expect, it } from 'vitest';
import { newId } from '../src/ids.js';

it('ids are UUIDs of version 7 behind what they are of, and grow', () => {
  const ids = Array.from({ length: 10_000 }, () => newId('bot'));
  expect(ids.filter((id) => !/^bot_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/.test(id))).toEqual([]);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(10_000);
  const madeAtMs = Number.parseInt(newId('evt').slice(4, 16), 16);
  expect(Math.abs(madeAtMs - Date.now())).toBeLessThan(1_000);
});
