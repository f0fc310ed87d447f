/** Translation sessions against the embedded server, in memory on one virtual clock. */
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import { type Responder, SessionHost } from '../../src/local/realtime-server/index.js';
import { createPhrasebookResponder } from '../../src/local/phrasebook/responders.js';
import type { Phrasebook } from '../../src/local/phrasebook/phrasebook.js';
import type { TranslationConfig } from '../../src/realtime/translation-config.js';
import { TranslationSession } from '../../src/realtime/translation.js';
import { MemoryLines } from '../../src/replay/memory-lines.js';
import { loadBook } from '../local/phrasebook/book.js';
import { babble, join, silence, TestResponder } from '../local/realtime-server/harness.js';
import { record, type Told } from './told.js';
import { CONFIG, nextTurn } from './translation-fixture.js';

type World = { clock: VirtualClock; session: TranslationSession; told: Told; lines: MemoryLines };

async function open(responder: Responder, config: Partial<TranslationConfig> = {}): Promise<World> {
  const clock = new VirtualClock();
  const host = new SessionHost({ clock, responder });
  const lines = new MemoryLines(
    { open: (socket, model) => host.openTranslation(socket, model) },
    'gpt-realtime-translate',
  );
  const session = new TranslationSession({
    open: lines.open,
    clock,
    name: 's',
    config: { ...CONFIG, ...config },
  });
  const world = { clock, session, told: record(session).told, lines };
  const connecting = session.connect();
  while (session.state.kind === 'connecting') {
    lines.deliver();
    await nextTurn();
  }
  await connecting;
  return world;
}

/** Feeds `pcm` in real time, in frames of `frameMs`. */
function feed(
  { clock, session, lines }: World,
  pcm: Int16Array,
  frameMs = 10,
  each: () => void = () => undefined,
): void {
  const samples = frameMs * 24;
  for (let from = 0; from + samples <= pcm.length; from += samples) {
    const atMs = clock.nowMs();
    clock.advanceBy(frameMs);
    session.appendAudio(pcm.subarray(from, from + samples), atMs);
    while (lines.deliver());
    each();
  }
}

function phrase(book: Phrasebook, id: string, language: string): Int16Array {
  const rendering = book.get(id)?.get(language);
  if (rendering === undefined) throw new Error(`no ${id} in ${language}`);
  return rendering.pcm24k;
}

async function close(world: World): Promise<void> {
  const closing = world.session.close();
  while (world.session.state.kind !== 'ended') {
    world.clock.advanceBy(10);
    while (world.lines.deliver());
    await nextTurn();
  }
  await closing;
}

const book = await loadBook();

describe('with the phrasebook', () => {
  it('translates phrase by phrase, says nothing to what is in the target language, and loses nothing at the end', async () => {
    const world = await open(createPhrasebookResponder(book));
    const ids = ['where-is-the-station', 'send-the-report'];
    feed(world, silence(500));
    for (const id of ids) feed(world, join(phrase(book, id, 'es'), silence(4_000)));
    feed(world, join(phrase(book, 'we-need-more-time', 'en'), silence(9_000)));
    feed(world, phrase(book, 'customers-like-it', 'es'));
    await close(world);

    expect(world.lines.failure).toBeUndefined();
    expect(world.told.turnDone.map(({ outcome }) => outcome)).toEqual([
      'completed',
      'completed',
      'empty',
      'completed',
    ]);
    const finals = world.told.translationTranscript.filter(({ final }) => final);
    const spoken = [...ids, 'customers-like-it'];
    expect(finals.map(({ text }) => text)).toEqual(spoken.map((id) => book.get(id)!.get('en')!.text));
    const sources = world.told.sourceTranscript.filter(({ final }) => final);
    expect(sources.map(({ text }) => text)).toEqual([
      ...ids.map((id) => book.get(id)!.get('es')!.text),
      book.get('we-need-more-time')!.get('en')!.text,
      book.get('customers-like-it')!.get('es')!.text,
    ]);
    const said = world.told.audio.reduce((sum, { pcm }) => sum + pcm.filter((s) => s !== 0).length, 0);
    const whole = spoken.reduce(
      (sum, id) => sum + phrase(book, id, 'en').filter((sample) => sample !== 0).length,
      0,
    );
    expect(said).toBe(whole);
  });
});

describe('an hour of speech without end', () => {
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
    for (let n = 0; n < 60; n++) {
      feed(world, minute, 100, () => {
        worstMs = Math.max(worstMs, behindMs);
        behindMs = Math.max(0, behindMs - 100); // a listener
      });
      if (n === 9) worstOfFirstTenMs = worstMs;
    }
    const { receivedMs, fillerMs, droppedMs } = world.session.output;
    expect(receivedMs).toBeGreaterThan(7_190_000); // two hours of audio
    expect(heardMs).toBeGreaterThan(2_400_000); // and all of the speech in it
    expect(fillerMs).toBeGreaterThan(4_600_000);
    expect(droppedMs).toBe(0);
    expect(worstMs).toBeLessThan(8_000);
    expect(worstMs).toBeLessThanOrEqual(worstOfFirstTenMs + 400);
  }, 240_000);
});
