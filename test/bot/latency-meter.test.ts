import { describe, expect, it } from 'vitest';
import { LatencyMeter } from '../../src/bot/latency-meter.js';

describe('LatencyMeter', () => {
  it.each<[number[], object]>([
    [[], { turns: 0 }],
    [[900.4], { turns: 1, lastMs: 900, medianMs: 900 }],
    [[300, 100, 200], { turns: 3, lastMs: 200, medianMs: 200 }],
    [[400, 100, 200, 300], { turns: 4, lastMs: 300, medianMs: 250 }],
  ])('of %j is %j', (delays, latency) => {
    const meter = new LatencyMeter();
    for (const [n, delay] of delays.entries()) meter.add(`t${n}`, delay);
    expect(meter.latency).toEqual(latency);
  });

  it('counts every turn, and forgets old delays', () => {
    const meter = new LatencyMeter();
    for (let n = 0; n < 1_000; n++) meter.add(`t${n}`, n);
    expect(meter.latency).toEqual({ turns: 1_000, lastMs: 999, medianMs: 900 });
  });

  it('counts a turn once, with its last delay, and leaves out what was no translation', () => {
    const meter = new LatencyMeter();
    meter.add('a', -200);
    meter.add('b', 500);
    meter.add('a', 300);
    expect(meter.latency).toEqual({ turns: 2, lastMs: 500, medianMs: 400 });
    meter.remove('b');
    meter.remove('never heard');
    expect(meter.latency).toEqual({ turns: 1, lastMs: 300, medianMs: 300 });
  });
});
