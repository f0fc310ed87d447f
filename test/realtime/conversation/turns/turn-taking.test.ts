import { describe, expect, it } from 'vitest';
import type { SentEvent } from '../../scripted-transport.js';
import { tone } from '../../scripted-transport.js';
import { connected, makeSession } from '../../session-fixture.js';
import { append } from '../../chunks.js';

const turnOf = (event: SentEvent | undefined) =>
  (event?.['response'] as { metadata?: { turn?: string } } | undefined)?.metadata?.turn;

describe('turns', () => {
  it('asks for one response per committed item, in the order of their commits, one at a time', async () => {
    const { server, emitted, session } = await connected();
    const { connection } = server;
    connection.turn('a', 0, 1_000);
    connection.turn('b', 1_500, 2_500);
    connection.turn('c', 3_000, 4_000);
    expect(connection.of('response.create').map(turnOf)).toEqual(['a']);
    connection.responseCreated('r1', 'a');
    connection.turn('d', 4_500, 5_500);
    connection.audio('r1', 'out_a', tone(100));
    expect(connection.of('response.create').map(turnOf)).toEqual(['a']);
    connection.responseDone('r1');
    expect(connection.of('response.create').map(turnOf)).toEqual(['a', 'b']);
    connection.respond('r2', 'b', 'out_b', 100);
    connection.respond('r3', 'c', 'out_c', 100);
    connection.respond('r4', 'd', 'out_d', 100);
    expect(connection.of('response.create').map(turnOf)).toEqual(['a', 'b', 'c', 'd']);
    expect(emitted.turnDone).toEqual(
      ['a', 'b', 'c', 'd'].map((item) => ({ turnId: `maria.1/${item}`, outcome: 'completed' })),
    );
    expect(connection.of('response.cancel')).toEqual([]); // nothing is cancelled by what comes next
    expect(session.idle).toBe(true);
    expect(session.counters).toMatchObject({ turns: 4, responses: 4 });
  });

  it('leaves a plain request to the conversation, and names the turn where others are unanswered or may soon be', async () => {
    const { server } = await connected();
    const { connection } = server;
    const inputOf = (index: number) =>
      (connection.of('response.create')[index]?.['response'] as { input?: unknown }).input;
    connection.turn('a');
    expect(inputOf(0)).toBeUndefined();
    connection.turn('b');
    connection.turn('c');
    connection.respond('r1', 'a', 'out_a', 20);
    expect(inputOf(1)).toEqual([{ type: 'item_reference', id: 'b' }]); // c waits
    connection.speechStarted('d', 9_000);
    connection.respond('r2', 'b', 'out_b', 20);
    expect(inputOf(2)).toEqual([{ type: 'item_reference', id: 'c' }]); // d may be committed before this arrives
    connection.responseCreated('r3', 'c');
    connection.responseDone('r3', 'failed', { error: { code: 'content_filter' } });
    connection.committed('d');
    expect(inputOf(3)).toEqual([{ type: 'item_reference', id: 'd' }]); // c stays unanswered before it
  });

  it('tells bounds of the speech itself, transcripts of both sides, audio by item and the end', async () => {
    const { server, emitted, order } = await connected();
    const { connection } = server;
    connection.turn('a', 0, 0);
    connection.say({
      type: 'conversation.item.input_audio_transcription.delta',
      item_id: 'a',
      content_index: 0,
      delta: 'ho',
    });
    connection.respond('r', 'a', 'out', 50, 'hello');
    connection.say({
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: 'a',
      content_index: 0,
      transcript: 'hola',
      usage: { type: 'duration', seconds: 1 },
    });
    expect(order.slice(2)).toEqual([
      'speechStarted maria.1/a',
      'speechStopped maria.1/a',
      'turnCommitted maria.1/a',
      'sourceTranscript maria.1/a',
      'audio maria.1/a',
      'translationTranscript maria.1/a',
      'audioEnded maria.1/a',
      'translationTranscript maria.1/a',
      'translationTranscript maria.1/a',
      'turnDone maria.1/a',
      'sourceTranscript maria.1/a', // transcription may be later than the translation
    ]);
    expect(emitted.audio[0]).toEqual({ turnId: 'maria.1/a', outputId: 'maria.1/out', pcm: tone(50) });
    expect(emitted.sourceTranscript.map(({ text, final }) => [text, final])).toEqual([
      ['ho', false],
      ['hola', true],
    ]);
    expect(emitted.translationTranscript.at(-1)).toEqual({
      turnId: 'maria.1/a',
      text: 'hello',
      final: true,
    });
  });

  it('takes a committed item that was never announced as a turn, and one that never stopped', async () => {
    const { server, emitted } = await connected();
    server.connection.committed('manual');
    server.connection.committed('manual');
    server.connection.speechStarted('b');
    server.connection.committed('b');
    expect(emitted.turnCommitted.map(({ turnId }) => turnId)).toEqual(['maria.1/manual', 'maria.1/b']);
    for (const { startMs, endMs } of emitted.turnCommitted) expect(endMs).toBeGreaterThanOrEqual(startMs);
  });

  it('gives up what was heard before a commit and is not in it', async () => {
    const { server, emitted, session } = await connected();
    server.connection.speechStarted('lost');
    server.connection.committed('found');
    expect(emitted.turnDone).toEqual([
      { turnId: 'maria.1/lost', outcome: 'failed', detail: 'not committed' },
    ]);
    server.connection.respond('r', 'found', 'out', 20);
    expect(session.idle).toBe(true);
  });

  it('keeps a turn that starts before the one before it is committed', async () => {
    const { server, emitted } = await connected();
    server.connection.speechStarted('a', 0);
    server.connection.speechStarted('b', 3_000);
    server.connection.committed('a');
    server.connection.committed('b');
    server.connection.respond('r1', 'a', 'x', 20);
    server.connection.respond('r2', 'b', 'y', 20);
    expect(emitted.turnDone.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
  });

  it('reports what could not be transcribed', async () => {
    const { server, emitted } = await connected();
    server.connection.turn('a');
    for (const itemId of ['a', 'unknown']) {
      server.connection.say({
        type: 'conversation.item.input_audio_transcription.failed',
        item_id: itemId,
        content_index: 0,
        error: { message: 'x'.repeat(1_000) },
      });
    }
    expect(emitted.notice.map(({ turnId }) => turnId)).toEqual(['maria.1/a', undefined]);
    expect(emitted.notice[0]?.message.length).toBeLessThan(400);
  });
});

describe('turns that the server answers by itself', () => {
  it('asks for nothing and takes the responses as they come', async () => {
    const { server, emitted, session } = await connected({ responses: 'server' });
    const { connection } = server;
    connection.turn('a');
    connection.responseCreated('r1');
    connection.audio('r1', 'out_a', tone(40));
    connection.speechStarted('b', 3_000);
    connection.responseDone('r1', 'cancelled', { type: 'cancelled', reason: 'turn_detected' });
    connection.committed('b');
    connection.responseCreated('r2');
    connection.audio('r2', 'out_b', tone(40));
    connection.responseDone('r2');
    expect(connection.of('response.create')).toEqual([]);
    expect(emitted.turnDone).toEqual([
      { turnId: 'maria.1/a', outcome: 'cancelled', detail: 'turn_detected' },
      { turnId: 'maria.1/b', outcome: 'completed' },
    ]);
    expect(session.idle).toBe(true);
  });

  it('lets go of a turn that the server passed over, and of one that it never answers', async () => {
    const { server, emitted, session, clock } = await connected({ responses: 'server' });
    const { connection } = server;
    connection.turn('a');
    connection.turn('b');
    connection.responseCreated('r');
    connection.responseDone('r');
    connection.turn('c');
    clock.advanceBy(30_000);
    expect(emitted.turnDone.map(({ turnId, outcome }) => [turnId, outcome])).toEqual([
      ['maria.1/a', 'failed'],
      ['maria.1/b', 'empty'],
      ['maria.1/c', 'failed'],
    ]);
    expect(emitted.notice.map(({ kind }) => kind)).toEqual(['turn_abandoned']);
    expect(session.idle).toBe(true);
  });

  it('does not pretend to continue what the output limit cut off', async () => {
    const { server, emitted, session } = await connected({ responses: 'server' });
    server.connection.turn('a');
    server.connection.responseCreated('r');
    server.connection.responseDone('r', 'incomplete', { reason: 'max_output_tokens' });
    expect(emitted.turnDone).toEqual([
      { turnId: 'maria.1/a', outcome: 'incomplete', detail: 'max_output_tokens' },
    ]);
    expect(session.counters.continuations).toBe(0);
    expect(emitted.notice).toHaveLength(1);
  });

  it('holds the uplink between turns while playback is full, and lets the open turn go on', async () => {
    const { server, session, clock } = await connected({ responses: 'server', uplinkChunkMs: 20 });
    const { connection } = server;
    const push = () => {
      append(session, tone(20), clock.nowMs());
      clock.advanceBy(20);
    };
    push();
    connection.speechStarted('a');
    session.holdTurns(true);
    push();
    expect(connection.appendedMs).toBe(340);
    connection.committed('a');
    for (let n = 0; n < 50; n++) push();
    expect(connection.appendedMs).toBe(340);
    expect(session.idle).toBe(false);
    session.holdTurns(false);
    expect(connection.appendedMs).toBe(1_340); // nothing was lost
    expect(session.counters.audioDroppedMs).toBe(0);
  });
});

describe('holding turns', () => {
  it('counts from before the connection is ready', async () => {
    const { server, session, clock } = makeSession({ responses: 'server' });
    session.holdTurns(true);
    append(session, tone(100), 0);
    await session.connect();
    clock.advanceBy(1_000);
    expect(server.connection.appends).toHaveLength(0);
    session.holdTurns(false);
    expect(server.connection.appendedMs).toBe(400);
  });

  it('asks for no further turn while playback is full; what runs goes on', async () => {
    const { server, session, emitted } = await connected();
    const { connection } = server;
    connection.turn('a');
    connection.turn('b');
    session.holdTurns(true);
    session.holdTurns(true);
    connection.respond('r1', 'a', 'out_a', 500);
    expect(emitted.audio).toHaveLength(1);
    expect(connection.of('response.create')).toHaveLength(1);
    connection.turn('c');
    expect(connection.of('response.create')).toHaveLength(1);
    expect(session.idle).toBe(false);
    session.holdTurns(false);
    expect(connection.of('response.create').map(turnOf)).toEqual(['a', 'b']);
  });
});
