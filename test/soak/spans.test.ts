/** The ear-voice span of each engine against what is heard in the room: the truth is known from the sound itself. */
import { expect, it } from 'vitest';
import type { JoinEventOf } from '../../src/bot/events.js';
import { ENGINES } from './engines.js';
import { EnduringWorld } from './world.js';

const AUDIBLE = 33;
/** Longer than any translation takes to be heard, and to be known as whole. */
const HEARD_BY_MS = 7_500;

/** Where sound begins and ends, in milliseconds. */
function bounds(pcm: Int16Array, samplesPerMs: number): { fromMs: number; toMs: number } {
  const from = pcm.findIndex((sample) => Math.abs(sample) > AUDIBLE);
  const to = pcm.findLastIndex((sample) => Math.abs(sample) > AUDIBLE);
  return { fromMs: from / samplesPerMs, toMs: to / samplesPerMs };
}

it.each([
  ...ENGINES.map((engine) => ({ engine, from: 'es', to: 'en' })),
  { engine: 'live' as const, from: 'de', to: 'fr' },
])(
  '$engine, $from to $to: within 50 ms of the truth, for every phrase of the book',
  async ({ engine, from, to }) => {
    const world = await EnduringWorld.open({ engine, settings: { voices: 'one' } });
    const spans: JoinEventOf<'span'>[] = [];
    world.events.on('span', (span) => spans.push(span));
    /** When something audible was played, by the world's clock. */
    let sounds: number[] = [];
    world.hall.watch({
      joined: () => undefined,
      frame: (id, { samples }) => {
        if (id.startsWith('parley') && samples.some((sample) => Math.abs(sample) > AUDIBLE))
          sounds.push(world.clock.nowMs());
      },
      changed: () => undefined,
      left: () => undefined,
      microphone: () => undefined,
      message: () => undefined,
      removed: () => undefined,
    });
    try {
      world.join('ana', from);
      world.join('ben', to);
      await world.pass(500);
      for (const id of world.book.keys()) {
        sounds = [];
        const saidMs = world.clock.nowMs();
        const said = bounds(world.book.get(id)!.get(from)!.pcm24k, 24);
        const durationMs = world.say('ana', from, id);
        for (let passedMs = 0; passedMs < durationMs + HEARD_BY_MS; passedMs += 10) await world.pass(10);
        const middleSaidMs = saidMs + (said.fromMs + said.toMs) / 2;
        const middleHeardMs = (sounds[0]! + sounds.at(-1)!) / 2;
        const span = spans.findLast(({ speakerId }) => speakerId === 'ana')!;
        expect(
          Math.abs(span.spanMs - (middleHeardMs - middleSaidMs)),
          `${engine} ${id} ${span.spanMs}`,
        ).toBeLessThanOrEqual(50);
        // The stand-in lays the words of a live session over the sound by their length, and tells their windows.
        expect(span).toMatchObject({ engine, to, byWord: engine === 'live' });
      }
      expect(spans).toHaveLength(world.book.size);
    } finally {
      await world.close(5_000);
      await world.server.close();
    }
  },
  120_000,
);
