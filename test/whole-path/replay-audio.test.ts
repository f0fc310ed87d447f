import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downmixToMono } from '../../audio/index.js';
import { readWav } from '../../audio/wav.js';
import { VirtualClock } from '../../src/clock.js';
import { createEchoResponder } from '../../src/embedded/phrasebook/responders.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../src/realtime/conversation/conversation-config.js';
import type { OpenTransport } from '../../src/realtime/transport.js';
import { convertAudio } from '../replay/convert-audio.js';
import { memoryBackend } from '../../src/replay/backend/replay-backend.js';
import { RecordedFrames } from '../../src/replay/recording/recorded-frames.js';
import { VirtualPace } from '../../src/replay/pace.js';
import { runRecording, type RecordingRunResult } from '../../src/replay/recording/recording-run.js';
import { FIXTURES, run } from './replay-helpers.js';

/** Every recording of the fixtures in which someone speaks. */
const SPEECH = readdirSync(FIXTURES).filter((name) => /^[a-z]{2}-.*\.wav$/.test(name));

describe('an echo', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'parley-echo-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it.each(SPEECH)('of %s is what was said, turn by turn, sample for sample', async (name) => {
    const path = join(FIXTURES, name);
    const { file, wav } = await run(path, dir, { bargeIn: 'off' }, createEchoResponder());
    const [said, heard] = await Promise.all([at24k(readFileSync(path)), at24k(wav)]);
    expect(file.turns.length).toBeGreaterThan(0);
    for (const turn of file.turns) {
      expect(turn.interrupted).toBe(false);
      const speech = said.subarray(turn.startMs * 24, turn.endMs * 24);
      const answer = heard.subarray(turn.playedFromMs! * 24, turn.playedToMs! * 24);
      const { correlation, levelDb } = compare(speech, answer);
      expect(correlation).toBeGreaterThanOrEqual(0.95);
      expect(Math.abs(levelDb)).toBeLessThanOrEqual(0.5);
    }
  });
});

describe('turn times', () => {
  it('stay right to 20 ms after two seconds of uplink were dropped', async () => {
    const { samples } = readWav(readFileSync(join(FIXTURES, 'es-two-phrases-pause.wav')));
    const [first, second, pause] = [
      samples.subarray(0, 4_200 * 48),
      samples.subarray(4_200 * 48),
      16_000 * 48,
    ];
    const recording = new Int16Array(samples.length + pause);
    recording.set(first);
    recording.set(second, first.length + pause);

    const whole = await interpret(recording, () => false);
    // The line takes nothing for 12 s, of which the last 10 s are kept.
    const dropped = await interpret(recording, (atMs) => atMs >= 6_000 && atMs < 18_000);
    expect(whole.droppedMs).toBe(0);
    expect(dropped.droppedMs).toBeGreaterThanOrEqual(1_900);
    expect(dropped.droppedMs).toBeLessThanOrEqual(2_100);
    expect(dropped.result.warnings).toContainEqual(expect.stringMatching(/ms of stale audio dropped/));
    expect(dropped.result.turns).toHaveLength(2);
    dropped.result.turns.forEach(({ turn }, index) => {
      const expected = whole.result.turns[index]!.turn;
      expect(Math.abs(turn.startMs - expected.startMs)).toBeLessThanOrEqual(20);
      expect(Math.abs(turn.endMs - expected.endMs)).toBeLessThanOrEqual(20);
    });
    expect(dropped.result.turns[1]!.turn.startMs).toBeGreaterThan(20_000);
  });
});

/** A recording of 48 kHz samples over a line that is congested at the given times. */
async function interpret(
  samples: Int16Array,
  congestedAt: (atMs: number) => boolean,
): Promise<{ result: RecordingRunResult; droppedMs: number }> {
  const clock = new VirtualClock();
  const backend = memoryBackend({ clock, responder: createEchoResponder(), log: undefined });
  const pace = new VirtualPace(clock, () => backend.settle());
  const congested =
    (open: OpenTransport): OpenTransport =>
    async (handlers) => {
      const connection = await open(handlers);
      return {
        get bufferedAmountBytes() {
          return congestedAt(pace.nowMs()) ? 1 << 20 : 0;
        },
        get sentCount() {
          return connection.sentCount;
        },
        get receivedCount() {
          return connection.receivedCount;
        },
        send: (text) => {
          connection.send(text);
        },
        sendAudio: (message) => {
          connection.sendAudio(message);
        },
        close: (code, reason) => {
          connection.close(code, reason);
        },
      };
    };
  const session = backend.speech(congested).open({
    engine: 'conversation',
    meetingId: 'test',
    speakerId: 'speaker',
    model: 'test',
    clock,
    name: 'test',
    config: DEFAULT_CONVERSATION_CONFIG,
    instructions: 'Translate everything into English.',
  });
  const blocks = [[samples]];
  const read = () => Promise.resolve(blocks.shift());
  const result = await runRecording({
    frames: await RecordedFrames.of({ sampleRateHz: 48_000, voiceCount: 1, read }),
    pace,
    speakers: [{ speakerId: 'Ana', session }],
    output: () => undefined,
    bargeIn: 'off',
    signal: new AbortController().signal,
    failure: () => undefined,
    onStep: () => undefined,
  });
  await backend.close();
  return { result, droppedMs: session.counters.audioDroppedMs };
}

/** A WAV as 24 kHz mono, which leaves what is below 11 kHz as it was. */
function at24k(wav: Buffer): Promise<Int16Array> {
  const { samples, sampleRateHz, channelCount } = readWav(wav);
  return convertAudio({ samples: downmixToMono(samples, channelCount), sampleRateHz }, 24_000);
}

/** How like `speech` its best match inside `answer` is: normalised correlation, and level against it. */
function compare(speech: Int16Array, answer: Int16Array): { correlation: number; levelDb: number } {
  const probe = speech.subarray(0, 12_000); // half a second finds the place
  let best = { offset: 0, product: -Infinity };
  for (let offset = 0; offset + probe.length <= Math.min(answer.length, 24_000); offset++) {
    const product = dot(probe, answer.subarray(offset, offset + probe.length));
    if (product > best.product) best = { offset, product };
  }
  const match = answer.subarray(best.offset, best.offset + speech.length);
  const reference = speech.subarray(0, match.length);
  expect(match.length / speech.length).toBeGreaterThan(0.98);
  const [a, b] = [dot(reference, reference), dot(match, match)];
  return { correlation: dot(reference, match) / Math.sqrt(a * b), levelDb: 10 * Math.log10(b / a) };
}

function dot(a: Int16Array, b: Int16Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}
