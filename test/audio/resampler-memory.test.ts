import { beforeAll, expect, it, vi } from 'vitest';
import type * as SpeexPackage from '@echogarden/speex-resampler-wasm/simd';
import { loadResampler, StreamingResampler } from '../../audio/index.js';
import { concat, expectSameSamples, noise } from './signals.js';

const loaded = vi.hoisted(() => ({ wasm: undefined as SpeexPackage.SpeexResamplerModule | undefined }));
vi.mock('@echogarden/speex-resampler-wasm/simd', async (importOriginal) => {
  const original = await importOriginal<typeof SpeexPackage>();
  return { default: async () => (loaded.wasm = await original.default()) };
});

beforeAll(loadResampler);

const heapBytes = (): number => loaded.wasm!.HEAP16.byteLength;

// One instance of 96 to 8 kHz takes about 13 KB: 2,000 of them do not fit in the 16 MiB that the heap starts with.

it('frees its state: 2,000 closed instances take no memory', () => {
  const before = heapBytes();
  for (let i = 0; i < 2000; i++) {
    const resampler = new StreamingResampler(96_000, 8000);
    resampler.process(new Int16Array(960));
    resampler.close();
  }
  expect(heapBytes()).toBe(before);
});

it('goes on undisturbed when the wasm memory grows', () => {
  const input = noise(4800, -6, 4);
  const undisturbed = new StreamingResampler(48_000, 24_000);
  const expected = undisturbed.process(input).slice();
  undisturbed.close();

  const tested = new StreamingResampler(48_000, 24_000);
  const first = tested.process(input.subarray(0, 480)).slice();
  const before = heapBytes();
  const many = Array.from({ length: 2000 }, () => new StreamingResampler(96_000, 8000));
  expect(heapBytes()).toBeGreaterThan(before);
  const rest = tested.process(input.subarray(480)).slice();
  expectSameSamples(concat([first, rest]), expected);
  for (const resampler of [tested, ...many]) resampler.close();
});
