import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler, loadSpeechDetector, SpeechDetector } from '../../../audio/index.js';
import { OutputChannel } from '../../../src/interpreter/playback/output-channel.js';
import type { Phrasebook } from '../../../src/embedded/phrasebook/phrasebook.js';
import { EchoGuard } from '../../../src/meeting/listening/echo-guard.js';
import { AcousticRoom } from '../../../src/room/testing/acoustic-room.js';
import { at48k, pause } from '../../audio/echo/echo-scene.js';
import { concat } from '../../audio/signals.js';
import { loadBook } from '../../embedded/phrasebook/book.js';

const FRAME = 480;
let book: Phrasebook;
beforeAll(async () => {
  await Promise.all([loadResampler(), loadSpeechDetector()]);
  book = await loadBook();
});

const phrase = (language: string, id: string): Int16Array => at48k(book.get(id)!.get(language)!);
const newVoice = (): OutputChannel => new OutputChannel({ bargeIn: 'others' });

type Published = {
  voice: OutputChannel;
  sound: Int16Array;
  room: AcousticRoom;
  /** Nothing is published between these times: the channel has nothing to say, and rests. */
  restsMs?: readonly [fromMs: number, toMs: number];
};

/** What one microphone hears of these voices, cleaned, and when speech began in it by our own ear. */
function hear(
  options: { heardBy: () => readonly OutputChannel[]; published: readonly Published[]; durationMs: number },
  jitterMs: (frame: number) => number = () => 0,
): { starts: number[]; samples: number } {
  const { heardBy, published, durationMs } = options;
  const guard = new EchoGuard(heardBy);
  const detector = new SpeechDetector(48_000);
  const starts: number[] = [];
  let nextMs = 0;
  let samples = 0;
  const microphone = guard.microphone('bob', (cleaned, atMs) => {
    expect(atMs).toBeCloseTo(nextMs, 6);
    nextMs = atMs + cleaned.length / 48;
    samples += cleaned.length;
    detector.push(cleaned, ({ kind, atMs: startMs }) => {
      if (kind === 'started') starts.push(startMs);
    });
  });
  for (let frame = 0; frame < durationMs / 10; frame++) {
    const mixed = new Float64Array(FRAME);
    for (const { voice, sound, room, restsMs = [Infinity, Infinity] } of published) {
      const played = new Int16Array(FRAME);
      played.set(sound.subarray(frame * FRAME, (frame + 1) * FRAME));
      if (frame * 10 < restsMs[0] || frame * 10 >= restsMs[1])
        guard.published(voice, played, frame * 10 + jitterMs(frame));
      for (const [i, sample] of room.play(played).entries()) mixed[i]! += sample;
    }
    microphone.push(Int16Array.from(mixed, Math.round), frame * 10);
  }
  microphone.flush();
  microphone.close();
  detector.close();
  guard.close();
  return { starts, samples };
}

describe('EchoGuard', () => {
  it('takes out a voice that had rested for long while another one spoke', () => {
    const [one, other] = [newVoice(), newVoice()];
    const says = concat([pause(300), phrase('en', 'where-is-the-station')]);
    const again = concat([phrase('en', 'we-need-more-time'), phrase('en', 'see-you-next-week')]);
    const { starts } = hear({
      heardBy: () => [one, other],
      published: [
        {
          voice: one,
          sound: concat([says, new Int16Array(20_000 * 48 - says.length), again]),
          room: new AcousticRoom({ delayMs: 90, levelDb: -20 }),
          restsMs: [6_000, 20_000],
        },
        {
          voice: other,
          sound: concat([pause(18_500), phrase('fr', 'see-you-next-week')]),
          room: new AcousticRoom({ delayMs: 210, levelDb: -24, seed: 2 }),
          restsMs: [3_000, 18_500],
        },
      ],
      durationMs: 26_000,
    });
    expect(starts).toEqual([]);
  });

  it('takes out every voice that is heard, each with its own delay, also at the same time', () => {
    const [one, other] = [newVoice(), newVoice()];
    const { starts, samples } = hear({
      heardBy: () => [one, other],
      published: [
        {
          voice: one,
          sound: concat([
            pause(300),
            phrase('en', 'where-is-the-station'),
            phrase('en', 'we-need-more-time'),
          ]),
          room: new AcousticRoom({ delayMs: 90, levelDb: -20 }),
        },
        {
          voice: other,
          sound: concat([pause(4_000), phrase('fr', 'send-the-report'), phrase('fr', 'see-you-next-week')]),
          room: new AcousticRoom({ delayMs: 210, levelDb: -24, seed: 2 }),
        },
      ],
      durationMs: 9_000,
    });
    expect(starts).toEqual([]);
    expect(samples).toBe(9_000 * 48);
  });

  it('leaves in what comes of a voice that this person is not known to hear', () => {
    const voice = newVoice();
    const sound = concat([pause(300), phrase('en', 'where-is-the-station')]);
    const room = new AcousticRoom({ delayMs: 90, levelDb: -20 });
    const { starts } = hear({ heardBy: () => [], published: [{ voice, sound, room }], durationMs: 3_000 });
    expect(starts.length).toBeGreaterThan(0);
  });

  it('follows when another voice is heard, and knows again what it knew', () => {
    const [one, other] = [newVoice(), newVoice()];
    let asked = 0;
    const sound = concat([
      pause(300),
      phrase('en', 'where-is-the-station'),
      phrase('en', 'we-need-more-time'),
    ]);
    const { starts, samples } = hear({
      heardBy: () => (asked++ % 4 < 2 ? [one] : [other, one]),
      published: [
        { voice: one, sound, room: new AcousticRoom({ delayMs: 90, levelDb: -20 }) },
        { voice: other, sound: pause(0), room: new AcousticRoom({ delayMs: 90, levelDb: -20 }) },
      ],
      durationMs: 7_000,
    });
    expect(starts).toEqual([]);
    expect(samples).toBe(7_000 * 48);
  });

  it('does not mind that the voice is asked for early or late', () => {
    const voice = newVoice();
    const sound = concat([
      pause(300),
      phrase('en', 'where-is-the-station'),
      phrase('en', 'we-need-more-time'),
    ]);
    const room = new AcousticRoom({ delayMs: 150, levelDb: -20 });
    const heard = hear(
      { heardBy: () => [voice], published: [{ voice, sound, room }], durationMs: 7_000 },
      (frame) => ((frame * 7) % 5) * 5 - 10,
    );
    expect(heard.starts).toEqual([]);
  });
});
