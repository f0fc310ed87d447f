/** From the first word of an interruption, as our own speech detector hears it, to the first silent frame of playout. */
import {
  type ChannelClient,
  OutputChannel,
  type OutputChannelOptions,
} from '../../src/interpreter/playback/output-channel.js';
import { median, quantile, type Row } from './measure.js';

const ROUNDS = 200;
/** Speech is told of in pieces of so much. */
const STEP_MS = 10;

/** What an interruption costs a listener in time, and a meeting in work. */
export function benchBargeIn(): Promise<Row[]> {
  const group = 'barge-in: from the first word of an interruption to silence';
  const now = silencedAfterMs({ bargeInMinMs: 500, backchannelMaxMs: 700 });
  const before = silencedAfterMs({ bargeInMinMs: 250, backchannelMaxMs: 0 });
  const microseconds = clearingMicroseconds();
  const clearing = { group: 'barge-in: a playback is cleared', unit: 'us' };
  return Promise.resolve([
    { group, unit: 'ms', name: 'with backchannels', value: now, note: 'the default' },
    { group, unit: 'ms', name: 'without', value: before, note: 'all that lasts 250 ms interrupts' },
    { group, unit: 'ms', name: 'their price', value: now - before, note: 'wanted: at most 300 ms' },
    { ...clearing, name: 'median', value: median(microseconds), note: `${ROUNDS} times 10 s that wait` },
    { ...clearing, name: 'p99', value: quantile(microseconds, 0.99), note: '' },
  ]);
}

/** Milliseconds of speech over a translation until that is silent. */
function silencedAfterMs(options: Omit<OutputChannelOptions, 'bargeIn'>): number {
  const { voice, out } = speaking(options);
  for (let lastedMs = STEP_MS; ; lastedMs += STEP_MS) {
    voice.heard('listener', lastedMs);
    voice.pull(out, 90 + lastedMs);
    if (out.every((sample) => sample === 0)) return lastedMs - STEP_MS;
  }
}

/** What it takes to clear a translation of which much waits, each time. */
function clearingMicroseconds(): number[] {
  return Array.from({ length: ROUNDS }, () => {
    const { voice } = speaking({});
    const startedMs = performance.now();
    const cleared = voice.heard('listener', STEP_MS);
    const tookMs = performance.now() - startedMs;
    if (!cleared) throw new Error('it was not cleared');
    return tookMs * 1000;
  });
}

/** A voice in the middle of a long translation. */
function speaking(options: Omit<OutputChannelOptions, 'bargeIn'>): { voice: OutputChannel; out: Int16Array } {
  const voice = new OutputChannel({ bargeIn: 'others', ...options });
  const ignore = (): void => undefined;
  const client: ChannelClient = {
    ...{ speakerId: 'speaker', onStarted: ignore, onAudible: ignore, onFinished: ignore },
    ...{ onCut: ignore, onHold: ignore, onHurry: ignore },
  };
  voice.say(client, { turnId: 'turn', endMs: 0 }, 'item', new Int16Array(480_000).fill(8_000));
  const out = new Int16Array(480);
  for (let atMs = 0; atMs < 100; atMs += STEP_MS) voice.pull(out, atMs);
  return { voice, out };
}
