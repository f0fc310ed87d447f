/** Translation sessions against the embedded server, in memory on one virtual clock. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { type Responder, SessionHost } from '../../../src/embedded/realtime-server/index.js';
import { TranslateSession } from '../../../src/realtime/translate/translate-session.js';
import { MemoryConnections } from '../../../src/replay/backend/memory-connections.js';
import { babble, join, silence, TestResponder } from '../../embedded/realtime-server/harness.js';
import { CONFIG, nextTurn } from './translate-fixture.js';
import { phrase, soundOf, textOf } from '../continuous/continuous-world.js';
import { TranslationWorld } from './translate-world.js';
import { JudgedSpeech } from '../chunks.js';

describe('with the phrasebook', () => {
  it('translates phrase by phrase, says nothing to what is in the target language, and loses nothing at the end', async () => {
    const world = await TranslationWorld.ready();
    const ids = ['where-is-the-station', 'send-the-report'];
    await world.wait(500);
    for (const id of ids) await world.hear(join(phrase(id), silence(4_000)));
    await world.hear(join(phrase('we-need-more-time', 'en'), silence(9_000)));
    await world.hear(phrase('customers-like-it'));
    await world.close();

    expect(world.emitted.turnDone.map(({ outcome }) => outcome)).toEqual([
      'completed',
      'completed',
      'empty',
      'completed',
    ]);
    const finals = world.emitted.translationTranscript.filter(({ final }) => final);
    const spoken = [...ids, 'customers-like-it'];
    expect(finals.map(({ text }) => text)).toEqual(spoken.map((id) => textOf(id)));
    const sources = world.emitted.sourceTranscript.filter(({ final }) => final);
    expect(sources.map(({ text }) => text)).toEqual([
      ...ids.map((id) => textOf(id, 'es')),
      textOf('we-need-more-time'),
      textOf('customers-like-it', 'es'),
    ]);
    const said = world.emitted.audio.reduce((sum, { pcm }) => sum + pcm.filter((s) => s !== 0).length, 0);
    expect(said).toBe(spoken.reduce((sum, id) => sum + soundOf(id), 0));
  });
});

async function open(responder: Responder) {
  const clock = new VirtualClock();
  const host = new SessionHost({ clock, responder });
  const connections = new MemoryConnections(
    { open: (socket, model) => host.openTranslate(socket, model) },
    'gpt-realtime-translate',
  );
  const session = new TranslateSession({ open: connections.open, clock, name: 's', config: CONFIG });
  const connecting = session.connect();
  while (session.state.kind === 'connecting') {
    connections.deliver();
    await nextTurn();
  }
  await connecting;
  const speech = new JudgedSpeech((chunk) => {
    session.appendAudio(chunk);
  });
  return { clock, session, connections, speech };
}

type World = Awaited<ReturnType<typeof open>>;

/** Feeds `pcm` in frames of 100 ms. The event loop never turns: no other connection is opened. */
function feed({ clock, speech, connections }: World, pcm: Int16Array, each: () => void): void {
  for (let from = 0; from + 2_400 <= pcm.length; from += 2_400) {
    const atMs = clock.nowMs();
    clock.advanceBy(100);
    speech.push(pcm.subarray(from, from + 2_400), atMs);
    while (connections.deliver());
    each();
  }
}

describe('twenty minutes of speech without end', () => {
  it('is heard with a delay that does not grow, of 400 ms of audio per 200 ms', async () => {
    const responder = new TestResponder();
    responder.durationMs = 7_000; // of 10 s heard
    const world = await open(responder);
    const minute = join(...Array.from({ length: 6 }, () => babble(10_000)));
    let behindMs = 0;
    let heardMs = 0;
    let worstMs = 0;
    let worstOfFirstTenMs = 0;
    world.session.events.on('audio', ({ pcm }) => {
      behindMs += pcm.length / 24;
      heardMs += pcm.length / 24;
    });
    for (let n = 0; n < 20; n++) {
      feed(world, minute, () => {
        worstMs = Math.max(worstMs, behindMs);
        behindMs = Math.max(0, behindMs - 100); // a listener
      });
      if (n === 9) worstOfFirstTenMs = worstMs;
    }
    const { audioReceivedMs, fillerDroppedMs, lateAudioDroppedMs } = world.session.counters;
    expect(audioReceivedMs).toBeGreaterThan(2_390_000); // forty minutes of audio
    expect(heardMs).toBeGreaterThan(800_000); // and all of the speech in it
    expect(fillerDroppedMs).toBeGreaterThan(1_530_000);
    expect(lateAudioDroppedMs).toBe(0);
    expect(worstMs).toBeLessThan(8_000);
    expect(worstMs).toBeLessThanOrEqual(worstOfFirstTenMs + 80);
  }, 240_000);
});
