/** The ear-voice span of each engine against what is heard in the room: the truth is known from the sound itself. */
import { expect, it } from 'vitest';
import type { JoinEventOf } from '../../src/bot/events.js';
import { ENGINES } from './engines.js';
import { EnduringWorld } from './world.js';

const PHRASES = ['where-is-the-station', 'send-the-report', 'share-my-screen'] as const;
const AUDIBLE = 33;

/** Where sound begins and ends, in milliseconds. */
function bounds(pcm: Int16Array, samplesPerMs: number): { fromMs: number; toMs: number } {
  const from = pcm.findIndex((sample) => Math.abs(sample) > AUDIBLE);
  const to = pcm.findLastIndex((sample) => Math.abs(sample) > AUDIBLE);
  return { fromMs: from / samplesPerMs, toMs: to / samplesPerMs };
}

/** What the stand-in tells of a live session's words is spread evenly over a phrase and what is around it: there is no truth to compare. */
const BY_PHRASE = ENGINES.filter((engine) => engine !== 'live');

it.each(BY_PHRASE)(
  '%s: within 50 ms of the truth',
  async (engine) => {
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
      world.join('ana', 'es');
      world.join('ben', 'en');
      await world.pass(500);
      for (const id of PHRASES) {
        sounds = [];
        const saidMs = world.clock.nowMs();
        const said = bounds(world.book.get(id)!.get('es')!.pcm24k, 24);
        const durationMs = world.say('ana', 'es', id);
        for (let passedMs = 0; passedMs < durationMs + 9_000; passedMs += 10) await world.pass(10);
        const middleSaidMs = saidMs + (said.fromMs + said.toMs) / 2;
        const middleHeardMs = (sounds[0]! + sounds.at(-1)!) / 2;
        const span = spans.findLast(({ speakerId }) => speakerId === 'ana')!;
        expect(
          Math.abs(span.spanMs - (middleHeardMs - middleSaidMs)),
          `${engine} ${id} ${span.spanMs}`,
        ).toBeLessThanOrEqual(50);
        expect(span).toMatchObject({ engine, to: 'en', byWord: false });
      }
      expect(spans).toHaveLength(PHRASES.length);
    } finally {
      await world.close(5_000);
      await world.server.close();
    }
  },
  120_000,
);
