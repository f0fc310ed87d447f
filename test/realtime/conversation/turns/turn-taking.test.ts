import { describe, expect, it } from 'vitest';
import type { SentEvent } from '../../scripted-transport.js';
import { tone } from '../../scripted-transport.js';
import { connected, makeSession } from '../../session-fixture.js';

const turnOf = (event: SentEvent | undefined) =>
  (event?.['response'] as { metadata?: { turn?: string } } | undefined)?.metadata?.turn;

describe('turns', () => {
  it('asks for one response per committed item, in the order of their commits, one at a time', async () => {
    const { server, told, session } = await connected();
    const { line } = server;
    line.turn('a', 0, 1_000);
    line.turn('b', 1_500, 2_500);
    line.turn('c', 3_000, 4_000);
    expect(line.of('response.create').map(turnOf)).toEqual(['a']);
    line.responseCreated('r1', 'a');
    line.turn('d', 4_500, 5_500);
    line.audio('r1', 'out_a', tone(100));
    expect(line.of('response.create').map(turnOf)).toEqual(['a']);
    line.responseDone('r1');
    expect(line.of('response.create').map(turnOf)).toEqual(['a', 'b']);
    line.respond('r2', 'b', 'out_b', 100);
    line.respond('r3', 'c', 'out_c', 100);
    line.respond('r4', 'd', 'out_d', 100);
    expect(line.of('response.create').map(turnOf)).toEqual(['a', 'b', 'c', 'd']);
    expect(told.turnDone).toEqual(
      ['a', 'b', 'c', 'd'].map((item) => ({ turnId: `maria.1/${item}`, outcome: 'completed' })),
    );
    expect(line.of('response.cancel')).toEqual([]); // nothing is cancelled by what comes next
    expect(session.idle).toBe(true);
    expect(session.counters).toMatchObject({ turns: 4, responses: 4 });
  });

  it('leaves a plain request to the conversation, and names the turn where others are unanswered or may soon be', async () => {
    const { server } = await connected();
    const { line } = server;
    const inputOf = (index: number) =>
      (line.of('response.create')[index]?.['response'] as { input?: unknown }).input;
    line.turn('a');
    expect(inputOf(0)).toBeUndefined();
    line.turn('b');
    line.turn('c');
    line.respond('r1', 'a', 'out_a', 20);
    expect(inputOf(1)).toEqual([{ type: 'item_reference', id: 'b' }]); // c waits
    line.speechStarted('d', 9_000);
    line.respond('r2', 'b', 'out_b', 20);
    expect(inputOf(2)).toEqual([{ type: 'item_reference', id: 'c' }]); // d may be committed before this arrives
    line.responseCreated('r3', 'c');
    line.responseDone('r3', 'failed', { error: { code: 'content_filter' } });
    line.committed('d');
    expect(inputOf(3)).toEqual([{ type: 'item_reference', id: 'd' }]); // c stays unanswered before it
  });

  it('tells bounds of the speech itself, transcripts of both sides, audio by item and the end', async () => {
    const { server, told, order } = await connected();
    const { line } = server;
    line.turn('a', 0, 0);
    line.say({
      type: 'conversation.item.input_audio_transcription.delta',
      item_id: 'a',
      content_index: 0,
      delta: 'ho',
    });
    line.respond('r', 'a', 'out', 50, 'hello');
    line.say({
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
    expect(told.audio[0]).toEqual({ turnId: 'maria.1/a', outputId: 'maria.1/out', pcm: tone(50) });
    expect(told.sourceTranscript.map(({ text, final }) => [text, final])).toEqual([
      ['ho', false],
      ['hola', true],
    ]);
    expect(told.translationTranscript.at(-1)).toEqual({
      turnId: 'maria.1/a',
      text: 'hello',
      final: true,
    });
  });

  it('takes a committed item that was never announced as a turn, and one that never stopped', async () => {
    const { server, told } = await connected();
    server.line.committed('manual');
    server.line.committed('manual');
    server.line.speechStarted('b');
    server.line.committed('b');
    expect(told.turnCommitted.map(({ turnId }) => turnId)).toEqual(['maria.1/manual', 'maria.1/b']);
    for (const { startMs, endMs } of told.turnCommitted) expect(endMs).toBeGreaterThanOrEqual(startMs);
  });

  it('gives up what was heard before a commit and is not in it', async () => {
    const { server, told, session } = await connected();
    server.line.speechStarted('lost');
    server.line.committed('found');
    expect(told.turnDone).toEqual([{ turnId: 'maria.1/lost', outcome: 'failed', detail: 'not committed' }]);
    server.line.respond('r', 'found', 'out', 20);
    expect(session.idle).toBe(true);
  });

  it('keeps a turn that starts before the one before it is committed', async () => {
    const { server, told } = await connected();
    server.line.speechStarted('a', 0);
    server.line.speechStarted('b', 3_000);
    server.line.committed('a');
    server.line.committed('b');
    server.line.respond('r1', 'a', 'x', 20);
    server.line.respond('r2', 'b', 'y', 20);
    expect(told.turnDone.map(({ outcome }) => outcome)).toEqual(['completed', 'completed']);
  });

  it('reports what could not be transcribed', async () => {
    const { server, told } = await connected();
    server.line.turn('a');
    for (const itemId of ['a', 'unknown']) {
      server.line.say({
        type: 'conversation.item.input_audio_transcription.failed',
        item_id: itemId,
        content_index: 0,
        error: { message: 'x'.repeat(1_000) },
      });
    }
    expect(told.notice.map(({ turnId }) => turnId)).toEqual(['maria.1/a', undefined]);
    expect(told.notice[0]?.message.length).toBeLessThan(400);
  });
});

describe('turns that the server answers by itself', () => {
  it('asks for nothing and takes the responses as they come', async () => {
    const { server, told, session } = await connected({ responses: 'server' });
    const { line } = server;
    line.turn('a');
    line.responseCreated('r1');
    line.audio('r1', 'out_a', tone(40));
    line.speechStarted('b', 3_000);
    line.responseDone('r1', 'cancelled', { type: 'cancelled', reason: 'turn_detected' });
    line.committed('b');
    line.responseCreated('r2');
    line.audio('r2', 'out_b', tone(40));
    line.responseDone('r2');
    expect(line.of('response.create')).toEqual([]);
    expect(told.turnDone).toEqual([
      { turnId: 'maria.1/a', outcome: 'cancelled', detail: 'turn_detected' },
      { turnId: 'maria.1/b', outcome: 'completed' },
    ]);
    expect(session.idle).toBe(true);
  });

  it('lets go of a turn that the server passed over, and of one that it never answers', async () => {
    const { server, told, session, clock } = await connected({ responses: 'server' });
    const { line } = server;
    line.turn('a');
    line.turn('b');
    line.responseCreated('r');
    line.responseDone('r');
    line.turn('c');
    clock.advanceBy(30_000);
    expect(told.turnDone.map(({ turnId, outcome }) => [turnId, outcome])).toEqual([
      ['maria.1/a', 'failed'],
      ['maria.1/b', 'empty'],
      ['maria.1/c', 'failed'],
    ]);
    expect(told.notice.map(({ kind }) => kind)).toEqual(['turn_abandoned']);
    expect(session.idle).toBe(true);
  });

  it('does not pretend to continue what the output limit cut off', async () => {
    const { server, told, session } = await connected({ responses: 'server' });
    server.line.turn('a');
    server.line.responseCreated('r');
    server.line.responseDone('r', 'incomplete', { reason: 'max_output_tokens' });
    expect(told.turnDone).toEqual([
      { turnId: 'maria.1/a', outcome: 'incomplete', detail: 'max_output_tokens' },
    ]);
    expect(session.counters.continuations).toBe(0);
    expect(told.notice).toHaveLength(1);
  });

  it('holds the uplink between turns while playback is full, and lets the open turn go on', async () => {
    const { server, session, clock } = await connected({ responses: 'server' });
    const { line } = server;
    const push = () => {
      session.appendAudio(tone(20), clock.nowMs());
      clock.advanceBy(20);
    };
    push();
    line.speechStarted('a');
    session.holdTurns(true);
    push();
    expect(line.appendedMs).toBe(340);
    line.committed('a');
    for (let n = 0; n < 50; n++) push();
    expect(line.appendedMs).toBe(340);
    expect(session.idle).toBe(false);
    session.holdTurns(false);
    expect(line.appendedMs).toBe(1_340); // nothing was lost
    expect(session.counters.audioDroppedMs).toBe(0);
  });
});

describe('holding turns', () => {
  it('counts from before the line is ready', async () => {
    const { server, session, clock } = makeSession({ responses: 'server' });
    session.holdTurns(true);
    session.appendAudio(tone(100), 0);
    await session.connect();
    clock.advanceBy(1_000);
    expect(server.line.appends).toHaveLength(0);
    session.holdTurns(false);
    expect(server.line.appendedMs).toBe(400);
  });

  it('asks for no further turn while playback is full; what runs goes on', async () => {
    const { server, session, told } = await connected();
    const { line } = server;
    line.turn('a');
    line.turn('b');
    session.holdTurns(true);
    session.holdTurns(true);
    line.respond('r1', 'a', 'out_a', 500);
    expect(told.audio).toHaveLength(1);
    expect(line.of('response.create')).toHaveLength(1);
    line.turn('c');
    expect(line.of('response.create')).toHaveLength(1);
    expect(session.idle).toBe(false);
    session.holdTurns(false);
    expect(line.of('response.create').map(turnOf)).toEqual(['a', 'b']);
  });
});
