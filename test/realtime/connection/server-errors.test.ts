import { describe, expect, it } from 'vitest';
import { closeError, judgeServerError } from '../../../src/realtime/connection/server-errors.js';
import { tone } from '../scripted-transport.js';
import { connected } from '../session-fixture.js';

const FATAL = [
  ['invalid_api_key', 'key_refused', false, /key variable/],
  ['insufficient_quota', 'service_unavailable', false, /billing/],
  ['credit_balance_exhausted', 'service_unavailable', false, /billing/],
  ['model_not_found', 'service_unavailable', false, /--model/],
  ['unsupported_country_region_territory', 'service_unavailable', false, /region/],
] as const;

describe('server errors', () => {
  it.each(FATAL)('%s ends the session and says what to do', async (code, kind, retryable, advice) => {
    const { server, session, emitted, clock } = await connected();
    server.connection.turn('a');
    server.connection.responseCreated('r', 'a');
    server.connection.audio('r', 'out', tone(20));
    server.connection.error({ code, message: 'the server’s words' });
    const { state } = session;
    if (state.kind !== 'ended') throw new Error(`still ${state.kind}`);
    expect(state.error).toMatchObject({ code: kind, retryable });
    expect(state.error?.message).toMatch(advice);
    expect(state.error?.message).not.toContain('\n');
    expect(server.connection.closed).toBe(true);
    expect(emitted.state.filter((entry) => entry.kind === 'ended')).toHaveLength(1);
    expect(emitted.turnDone).toMatchObject([{ turnId: 'maria.1/a', outcome: 'failed' }]);
    expect(emitted.audioEnded).toHaveLength(1); // or playback would wait for the rest of it
    expect(session.idle).toBe(true);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('judges by the type where there is no code, and takes no prototype name for a code', () => {
    expect(judgeServerError({ type: 'insufficient_quota', code: null, message: '' }).kind).toBe('fatal');
    expect(judgeServerError({ type: 'authentication_error', message: '' })).toMatchObject({
      error: { code: 'key_refused' },
    });
    for (const code of ['constructor', '__proto__', 'toString', '']) {
      expect(judgeServerError({ type: 'x', code, message: 'y' }).kind).toBe('other');
    }
  });

  it('keeps a session open on any other error, and passes on its code and param', async () => {
    const { server, session, emitted } = await connected();
    server.connection.error({ code: 'unknown_parameter', message: 'm'.repeat(9_000), param: 'session.x' });
    server.connection.say({ type: 'error', error: { type: 'server_error', message: 'hiccup' } });
    expect(session.state.kind).toBe('ready');
    expect(emitted.notice).toEqual([
      {
        kind: 'server_error',
        code: 'unknown_parameter',
        param: 'session.x',
        message: `${'m'.repeat(299)}…`,
      },
      { kind: 'server_error', message: 'hiccup' },
    ]);
  });
});

describe('what a server says in errors', () => {
  it('never ends a line of ours, nor steers a terminal', async () => {
    const nasty = 'a\nb\u001b[2Jc\u202ed';
    const { server, session, emitted } = await connected();
    server.connection.turn('a');
    server.connection.error({ code: 'odd', message: nasty });
    server.connection.responseCreated('r', 'a');
    server.connection.responseDone('r', 'failed', { error: { message: nasty } });
    server.connection.error({ code: 'model_not_found', message: nasty });
    const messages = emitted.notice.map(({ message }) => message);
    if (session.state.kind === 'ended') messages.push(session.state.error?.message ?? '');
    messages.push(closeError({ code: 1006, reason: nasty }).message);
    expect(messages).toHaveLength(4);
    for (const message of messages) {
      expect(message).toContain('a b [2Jc d');
      expect(message).not.toMatch(/\p{Cc}|\p{Cf}/u);
    }
  });
});

describe('a line that is closed', () => {
  it.each([
    [1000, false],
    [1001, true],
    [1005, true],
    [1006, true],
    [1008, false],
    [1009, false],
    [1011, true],
    [1012, true],
    [1013, true],
  ])('with %i can be opened anew: %s', (code, retryable) => {
    const error = closeError({ code, reason: 'because' });
    expect(error).toMatchObject({ code: 'service_unavailable', retryable });
    expect(error.message).toContain(`(${code}: because)`);
  });

  it('mid-response ends everything that was under way, and what was heard stays', async () => {
    const { server, session, emitted, order } = await connected();
    server.connection.turn('a');
    server.connection.turn('b');
    server.connection.responseCreated('r', 'a');
    server.connection.audio('r', 'out', tone(200));
    server.connection.text('r', 'out', 'half a sen');
    server.connection.speechStarted('c', 5_000);
    server.connection.drop(1006);
    expect(session.state).toMatchObject({ kind: 'reconnecting', error: { retryable: true } });
    expect(emitted.turnDone.map(({ turnId, outcome }) => [turnId, outcome])).toEqual([
      ['maria.1/a', 'failed'],
      ['maria.1/b', 'failed'],
      ['maria.1/c', 'failed'],
    ]);
    expect(emitted.translationTranscript.at(-1)).toMatchObject({ text: 'half a sen', final: true });
    expect(emitted.audioEnded).toHaveLength(1);
    expect(order.at(-1)).toBe('state'); // the last thing that it tells
    expect(session.idle).toBe(false);
  });
});
