/** Audio that comes late, on a machine that is busy, is heard whole. */
import { expect, it } from 'vitest';
import { loadResampler, loadSpeechDetector, type AudioFrame } from '../../audio/index.js';
import { VirtualClock } from '../../src/clock.js';
import { EventEmitter } from '../../src/events.js';
import { OutputChannel } from '../../src/interpreter/playback/output-channel.js';
import { RoomInput } from '../../src/realtime-client/room-input.js';
import type { OnAudio, Participant, Room, RoomEvents } from '../../src/room/room.js';

const FRAME: AudioFrame = {
  samples: Int16Array.from({ length: 480 }, (_, n) => Math.round(8_000 * Math.sin((2 * Math.PI * n) / 48))),
  sampleRateHz: 48_000,
  channelCount: 1,
};

async function makeInput() {
  await Promise.all([loadResampler(), loadSpeechDetector()]);
  const clock = new VirtualClock();
  const participants = new Map<string, Participant>();
  for (const id of ['ana', 'ben']) participants.set(id, { id, name: id, metadata: {}, isBot: false });
  let onAudio: OnAudio = () => undefined;
  const room: Pick<Room, 'events' | 'participants' | 'listen'> = {
    events: new EventEmitter<RoomEvents>(),
    participants,
    listen: (listener) => (onAudio = listener),
  };
  let loudMs = 0;
  let heardMs = 0;
  let span: { fromMs: number; toMs: number } | undefined;
  const input = new RoomInput({
    ...{ clock, room: room as Room, voice: new OutputChannel({ bargeIn: 'any' }) },
    onChunk: ({ pcm, durationMs }) => {
      heardMs += durationMs;
      const loudest = pcm.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
      if (loudest > 3_000) span = { fromMs: span?.fromMs ?? heardMs - durationMs, toMs: heardMs };
      loudMs += pcm.filter((sample) => Math.abs(sample) > 3_000).length / 24 / 0.755; // of a sine, three quarters are
    },
    onProblem: (message) => {
      throw new Error(message);
    },
  });
  input.begin();
  return {
    ...{ clock, input },
    frame: (id: string, atMs: number): void => {
      onAudio(id, FRAME, atMs);
    },
    loudMs: () => Math.round(loudMs / 20) * 20,
    heardMs: () => heardMs,
    /** From the first loud chunk to the last. */
    spanMs: () => (span === undefined ? 0 : span.toMs - span.fromMs),
  };
}

it('frames that were held up for 400 ms are heard all the same', async () => {
  const { clock, frame, loudMs, input } = await makeInput();
  for (let atMs = 0; atMs < 1_000; atMs += 10) {
    clock.advanceTo(atMs < 300 || atMs >= 700 ? atMs + 10 : 700);
    frame('ana', atMs);
  }
  clock.advanceBy(2_000);
  expect(loudMs()).toBe(1_000);
  expect(input.lateMs).toBe(0);
  input.close();
});

it('frames whose times jump about are heard without a gap', async () => {
  const { clock, frame, loudMs, spanMs, input } = await makeInput();
  for (let atMs = 0; atMs < 1_000; atMs += 10) {
    clock.advanceTo(atMs + 10);
    frame('ana', atMs + (Math.floor(atMs / 50) % 2) * 45);
  }
  clock.advanceBy(2_000);
  expect(loudMs()).toBe(1_000);
  expect(spanMs()).toBeLessThanOrEqual(1_040);
  input.close();
});

it('one who is late while another speaks is heard late', async () => {
  const { clock, frame, loudMs, heardMs, input } = await makeInput();
  for (let atMs = 0; atMs < 1_500; atMs += 10) {
    clock.advanceTo(atMs + 10);
    if (atMs < 500) frame('ben', atMs);
    if (atMs >= 1_000 && atMs < 1_500) frame('ana', atMs - 600); // half a second's worth, 600 ms late
  }
  clock.advanceBy(2_000);
  expect(loudMs()).toBe(1_000);
  expect(input.lateMs).toBe(0);
  expect(heardMs()).toBeGreaterThan(3_000);
  input.close();
});
