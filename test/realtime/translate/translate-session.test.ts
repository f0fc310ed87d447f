import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../../src/errors.js';
import { babble, join, silence } from '../../embedded/realtime-server/harness.js';
import { feed, nextTurn, played, type Played, type PlayedServer, ready, sound } from './translate-fixture.js';

/** Words of 2 s and the pause that ends the turn. */
function saySomething(world: Played): void {
  feed(world, join(babble(2_000), silence(700)));
}

/** The engine says this, in 300 ms, and is silent for a second. */
function translate({ server }: Played, words: string): void {
  server.say({ type: 'session.output_transcript.delta', delta: words });
  server.audio(join(sound(300), new Int16Array(24_000)));
}

describe('opening', () => {
  it('sends no audio before the language is confirmed, then all of it in messages of 200 ms', async () => {
    const { session, server, clock } = played();
    const connecting = session.connect();
    await nextTurn();
    feed({ session, clock }, sound(600));
    server.say({
      type: 'session.created',
      session: { type: 'translation', audio: { output: { language: 'es' } } },
    });
    expect(server.types()).toEqual(['session.update']);
    expect(server.sent[0]).toMatchObject({
      session: {
        audio: {
          input: { transcription: { model: 'gpt-realtime-whisper' }, noise_reduction: null },
          output: { language: 'en' },
        },
      },
    });
    feed({ session, clock }, sound(200));
    expect(server.appendedSamples).toBe(0);
    server.say({ type: 'session.updated', session: { audio: { output: { language: 'en' } } } });
    await connecting;
    expect(server.appendSizes).toEqual([4_800, 4_800, 4_800, 4_800]);
  });

  it('refuses to run in another language than was asked for', async () => {
    const { session, server } = played();
    const connecting = session.connect();
    await nextTurn();
    server.say({ type: 'session.created', session: {} });
    server.say({ type: 'session.updated', session: { audio: { output: { language: 'es' } } } });
    await expect(connecting).rejects.toThrow(/asked for "en" and says "es"/);
    expect(session.state.kind).toBe('ended');
  });

  it('fails with what the server says of the configuration, and without an answer after 15 s', async () => {
    const refused = played();
    const connecting = refused.session.connect();
    await nextTurn();
    refused.server.say({ type: 'session.created', session: {} });
    refused.server.say({ type: 'error', error: { type: 'invalid_request_error', message: 'no such model' } });
    await expect(connecting).rejects.toThrow(/refused the configuration: no such model/);

    const silent = played();
    const waiting = silent.session.connect();
    await nextTurn();
    silent.clock.advanceBy(15_000);
    await expect(waiting).rejects.toMatchObject({ code: 'service_unavailable', retryable: true });
  });

  it('passes on why no line could be opened', async () => {
    const { session, server } = played();
    server.refuse = new ParleyError('key_refused', 'no');
    await expect(session.connect()).rejects.toMatchObject({ code: 'key_refused' });
  });

  it('takes a language that the engine does not speak for a mistake', () => {
    expect(() => played({ language: 'pt-BR' })).toThrow(/does not speak "pt-BR"/);
    expect(() => played({ pauseAfterSilenceMs: 200 })).toThrow(/1500 or more/);
  });
});

describe('input', () => {
  it('is silence while no frames come, at the pace of the clock', async () => {
    const { server, clock, session } = await ready();
    clock.advanceBy(10_000);
    expect(server.appendedSamples / 24_000).toBeGreaterThan(9.4);
    expect(server.appendedSamples / 24_000).toBeLessThanOrEqual(10);
    expect(session.counters.silenceFedMs).toBeGreaterThan(9_400);
  });

  it('has no hole and no surplus when the speaker is muted and comes back', async () => {
    const world = await ready();
    for (let round = 0; round < 5; round++) {
      feed(world, sound(1_000));
      world.clock.advanceBy(3_000);
    }
    feed(world, sound(1_000));
    expect(world.server.appendedSamples / 24).toBeGreaterThan(21_000 - 200);
    expect(world.server.appendedSamples / 24).toBeLessThanOrEqual(21_000);
  });

  it('goes on without a hole where the speaker’s frames end, and every 200 ms where they are late', async () => {
    const world = await ready();
    const { clock, server, session } = world;
    const longestHoleMs = (durationMs: number): number => {
      let holeMs = 0;
      let sinceMs = 0;
      for (let passedMs = 0; passedMs < durationMs; passedMs += 10) {
        const before = server.appendedSamples;
        clock.advanceBy(10);
        sinceMs = server.appendedSamples > before ? 0 : sinceMs + 10;
        holeMs = Math.max(holeMs, sinceMs);
      }
      return holeMs;
    };
    feed(world, sound(1_090));
    session.endOfSpeech();
    expect(longestHoleMs(3_000)).toBeLessThan(300);
    feed(world, sound(1_090));
    longestHoleMs(1_000); // until they are known to be late
    expect(longestHoleMs(3_000)).toBeLessThanOrEqual(200);
    expect(server.appendedSamples / 24).toBeGreaterThan(clock.nowMs() - 400);
    expect(server.appendedSamples / 24).toBeLessThanOrEqual(clock.nowMs());
  });

  it('pauses in long silence where that is wanted, and begins again with what came just before speech', async () => {
    const world = await ready({ pauseAfterSilenceMs: 2_000 });
    world.clock.advanceBy(60_000);
    const quietMs = world.server.appendedSamples / 24;
    expect(quietMs).toBeLessThan(4_000);
    feed(world, join(silence(1_000), babble(1_000)));
    const spokenMs = world.server.appendedSamples / 24 - quietMs;
    expect(spokenMs).toBeGreaterThan(1_000 + 300); // pre-roll
    expect(spokenMs).toBeLessThan(2_000);
  });

  it('holds 10 s back at most while the connection is congested, and says what it dropped', async () => {
    const world = await ready();
    world.server.bufferedAmountBytes = 1_000_000;
    feed(world, sound(15_000));
    expect(world.session.counters.audioDroppedMs).toBeGreaterThanOrEqual(4_800);
    expect(world.emitted.notice.some(({ kind }) => kind === 'audio_dropped')).toBe(true);
    world.server.bufferedAmountBytes = 0;
    world.clock.advanceBy(200);
    expect(world.server.appendedSamples / 24).toBeLessThanOrEqual(10_600);
  });
});

describe('turns', () => {
  it('are made of the speaker’s pauses and of what the engine says', async () => {
    const world = await ready();
    const { server, clock, emitted, session } = world;
    feed(world, silence(500));
    saySomething(world);
    server.say({ type: 'session.input_transcript.delta', delta: ' Hola' });
    server.say({ type: 'session.output_transcript.delta', delta: ' Hel' });
    server.say({ type: 'session.output_transcript.delta', delta: 'lo.' });
    server.audio(new Int16Array(9_600));
    server.audio(sound(400));
    server.audio(new Int16Array(24_000));
    expect(session.idle).toBe(false);
    clock.advanceBy(3_000);

    const [bounds] = emitted.turnCommitted;
    expect(bounds!.startMs).toBeGreaterThan(400);
    expect(bounds!.startMs).toBeLessThan(600);
    expect(Math.abs(bounds!.endMs - 2_500)).toBeLessThan(200);
    const heard = emitted.audio;
    expect(heard.reduce((sum, { pcm }) => sum + pcm.length, 0)).toBe(400 * 24);
    expect(emitted.audioEnded).toEqual([{ turnId: bounds!.turnId, outputId: heard[0]!.outputId }]);
    expect(emitted.sourceTranscript.at(-1)).toEqual({
      turnId: bounds!.turnId,
      text: 'Hola',
      final: true,
    });
    expect(emitted.translationTranscript.at(-1)).toMatchObject({ text: 'Hello.', final: true });
    expect(emitted.turnDone).toEqual([{ turnId: bounds!.turnId, outcome: 'completed' }]);
    expect(session.idle).toBe(true);
  });

  it('end empty when the engine says nothing, as for speech in the target language', async () => {
    const world = await ready();
    saySomething(world);
    world.clock.advanceBy(10_000);
    expect(world.emitted.turnDone.map(({ outcome }) => outcome)).toEqual(['empty']);
  });

  it('lay translations against what was said, in order', async () => {
    const world = await ready();
    for (const words of ['One.', 'Two.']) {
      saySomething(world);
      translate(world, words);
    }
    world.clock.advanceBy(5_000);
    expect(world.emitted.turnDone.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
    const finals = world.emitted.translationTranscript.filter(({ final }) => final);
    expect(finals.map(({ text }) => text)).toEqual(['One.', 'Two.']);
  });

  it('to which the engine says nothing are passed over once it is later than it ever was', async () => {
    const world = await ready();
    const { emitted, clock } = world;
    saySomething(world);
    clock.advanceBy(500);
    translate(world, 'One.'); // from here on it is known how late a translation is
    clock.advanceBy(4_000);
    saySomething(world); // in the target language: nothing is said to it
    clock.advanceBy(1_000);
    saySomething(world);
    clock.advanceBy(500);
    translate(world, 'Three.'); // 4 s after the second turn
    clock.advanceBy(5_000);
    expect(emitted.turnDone.map(({ outcome }) => outcome)).toEqual(['completed', 'empty', 'completed']);
    const third = emitted.turnCommitted[2]!.turnId;
    expect(emitted.translationTranscript.at(-1)).toMatchObject({ turnId: third, text: 'Three.' });
    expect(emitted.audio.at(-1)!.turnId).toBe(third);
  });

  it('wait longer for an engine that is still speaking, or was slower before', async () => {
    const world = await ready();
    const { emitted, clock } = world;
    saySomething(world);
    clock.advanceBy(3_000);
    translate(world, 'One.');
    clock.advanceBy(4_000);
    saySomething(world);
    clock.advanceBy(1_000);
    saySomething(world);
    clock.advanceBy(500);
    translate(world, 'Two.');
    translate(world, 'Three.');
    clock.advanceBy(5_000);
    expect(emitted.turnDone.map(({ outcome }) => outcome)).toEqual(['completed', 'completed', 'completed']);
    const finals = emitted.translationTranscript.filter(({ final }) => final);
    expect(finals.map(({ text }) => text)).toEqual(['One.', 'Two.', 'Three.']);
    const spoken = emitted.audio.map(({ turnId }) => turnId);
    expect(spoken).toEqual(emitted.turnCommitted.map(({ turnId }) => turnId));
  });

  it('are told apart in writing before they are aloud: text runs ahead of the voice', async () => {
    const world = await ready();
    const { server, emitted, clock } = world;
    saySomething(world);
    saySomething(world);
    server.say({ type: 'session.output_transcript.delta', delta: 'One.' });
    server.audio(sound(300));
    server.say({ type: 'session.output_transcript.delta', delta: ' Two' });
    server.audio(sound(300));
    server.audio(new Int16Array(24_000));
    server.say({ type: 'session.output_transcript.delta', delta: ' and' });
    server.audio(join(sound(300), new Int16Array(24_000))); // a pause in the middle of a sentence
    server.audio(sound(300));
    server.say({ type: 'session.output_transcript.delta', delta: ' a half.' });
    clock.advanceBy(5_000);
    const [first, second] = emitted.turnCommitted.map(({ turnId }) => turnId);
    const finals = emitted.translationTranscript.filter(({ final }) => final);
    expect(finals).toMatchObject([
      { turnId: first, text: 'One.' },
      { turnId: second, text: 'Two and a half.' },
    ]);
    expect(emitted.audio.map(({ turnId }) => turnId)).toEqual([first, first, second, second]);
    expect(emitted.turnDone.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
  });

  it('are split by hand in long speech', async () => {
    const world = await ready();
    feed(world, babble(3_000));
    world.session.commitTurn();
    feed(world, join(babble(1_000), silence(700)));
    expect(world.emitted.turnCommitted).toHaveLength(2);
    const [first, second] = world.emitted.turnCommitted;
    expect(second!.startMs).toBe(first!.endMs);
  });

  it('are never told again after they are done, and words out of a long silence are of none', async () => {
    const world = await ready();
    saySomething(world);
    world.server.audio(sound(200));
    world.clock.advanceBy(5_000);
    const [done] = world.emitted.turnDone;
    world.server.audio(sound(200)); // a straggler: a turn of its own
    world.clock.advanceBy(5_000);
    expect(world.emitted.audio.at(-1)!.turnId).not.toBe(done!.turnId);
    world.clock.advanceBy(30_000);
    const emittedCount = (): number => Object.values(world.emitted).flat().length;
    const before = emittedCount();
    world.server.say({ type: 'session.output_transcript.delta', delta: 'Thanks for watching!' });
    world.server.say({ type: 'session.input_transcript.delta', delta: 'Thanks for watching!' });
    expect(emittedCount()).toBe(before);
    expect(world.session.counters.lateDeltas).toBeGreaterThanOrEqual(2);
  });

  it('say nothing more of an item that was cut; the next utterance is heard', async () => {
    const world = await ready();
    saySomething(world);
    world.server.audio(sound(200));
    const { outputId, turnId } = world.emitted.audio[0]!;
    world.session.cut([{ outputId, playedMs: 100, heardToEnd: false }]);
    world.server.audio(sound(200));
    expect(world.emitted.audio).toHaveLength(1);
    world.server.audio(new Int16Array(24_000));
    world.clock.advanceBy(3_000);
    expect(world.emitted.turnDone).toEqual([{ turnId, outcome: 'cancelled' }]);
    saySomething(world);
    world.server.audio(sound(200));
    expect(world.emitted.audio).toHaveLength(2);
  });
});

it('says nothing more of a turn whose translation is not wanted, and writes it all the same', async () => {
  const world = await ready();
  saySomething(world);
  const { turnId } = world.emitted.turnCommitted[0]!;
  world.server.audio(sound(200));
  world.session.cancelTurn(turnId);
  world.session.cancelTurn('nobody');
  world.server.audio(join(sound(200), new Int16Array(24_000), sound(200)));
  world.server.say({ type: 'session.output_transcript.delta', delta: 'Hello.' });
  world.clock.advanceBy(5_000);
  expect(world.emitted.audio).toHaveLength(1);
  expect(world.emitted.translationTranscript.at(-1)).toMatchObject({ turnId, text: 'Hello.' });
  expect(world.emitted.turnDone).toEqual([{ turnId, outcome: 'cancelled' }]);
});

describe('what servers send', () => {
  it('is read in both families of names, of which the first one seen counts', async () => {
    const azure = await ready();
    saySomething(azure);
    azure.server.say({ type: 'response.text.delta', text: 'Hello' });
    azure.server.say({ type: 'session.output_transcript.delta', delta: 'Hello' });
    azure.server.say({ type: 'response.text.done', text: 'Hello' });
    azure.server.say({ type: 'response.text.delta', delta: ' you' });
    expect(azure.emitted.translationTranscript.at(-1)!.text).toBe('Hello you');
    expect(azure.session.counters.unknownEvents).toBe(0);
  });

  it('is survived when it is malformed, unknown, or audio of half a sample', async () => {
    const world = await ready();
    saySomething(world);
    for (const text of ['{', '[]', '{"type":1}', '{"type":"session.output_audio.delta"}', '{"type":"x"}']) {
      world.server.sayText(text);
    }
    world.server.say({ type: 'session.output_audio.delta', delta: 'AQ==' });
    world.server.say({ type: 'session.output_audio.delta', delta: 'AgMA' });
    const heard = world.emitted.audio.flatMap(({ pcm }) => Array.from(pcm));
    expect(heard).toEqual([0x0201, 0x0003]);
    expect(world.session.counters.malformedEvents).toBe(4);
    expect(world.session.counters.unknownEvents).toBe(1);
    expect(world.session.state.kind).toBe('ready');
  });

  it('ends the session when it is audio of another rate, a fatal error, or a line that is not wanted', async () => {
    const rate = await ready();
    rate.server.say({ type: 'session.output_audio.delta', delta: '', sample_rate: 16_000 });
    expect(rate.session.state).toMatchObject({ kind: 'ended', error: { code: 'protocol' } });
    const revoked = await ready();
    saySomething(revoked);
    revoked.server.say({ type: 'error', error: { type: 'x', code: 'invalid_api_key', message: 'no' } });
    expect(revoked.session.state).toMatchObject({ kind: 'ended', error: { code: 'key_refused' } });
    expect(revoked.emitted.turnDone).toMatchObject([{ outcome: 'failed' }]);
    const unwanted = await ready();
    unwanted.server.drop(1008);
    expect(unwanted.session.state).toMatchObject({ kind: 'ended', error: { retryable: false } });
  });

  it('is a reason for another line when it is the end of the session, asked for or not', async () => {
    for (const end of [
      (server: PlayedServer): void => {
        server.say({
          type: 'error',
          error: { type: 'x', code: 'session_expired', message: '60 minutes' },
        });
      },
      (server: PlayedServer): void => {
        server.say({ type: 'session.closed' });
      },
      (server: PlayedServer): void => {
        server.drop(1006);
      },
    ]) {
      const world = await ready();
      end(world.server);
      expect(world.session.state).toMatchObject({ kind: 'reconnecting', error: { retryable: true } });
      world.clock.advanceBy(1);
      await nextTurn();
      world.server.say({ type: 'session.created', session: {} });
      world.server.say({ type: 'session.updated', session: {} });
      await nextTurn();
      expect(world.session.state.kind).toBe('ready');
      expect(world.session.counters.reconnects).toBe(1);
    }
  });

  it('is told as a notice when a changed transcription is refused', async () => {
    const { session, server, emitted } = await ready();
    session.setTranscription(undefined);
    const update = server.sent.at(-1)!;
    expect(update).toMatchObject({ session: { audio: { input: { transcription: null } } } });
    server.say({
      type: 'error',
      error: { type: 'invalid_request_error', message: 'no', event_id: update['event_id'] },
    });
    expect(emitted.notice).toMatchObject([{ kind: 'update_rejected' }]);
    expect(session.state.kind).toBe('ready');
  });
});

describe('closing', () => {
  it('sends what is left, then session.close, and takes what comes until session.closed', async () => {
    const world = await ready();
    feed(world, babble(1_050));
    const closing = world.session.close();
    expect(world.server.types().at(-1)).toBe('session.close');
    expect(world.server.appendedSamples).toBe(1_050 * 24);
    world.server.say({ type: 'session.output_transcript.delta', delta: 'At last.' });
    world.server.audio(sound(30_000)); // faster than it is heard, and all of it
    world.server.say({ type: 'session.closed' });
    await closing;
    const heardMs = world.emitted.audio.reduce((sum, { pcm }) => sum + pcm.length / 24, 0);
    expect(heardMs).toBe(30_000);
    expect(world.emitted.turnDone.map(({ outcome }) => outcome)).toEqual(['completed']);
    expect(world.session.state).toEqual({ kind: 'ended' });
    expect(world.server.closedByClient).toBe(true);
    expect(world.clock.nextDueMs()).toBeUndefined();
  });

  it('waits no longer than it was told, and ends at once when the connection is gone', async () => {
    const slow = await ready();
    const closing = slow.session.close(3_000);
    slow.clock.advanceBy(3_000);
    await closing;
    expect(slow.session.state).toEqual({ kind: 'ended' });

    const gone = await ready();
    const ending = gone.session.close();
    gone.server.drop(1006);
    await ending;
    expect(gone.emitted.notice).toMatchObject([{ kind: 'turn_abandoned' }]);
  });

  it('takes no audio any more', async () => {
    const world = await ready();
    await world.session.close(0);
    const sent = world.server.sent.length;
    feed(world, sound(500));
    expect(world.server.sent).toHaveLength(sent);
  });
});

it('leaves to captions what would be heard more than 20 s late, and speaks again once it has caught up', async () => {
  const world = await ready();
  feed(world, babble(2_000));
  for (let n = 0; n < 40; n++) world.server.audio(sound(1_000)); // 40 s of speech at once
  const heardMs = (): number => world.emitted.audio.reduce((sum, { pcm }) => sum + pcm.length / 24, 0);
  expect(heardMs()).toBe(20_000);
  expect(world.session.counters.lateAudioDroppedMs).toBe(20_000);
  world.server.audio(new Int16Array(24_000));
  world.clock.advanceBy(16_000);
  saySomething(world);
  world.server.audio(sound(1_000));
  expect(heardMs()).toBe(21_000);
});

it('says that its engine takes no instructions and has no voices to choose from', async () => {
  const { session } = await ready();
  expect(session.controls).toBeUndefined();
  expect(session.capabilities).toMatchObject({ instructions: false, voice: false, continuous: true });
});

it('tells all audio that it sent as billed, silence included, and transcription while it is on', async () => {
  const world = await ready();
  feed(world, sound(5_000));
  world.session.setTranscription(undefined);
  world.clock.advanceBy(60_000);
  await world.session.close(0);
  const billedMs = (kind: string): number =>
    world.emitted.usage.reduce((sum, usage) => {
      return usage.kind === kind && 'audioMs' in usage ? sum + usage.audioMs : sum;
    }, 0);
  expect(billedMs('translation')).toBe(world.server.appendedSamples / 24);
  expect(billedMs('translation')).toBeGreaterThan(64_000);
  expect(billedMs('transcription')).toBe(5_000);
});
