import { describe, expect, it } from 'vitest';
import { chunkOf } from '../../realtime/chunks.js';
import { FakeVad } from '../../realtime/fake-vad.js';
import type { ScriptedConnection, SentEvent } from '../../realtime/scripted-transport.js';
import { turns } from '../../realtime/session-fixture.js';
import { talk } from '../interpreter-fixture.js';

/** 10 ms of a tone. */
const chunk = (amplitude: number, atMs: number) =>
  chunkOf(
    Int16Array.from({ length: 240 }, (_, n) => Math.round(amplitude * Math.sin(n * 0.2))),
    atMs,
  );

/** One VAD per line. */
function vads() {
  const byConnection = new Map<ScriptedConnection, FakeVad>();
  return (event: SentEvent, connection: ScriptedConnection) => {
    let vad = byConnection.get(connection);
    if (vad === undefined) byConnection.set(connection, (vad = new FakeVad()));
    vad.onEvent(event, connection);
  };
}

describe('route', () => {
  it('carries a turn from the microphone to the voice and records what happened to it', async () => {
    const talking = await talk('others', ['maria'], { server: { onEvent: vads() } });
    const { maria } = talking.people;
    const { clock } = talking;
    clock.advanceTo(1_000);
    const step = (amplitude: number) => {
      talking.play(1);
      maria!.route.push(chunk(amplitude, clock.nowMs() - 10));
    };
    for (let n = 0; n < 30; n++) step(0);
    for (let n = 0; n < 100; n++) step(8_000); // 1300 to 2300
    for (let n = 0; n < 60; n++) step(0);
    const turnId = 'maria.1/item_1';
    expect(maria!.route.turns).toMatchObject([{ turnId, interrupted: false }]);
    expect(maria!.route.idle).toBe(false);
    maria!.connection.say({
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: 'item_1',
      content_index: 0,
      transcript: 'hola',
      usage: { type: 'duration', seconds: 1 },
    });
    const askedMs = clock.nowMs();
    maria!.connection.respond('r', 'item_1', 'out', 500, 'hello');
    talking.play(60);
    expect(maria!.route.idle).toBe(false); // the frames have stopped: silence is fed until that has settled
    talking.play(100);
    expect([maria!.route.idle, talking.voice.idle]).toEqual([true, true]);
    const [turn] = maria!.route.turns;
    expect(turn).toMatchObject({
      sourceText: 'hola',
      translatedText: 'hello',
      outcome: 'completed',
      interrupted: false,
      playedFromMs: askedMs,
    });
    expect(Math.abs(turn!.startMs - 1_300)).toBeLessThanOrEqual(20);
    expect(Math.abs(turn!.endMs - 2_300)).toBeLessThanOrEqual(20);
    expect(Math.abs(turn!.firstAudioDelayMs! - (askedMs - 2_300))).toBeLessThanOrEqual(20);
    expect(Math.abs(turn!.playedToMs! - askedMs - 500)).toBeLessThanOrEqual(10);
    await talking.close();
  });

  it('plays what was received, at its level, losing nothing between items', async () => {
    const talking = await talk('off', ['maria']);
    const { maria } = talking.people;
    maria!.connection.turn('a', 0, 0);
    maria!.connection.responseCreated('r', 'a');
    maria!.say('r', 'out_1', 300);
    maria!.say('r', 'out_2', 300); // audio.done of the first one comes late
    maria!.connection.audioDone('r', 'out_1');
    maria!.connection.responseDone('r');
    expect(talking.voice.pendingMs).toBeCloseTo(600 + 2 * (64 / 24), 3); // with what the filter held of each
    talking.play(80);
    expect(talking.voice.idle).toBe(true);
    const soundMs = talking.heard().filter((sample) => Math.abs(sample) > 100).length / 48;
    expect(soundMs).toBeGreaterThan(585);
    await talking.close();
  });

  it('says nothing more of what was cut, not even what the filter held of it', async () => {
    const talking = await talk('any', ['maria']);
    const { maria } = talking.people;
    maria!.connection.turn('a', 0, 0);
    maria!.connection.responseCreated('r1', 'a');
    maria!.say('r1', 'out_a', 500);
    talking.play(10);
    maria!.connection.turn('b', 0, 0);
    maria!.connection.responseDone('r1');
    talking.play(1);
    maria!.connection.responseCreated('r2', 'b');
    maria!.connection.audio('r2', 'out_b', new Int16Array(2_400));
    maria!.connection.responseDone('r2');
    const before = talking.heard().length;
    talking.play(30);
    expect(maria!.route.turns[1]).toMatchObject({ outcome: 'completed', playedFromMs: 110 });
    expect(
      talking
        .heard()
        .subarray(before)
        .every((sample) => sample === 0),
    ).toBe(true);
    await talking.close();
  });

  it('calls a translation interrupted that the server cancelled, though all of it that came was heard', async () => {
    const talking = await talk('others', ['maria'], { config: { responses: 'server' } });
    const { maria } = talking.people;
    maria!.connection.turn('a', 0, 0);
    maria!.connection.responseCreated('r', 'a');
    maria!.say('r', 'out', 200);
    maria!.connection.speechStarted('b');
    maria!.connection.responseDone('r', 'cancelled');
    talking.play(50);
    expect(maria!.route.turns[0]).toMatchObject({ outcome: 'cancelled', interrupted: true });
    expect(maria!.route.turns[0]?.playedToMs).toBeGreaterThanOrEqual(200);
    await talking.close();
  });

  it('lets playback go on when the connection drops in the middle of a response', async () => {
    const talking = await talk('off', ['maria', 'noor']);
    const { maria, noor } = talking.people;
    maria!.connection.turn('a', 0, 0);
    maria!.connection.responseCreated('r', 'a');
    maria!.say('r', 'out', 200);
    noor!.connection.turn('a', 0, 0);
    noor!.connection.respond('r', 'a', 'out', 200);
    maria!.connection.drop(1006);
    talking.play(100);
    expect(talking.voice.idle).toBe(true); // what Noor said is not stuck behind it
    expect(noor!.route.turns[0]?.playedToMs).toBeDefined();
    expect(maria!.route.turns[0]).toMatchObject({ outcome: 'failed' });
    expect(maria!.route.idle).toBe(false); // its session opens another line
    maria!.route.push(chunk(8_000, 0));
    maria!.route.endOfSpeech();
    await talking.close();
  });

  it('commits long speech in pieces, though a turn before it is told to have ended after it began', async () => {
    const talking = await talk('off', ['maria']);
    const { maria } = talking.people;
    const { connection, route } = maria!;
    connection.speechStarted('a');
    connection.speechStarted('b', 100);
    // As a connection does that is left while the speaker goes on.
    connection.say({ type: 'input_audio_buffer.speech_stopped', item_id: 'a', audio_end_ms: 500 });
    for (let n = 0; n < 1_520; n++) {
      talking.play(1);
      route.push(chunk(8_000, n * 10));
    }
    expect(connection.of('input_audio_buffer.commit')).toHaveLength(1);
    await talking.close();
  });

  it('drains on close, and takes frames that come later for nothing', async () => {
    const talking = await talk('off', ['maria'], { server: { onEvent: vads() } });
    const { maria } = talking.people;
    for (let n = 0; n < 50; n++) {
      talking.play(1);
      maria!.route.push(chunk(8_000, n * 10));
    }
    const closing = maria!.route.close();
    talking.play(100);
    maria!.connection.respond('r', 'item_1', 'out', 200);
    talking.play(250); // its transcript never comes
    await closing;
    expect(maria!.route.turns).toMatchObject([{ outcome: 'completed' }]);
    const { appendedSamples } = maria!.connection;
    maria!.route.push(chunk(8_000, 3_000));
    maria!.route.endOfSpeech();
    await maria!.route.close();
    expect(maria!.connection.appendedSamples).toBe(appendedSamples);
    await turns();
    expect(talking.clock.nextDueMs()).toBeUndefined();
  });

  it('forgets the oldest turns of a very long meeting', async () => {
    const talking = await talk('off', ['maria']);
    const { maria } = talking.people;
    for (let n = 0; n < 10_050; n++) {
      maria!.connection.turn(`i${n}`, 0, 0);
      maria!.connection.responseCreated(`r${n}`, `i${n}`);
      maria!.connection.responseDone(`r${n}`);
    }
    expect(maria!.route.turns).toHaveLength(10_000);
    expect(maria!.route.turns[0]?.turnId).toBe('maria.1/i50');
    await talking.close();
  });
});
