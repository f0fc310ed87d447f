/** What a listener hears of a live interpretation, in a meeting: the end of an utterance comes with it, and nothing behind it. */
import { expect, it } from 'vitest';
import { EnduringWorld } from '../../soak/world.js';
import type { HeardPhrase } from '../../soak/phrase-listener.js';

it('nothing audible comes after the end of an utterance', async () => {
  const world = await EnduringWorld.open({ engine: 'live', settings: { voices: 'one' } });
  const heard: HeardPhrase[] = [];
  world.onHeard = (each) => {
    heard.push(each);
  };
  world.join('ana', 'es');
  world.join('ben', 'en');
  await world.pass(500);
  const phrases = ['where-is-the-station', 'send-the-report', 'share-my-screen'];
  for (const phraseId of phrases) await world.pass(world.say('ana', 'es', phraseId) + 8_000);
  await world.close(20_000);
  await world.server.close();
  expect(heard.map(({ phraseId }) => phraseId)).toEqual(phrases);
});
