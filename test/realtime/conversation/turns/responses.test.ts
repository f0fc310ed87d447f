import { describe, expect, it } from 'vitest';
import { tone } from '../../scripted-transport.js';
import { connected } from '../../session-fixture.js';

const ALREADY_ACTIVE = 'conversation_already_has_active_response';

describe('how a response ends', () => {
  it('surfaces a failed one, with its code, and goes on with the next turn', async () => {
    const { server, emitted } = await connected();
    server.connection.turn('a');
    server.connection.turn('b');
    server.connection.responseCreated('r1', 'a');
    server.connection.responseDone('r1', 'failed', {
      error: { type: 'invalid_request_error', code: 'content_filter', message: 'not this' },
    });
    expect(emitted.notice).toEqual([
      {
        kind: 'response_failed',
        message: 'a translation failed: not this',
        code: 'content_filter',
        turnId: 'maria.1/a',
      },
    ]);
    expect(emitted.turnDone).toEqual([{ turnId: 'maria.1/a', outcome: 'failed', detail: 'not this' }]);
    expect(server.connection.of('response.create')).toHaveLength(2);
  });

  const SLOW_DOWN = { type: 'server_error', code: 'inference_rate_limit_exceeded', message: 'slow down' };

  it('asks again, once, a second after a failure that passes, before any other turn', async () => {
    const { server, emitted, clock, session } = await connected();
    const { connection } = server;
    connection.turn('a');
    connection.turn('b');
    connection.responseCreated('r1', 'a');
    connection.text('r1', 'out_1', 'never mi');
    connection.responseDone('r1', 'failed', { error: SLOW_DOWN });
    expect(emitted.notice).toEqual([
      {
        kind: 'response_retried',
        message: 'a translation failed and is asked for again: slow down',
        code: 'inference_rate_limit_exceeded',
        turnId: 'maria.1/a',
      },
    ]);
    clock.advanceBy(999);
    expect(connection.of('response.create')).toHaveLength(1);
    clock.advanceBy(1);
    expect(connection.of('response.create')[1]?.['response']).toMatchObject({
      metadata: { turn: 'a' },
      input: [{ type: 'item_reference', id: 'a' }],
    });
    connection.respond('r2', 'a', 'out_2', 20, 'good morning');
    connection.respond('r3', 'b', 'out_3', 20);
    expect(emitted.turnDone.map(({ turnId, outcome }) => [turnId, outcome])).toEqual([
      ['maria.1/a', 'completed'],
      ['maria.1/b', 'completed'],
    ]);
    const finals = emitted.translationTranscript.filter(({ final }) => final).map(({ text }) => text);
    expect(finals).toEqual(['good morning', 'hello']); // nothing of the first attempt
    expect(session.counters).toMatchObject({ responses: 3, responsesRetried: 1 });
  });

  it('shows a failure that comes twice', async () => {
    const { server, emitted, clock } = await connected();
    const { connection } = server;
    connection.turn('a');
    connection.responseCreated('r1', 'a');
    connection.responseDone('r1', 'failed', { error: SLOW_DOWN });
    clock.advanceBy(1_000);
    connection.responseCreated('r2', 'a');
    connection.responseDone('r2', 'failed', { error: SLOW_DOWN });
    clock.advanceBy(20_000);
    expect(connection.of('response.create')).toHaveLength(2);
    expect(emitted.notice.map(({ kind }) => kind)).toEqual(['response_retried', 'response_failed']);
    expect(emitted.turnDone).toEqual([{ turnId: 'maria.1/a', outcome: 'failed', detail: 'slow down' }]);
  });

  it('says nothing twice: what was heard in part is not asked for again', async () => {
    const { server, emitted, clock } = await connected();
    const { connection } = server;
    connection.turn('a');
    connection.responseCreated('r1', 'a');
    connection.audio('r1', 'out_1', tone(20));
    connection.responseDone('r1', 'failed', { error: SLOW_DOWN });
    clock.advanceBy(20_000);
    expect(connection.of('response.create')).toHaveLength(1);
    expect(emitted.turnDone).toMatchObject([{ turnId: 'maria.1/a', outcome: 'failed' }]);
  });

  it.each([
    ['Rate limit reached. Please try again in 3.5s.', 3_500],
    ['Rate limit reached. Please try again in 20ms.', 1_000],
  ])('waits as long as it is told: %s', async (message, waitMs) => {
    const { server, clock } = await connected();
    const { connection } = server;
    connection.turn('a');
    connection.responseCreated('r1', 'a');
    const error = { type: 'rate_limit_error', code: 'rate_limit_exceeded', message };
    connection.responseDone('r1', 'failed', { error });
    clock.advanceBy(waitMs - 1);
    connection.turn('b');
    connection.responseDone('somebody else’s');
    expect(connection.of('response.create')).toHaveLength(1);
    clock.advanceBy(1);
    expect(connection.of('response.create')).toHaveLength(2);
  });

  it('does not wait for a limit that outlasts the use of the translation', async () => {
    const { server, emitted } = await connected();
    server.connection.turn('a');
    server.connection.responseCreated('r1', 'a');
    const error = { code: 'rate_limit_exceeded', message: 'Please try again in 45s.' };
    server.connection.responseDone('r1', 'failed', { error });
    expect(emitted.turnDone).toMatchObject([{ outcome: 'failed' }]);
  });

  it('ends the session where no response will succeed any more', async () => {
    const { server, emitted, session } = await connected();
    server.connection.turn('a');
    server.connection.responseCreated('r1', 'a');
    const error = { type: 'insufficient_quota', code: 'insufficient_quota', message: 'You exceeded' };
    server.connection.responseDone('r1', 'failed', { error });
    expect(session.state).toMatchObject({ kind: 'ended', error: { retryable: false, message: /billing/ } });
    expect(emitted.turnDone).toMatchObject([{ turnId: 'maria.1/a', outcome: 'failed' }]);
  });

  it('cancels a response that begins after its turn was given up: it is in the way of the next one', async () => {
    const { server, clock, emitted, session } = await connected();
    const { connection } = server;
    connection.turn('a');
    clock.advanceBy(31_000);
    expect(emitted.turnDone).toMatchObject([{ turnId: 'maria.1/a', outcome: 'failed' }]);
    connection.responseCreated('late', 'a');
    expect(connection.of('response.cancel')).toMatchObject([{ response_id: 'late' }]);
    connection.audio('late', 'out', tone(20));
    expect(emitted.audio).toEqual([]);
    connection.responseDone('late', 'cancelled');
    connection.turn('b');
    connection.respond('r', 'b', 'out_b', 20);
    expect(emitted.turnDone.at(-1)).toMatchObject({ turnId: 'maria.1/b', outcome: 'completed' });
    expect(session.idle).toBe(true);
  });

  it('continues an incomplete one once, before any other turn, and counts it', async () => {
    const { server, emitted, session } = await connected();
    const { connection } = server;
    connection.turn('a');
    connection.turn('b');
    connection.responseCreated('r1', 'a');
    connection.audio('r1', 'out_1', tone(20));
    connection.textDone('r1', 'out_1', 'the first half');
    connection.responseDone('r1', 'incomplete', { reason: 'max_output_tokens' });
    const continuation = connection.of('response.create')[1]?.['response'];
    expect(continuation).toMatchObject({
      metadata: { turn: 'a' },
      input: [
        { type: 'item_reference', id: 'a' },
        { type: 'item_reference', id: 'out_1' },
      ],
    });
    expect((continuation as { instructions: string }).instructions).toMatch(
      /^translate to English\n\n.*rest/,
    );
    connection.responseCreated('r2', 'a');
    connection.audio('r2', 'out_2', tone(20));
    connection.textDone('r2', 'out_2', 'and the second');
    connection.responseDone('r2', 'incomplete', { reason: 'max_output_tokens' });
    expect(emitted.turnDone).toEqual([
      { turnId: 'maria.1/a', outcome: 'incomplete', detail: 'max_output_tokens' },
    ]);
    expect(emitted.translationTranscript.at(-1)).toMatchObject({
      text: 'the first half and the second',
      final: true,
    });
    expect(session.counters.continuations).toBe(1);
    expect(emitted.notice.map(({ kind }) => kind)).toEqual(['response_incomplete', 'response_incomplete']);
    expect(connection.of('response.create')[2]?.['response']).toMatchObject({ metadata: { turn: 'b' } });
  });

  it('does not continue what a filter stopped', async () => {
    const { server, emitted, session } = await connected();
    server.connection.turn('a');
    server.connection.responseCreated('r', 'a');
    server.connection.responseDone('r', 'incomplete', { reason: 'content_filter' });
    expect(emitted.turnDone[0]).toMatchObject({ outcome: 'incomplete', detail: 'content_filter' });
    expect(session.counters.continuations).toBe(0);
  });

  it('tells a cancelled one, and one with nothing to say', async () => {
    const { server, emitted } = await connected();
    server.connection.turn('a');
    server.connection.turn('b');
    server.connection.responseCreated('r1', 'a');
    server.connection.responseDone('r1', 'cancelled', { reason: 'client_cancelled' });
    server.connection.responseCreated('r2', 'b');
    server.connection.responseDone('r2');
    expect(emitted.turnDone).toEqual([
      { turnId: 'maria.1/a', outcome: 'cancelled', detail: 'client_cancelled' },
      { turnId: 'maria.1/b', outcome: 'empty' },
    ]);
  });

  it('ends items whose audio.done never came', async () => {
    const { server, emitted } = await connected();
    server.connection.turn('a');
    server.connection.responseCreated('r', 'a');
    server.connection.audio('r', 'out', tone(20));
    expect(emitted.audioEnded).toEqual([]);
    server.connection.responseDone('r');
    server.connection.audioDone('r', 'out');
    expect(emitted.audioEnded).toEqual([{ turnId: 'maria.1/a', outputId: 'maria.1/out' }]);
  });
});

describe('events that are missing, late, double or strange', () => {
  it('takes what comes first for a response that was never announced', async () => {
    const { server, emitted } = await connected();
    server.connection.turn('a');
    server.connection.audio('r', 'out', tone(20));
    server.connection.responseDone('r');
    expect(emitted.audio).toHaveLength(1);
    expect(emitted.turnDone[0]?.outcome).toBe('completed');
    server.connection.turn('b');
    server.connection.audio('r', 'out', tone(20)); // late: belongs to what is over, not to b
    expect(emitted.audio).toHaveLength(1);
    server.connection.responseDone('r2');
    expect(emitted.turnDone[1]).toEqual({ turnId: 'maria.1/b', outcome: 'empty' });
  });

  it('gives a response up that shows no sign of life for 30 s, and tells its late events from the next one’s', async () => {
    const { server, emitted, session, clock } = await connected();
    const { connection } = server;
    connection.turn('a');
    connection.turn('b');
    connection.responseCreated('r1', 'a');
    connection.audio('r1', 'out_a', tone(20));
    clock.advanceBy(20_000);
    connection.text('r1', 'out_a', 'still there');
    clock.advanceBy(29_999);
    expect(emitted.turnDone).toEqual([]);
    clock.advanceBy(1);
    expect(emitted.turnDone).toEqual([{ turnId: 'maria.1/a', outcome: 'failed', detail: 'no answer' }]);
    expect(emitted.audioEnded).toHaveLength(1);
    expect(emitted.notice.map(({ kind }) => kind)).toEqual(['turn_abandoned']);
    expect(connection.of('response.cancel')).toMatchObject([{ response_id: 'r1' }]);
    connection.audio('r1', 'out_a', tone(20));
    connection.responseDone('r1', 'cancelled');
    connection.respond('r2', 'b', 'out_b', 20);
    expect(emitted.audio.map(({ turnId }) => turnId)).toEqual(['maria.1/a', 'maria.1/b']);
    expect(emitted.turnDone.map(({ outcome }) => outcome)).toEqual(['failed', 'completed']);
    expect(session.counters.lateDeltas).toBe(1);
    expect(session.idle).toBe(true);
  });

  it('gives up a response that was asked for and never came', async () => {
    const { server, emitted, clock } = await connected();
    server.connection.turn('a');
    clock.advanceBy(30_000);
    expect(emitted.turnDone[0]).toMatchObject({ outcome: 'failed' });
    expect(server.connection.of('response.cancel')).toEqual([]);
    server.connection.turn('b');
    server.connection.responseCreated('late', 'a'); // the answer to a, after all
    server.connection.audio('late', 'x', tone(20));
    server.connection.responseDone('late');
    server.connection.respond('r', 'b', 'y', 20);
    expect(emitted.audio.map(({ outputId }) => outputId)).toEqual(['maria.1/y']);
  });

  it('survives created, done and audio.done twice', async () => {
    const { server, emitted } = await connected();
    const { connection } = server;
    connection.turn('a');
    connection.turn('b');
    connection.responseCreated('r', 'a');
    connection.responseCreated('r', 'a');
    connection.audio('r', 'out', tone(20));
    connection.audioDone('r', 'out');
    connection.audioDone('r', 'out');
    connection.audio('r', 'out', tone(20)); // after its end
    connection.responseDone('r');
    connection.responseDone('r');
    connection.responseCreated('r', 'b'); // an id that is over does not come back
    connection.audio('r', 'out', tone(20));
    expect(emitted.audio).toHaveLength(1);
    expect(emitted.audioEnded).toHaveLength(1);
    expect(emitted.turnDone).toHaveLength(1);
    expect(connection.of('response.create')).toHaveLength(2);
  });

  it('drops and counts deltas of responses and items that nobody asked for', async () => {
    const { server, emitted, session } = await connected();
    server.connection.audio('unknown', 'out', tone(20));
    server.connection.responseCreated('theirs', 'something else');
    server.connection.audio('theirs', 'out', tone(20));
    server.connection.text('theirs', 'out', 'hm');
    server.connection.responseDone('theirs');
    server.connection.responseDone('over');
    server.connection.turn('a');
    server.connection.audio('over', 'out', tone(20)); // nor is it taken for the answer to what was asked since
    expect(emitted.audio).toEqual([]);
    expect(emitted.translationTranscript).toEqual([]);
    expect(session.counters.lateDeltas).toBe(3);
  });

  it('leaves out an event that arrives twice, but not different events under one id', async () => {
    const { server, emitted, session } = await connected();
    const { connection } = server;
    const same = (delta: Int16Array, eventId: string) => {
      connection.say({
        type: 'response.output_audio.delta',
        event_id: eventId,
        response_id: 'r',
        item_id: 'out',
        output_index: 0,
        content_index: 0,
        delta: Buffer.from(delta.buffer).toString('base64'),
      });
    };
    connection.turn('a');
    connection.responseCreated('r', 'a');
    same(tone(20), 'event_x');
    same(tone(20), 'event_x');
    expect(emitted.audio).toHaveLength(1);
    same(tone(20, 4_000), 'event_x'); // a server that gives all of its events one id
    expect(emitted.audio).toHaveLength(2);
    expect(session.counters.lateDeltas).toBe(0);
  });

  it('keeps texts right when pieces come after the whole', async () => {
    const { server, emitted } = await connected();
    const { connection } = server;
    const usage = { type: 'duration', seconds: 1 };
    const source = (type: string, fields: object) => {
      connection.say({
        type: `conversation.item.input_audio_transcription.${type}`,
        item_id: 'a',
        content_index: 0,
        ...fields,
      });
    };
    connection.turn('a');
    source('completed', { transcript: 'hola', usage });
    source('delta', { delta: 'ho' });
    source('completed', { transcript: 'hola.', usage });
    connection.responseCreated('r', 'a');
    connection.textDone('r', 'out', 'hello');
    connection.text('r', 'out', 'hel');
    connection.responseDone('r');
    connection.text('r', 'out', 'late');
    expect(emitted.sourceTranscript.map(({ text }) => text)).toEqual(['hola', 'hola.']);
    expect(emitted.translationTranscript.map(({ text }) => text)).toEqual(['hello', 'hello']);
  });

  it('joins a sample that was split between two deltas, and passes on no empty audio', async () => {
    const { server, emitted } = await connected();
    server.connection.turn('a');
    server.connection.responseCreated('r', 'a');
    const bytes = Buffer.from(tone(10).buffer);
    for (const cut of [bytes.subarray(0, 1), bytes.subarray(1, 100), bytes.subarray(100), Buffer.of()]) {
      server.connection.audio('r', 'out', cut.toString('base64'));
    }
    server.connection.audio('r', 'out', '!');
    expect(emitted.audio.map(({ pcm }) => pcm.length)).toEqual([50, 190]);
    expect(emitted.audio.flatMap(({ pcm }) => [...pcm])).toEqual([...tone(10)]);
  });
});

describe('errors that stay benign', () => {
  it.each([true, false])('waits for a response that already runs (with event_id: %s)', async (withId) => {
    const { server, emitted, session } = await connected();
    const { connection } = server;
    connection.turn('a');
    const eventId = connection.of('response.create')[0]?.event_id ?? '';
    connection.error({ code: ALREADY_ACTIVE, message: 'active', event_id: withId ? eventId : null });
    expect(connection.of('response.create')).toHaveLength(1);
    connection.turn('b');
    expect(connection.of('response.create')).toHaveLength(1);
    connection.responseDone('somebody else’s');
    connection.respond('r1', 'a', 'x', 20);
    connection.respond('r2', 'b', 'y', 20);
    expect(emitted.turnDone.map(({ turnId, outcome }) => [turnId, outcome])).toEqual([
      ['maria.1/a', 'completed'],
      ['maria.1/b', 'completed'],
    ]);
    expect(emitted.notice.map(({ kind }) => kind)).toEqual(['benign_error']);
    expect(session.counters.benignErrors).toBe(1);
  });

  it('asks again every second when the other response’s end is never announced, for 30 s', async () => {
    const { server, emitted, clock, session } = await connected();
    const { connection } = server;
    connection.turn('a');
    for (let second = 0; second < 40; second++) {
      const last = connection.of('response.create').at(-1);
      if (last !== undefined) connection.error({ code: ALREADY_ACTIVE, event_id: last.event_id ?? null });
      clock.advanceBy(1_000);
    }
    expect(connection.of('response.create')).toHaveLength(31);
    expect(emitted.turnDone).toMatchObject([{ turnId: 'maria.1/a', outcome: 'failed' }]);
    expect(session.idle).toBe(true);
  });

  it('fails only the turn whose request is refused for another reason', async () => {
    const { server, emitted } = await connected();
    const { connection } = server;
    connection.turn('a');
    connection.error({
      code: 'invalid_value',
      message: 'bad',
      param: 'response.metadata',
      event_id: 'other',
    });
    expect(emitted.turnDone).toEqual([]);
    const eventId = connection.of('response.create')[0]?.event_id ?? '';
    connection.error({
      code: 'invalid_value',
      message: 'bad',
      param: 'response.metadata',
      event_id: eventId,
    });
    expect(emitted.turnDone).toEqual([{ turnId: 'maria.1/a', outcome: 'failed', detail: 'bad' }]);
    expect(emitted.notice.map(({ kind, param }) => [kind, param])).toEqual([
      ['server_error', 'response.metadata'],
      ['server_error', 'response.metadata'],
    ]);
  });

  it.each([
    { code: 'response_cancel_not_active', message: 'x' },
    { code: 'input_audio_buffer_commit_empty', message: 'x' },
    { code: null, message: 'Audio content of 1000ms is already shorter than 2000ms' },
    { code: 'unsupported_content_type', message: 'Only model output audio messages can be truncated.' },
  ])('counts and survives $code $message', async (error) => {
    const { server, emitted, session } = await connected();
    server.connection.error(error);
    expect(session.counters.benignErrors).toBe(1);
    expect(emitted.notice.map(({ kind }) => kind)).toEqual(['benign_error']);
    server.connection.turn('a');
    server.connection.respond('r', 'a', 'x', 20);
    expect(emitted.turnDone[0]?.outcome).toBe('completed');
  });

  it('takes any refusal of a truncation as the race it is', async () => {
    const { server, emitted, session } = await connected();
    server.connection.turn('a');
    server.connection.respond('r', 'a', 'x', 500);
    session.cut([{ outputId: 'maria.1/x', playedMs: 100, heardToEnd: false }]);
    const eventId = server.connection.of('conversation.item.truncate')[0]?.event_id ?? '';
    server.connection.error({ code: 'item_not_found', message: 'gone', event_id: eventId });
    expect(emitted.notice.map(({ kind }) => kind)).toEqual(['benign_error']);
  });
});
