import { setImmediate as turn } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler } from '../../../audio/index.js';
import { LiveCaptions } from '../../../src/captions/live-captions.js';
import { VirtualClock } from '../../../src/clock.js';
import { ParleyError } from '../../../src/errors.js';
import type { EngineChoice, EngineNeed } from '../../../src/interpreter/plan/engine.js';
import { buildInstructions } from '../../../src/interpreter/instructions/instructions.js';
import type { RouteSpec } from '../../../src/interpreter/plan/routes.js';
import { OutputChannel } from '../../../src/interpreter/playback/output-channel.js';
import { captionSession } from '../../../src/meeting/captions/session-captions.js';
import { LiveRoute } from '../../../src/meeting/routes/live-route.js';
import type { SessionRequest } from '../../../src/meeting/open-session.js';
import { ScriptedSession } from '../scripted-session.js';
import { spanishRoute } from '../spanish-route.js';
import { chunkOf } from '../../realtime/chunks.js';

beforeAll(loadResampler);

const SPEC = spanishRoute('ana', 'en', ['bob']);
const lost = (retryable = true) =>
  new ParleyError('service_unavailable', 'the connection broke', { retryable });

function open(spec: Partial<RouteSpec> = {}, asked?: EngineChoice) {
  const clock = new VirtualClock();
  const sessions: ScriptedSession[] = [];
  const requests: SessionRequest[] = [];
  const emitted: string[] = [];
  const instructed: string[] = [];
  const said: string[] = [];
  const brief = { name: 'Ana' };
  const retries: number[] = [];
  const captions: string[] = [];
  const engines: string[] = [];
  const needs: EngineNeed[] = [];
  const voice = new OutputChannel({ bargeIn: 'others' });
  const live = new LiveCaptions({
    clock,
    toMeetingMs: (atMs) => atMs - 1_000,
    onCaption: ({ startMs, endMs, sourceText, speakerName }) =>
      captions.push(`${startMs}-${endMs} ${speakerName}: ${sourceText}`),
  });
  const route = new LiveRoute({
    spec: { ...SPEC, ...spec },
    speakerName: 'Ana',
    clock,
    voiceFor: () => voice,
    openSession: (request) => {
      requests.push(request);
      const session = new ScriptedSession();
      sessions.push(session);
      return session;
    },
    instructionsFor: ({ from, to }) =>
      to === undefined ? 'Transcribe.' : buildInstructions({ speaker: brief, from, to }),
    ...(asked === undefined ? {} : { engines: { asked, missing: new Map() } }),
    needsOf: () => needs,
    nextName: () => `s${sessions.length + 1}`,
    handlers: {
      span: () => undefined,
      state: (_route, state) => emitted.push(state),
      instructed: (_route, text) => instructed.push(text),
      session: (_route, session) => {
        captionSession(session, live);
      },
      said: (_route, { text }) => said.push(text),
      failed: (_route, error, retryInMs) => {
        emitted.push(`failed: ${error.message}`);
        retries.push(retryInMs);
      },
      engine: (_route, { engine, reason }) => engines.push(`${engine}: ${reason}`),
      languageHeard: (_route, language) => emitted.push(`heard ${language}`),
      reconnecting: (_route, error) => emitted.push(`reconnecting: ${error.message}`),
      dropped: (_route, turnId) => emitted.push(`dropped: ${turnId}`),
      doubted: (_route, _turnId, { kind }) => emitted.push(`doubted: ${kind}`),
      notice: (_route, { kind }) => emitted.push(kind),
      playback: (_route, { turnId, what }) => emitted.push(`${turnId} ${what}`),
    },
  });
  const push = (count: number) => {
    for (let n = 0; n < count; n++) {
      route.push(chunkOf(new Int16Array(240).fill(100), clock.nowMs()));
      clock.advanceBy(10);
    }
  };
  const opened = { clock, route, sessions, requests, engines, needs, push };
  return { ...opened, emitted, instructed, said, brief, retries, captions };
}

describe('LiveRoute', () => {
  it('drops audio while closed, opens once, and hands all audio on from then', async () => {
    const { route, sessions, requests, emitted, push } = open();
    push(10);
    route.open();
    route.open();
    expect(sessions).toHaveLength(1);
    expect(requests[0]).toMatchObject({ name: 's1', route: SPEC });
    expect(requests[0]?.instructions).toContain('from Spanish into English');
    push(50);
    sessions[0]!.ready();
    push(50);
    expect(sessions[0]!.heardMs).toBeCloseTo(1_000, -1);
    expect(emitted).toEqual(['opening', 'open']);
    await turn();
    expect(route.isOpen).toBe(true);
  });

  it('new instructions are sent exactly when they differ, and told', () => {
    const { route, sessions, brief, requests, instructed } = open();
    brief.name = 'Anita';
    route.refresh(); // nothing is open yet
    route.open();
    route.update(SPEC, 'Ana');
    route.update({ ...SPEC, listenerIds: ['bob', 'eve'] }, 'Ana');
    expect(sessions[0]!.instructions).toEqual([]);
    route.update({ ...SPEC, to: 'en-GB' }, 'Ana');
    route.update({ ...SPEC, to: 'en-GB' }, 'Ana');
    brief.name = 'Anna';
    route.refresh();
    route.refresh();
    expect(sessions[0]!.instructions).toHaveLength(2);
    expect(sessions[0]!.instructions[0]).toContain('into British English');
    expect(sessions[0]!.instructions[1]).toContain('"Anna"');
    expect(instructed).toEqual([requests[0]!.instructions, ...sessions[0]!.instructions]);
  });

  it('transcribes where its plan says so, in the language where there is one, and hands that over', () => {
    const { route, sessions } = open({ transcribes: false });
    route.open();
    route.update({ ...SPEC, transcribes: true }, 'Ana');
    route.update({ ...SPEC, transcriptionLanguage: 'pt-BR' }, 'Ana');
    route.update({ ...SPEC, from: ['es', 'fr'], transcriptionLanguage: undefined }, 'Ana');
    expect(sessions[0]!.transcriptions).toEqual([undefined, { language: 'es' }, { language: 'pt' }, {}]);
  });

  it('tells the language that a transcription found by itself, once per turn', () => {
    const emitted = (transcriptionLanguage: string | undefined) => {
      const opened = open({ transcriptionLanguage });
      opened.route.open();
      const { events } = opened.sessions[0]!;
      events.emit('sourceTranscript', { turnId: 'a', text: 'Guten', final: false });
      events.emit('sourceTranscript', { turnId: 'a', text: 'Guten Tag', final: true, language: 'de' });
      events.emit('sourceTranscript', { turnId: 'b', text: '', final: true, language: 'de' });
      events.emit('sourceTranscript', { turnId: 'c', text: 'Hm', final: true });
      return opened.emitted;
    };
    expect(emitted(undefined)).toEqual(['opening', 'heard de']);
    expect(emitted('es')).toEqual(['opening']); // it was told which to expect
  });

  it('without a target it transcribes', () => {
    const { route, sessions } = open({ to: undefined, transcriptionLanguage: undefined });
    route.open();
    expect(sessions[0]!.transcriptions).toEqual([{}]);
  });

  it('closing waits for a session that is still opening, then lets it finish', async () => {
    const { route, sessions, emitted } = open();
    route.open();
    const [session] = sessions;
    let closed = false;
    void route.close(10_000).then(() => (closed = true));
    expect(route.isOpen).toBe(false);
    await turn();
    expect([session!.endsOfSpeech, session!.closedWithDrainMs]).toEqual([1, undefined]);
    session!.ready();
    await turn();
    expect([session!.closedWithDrainMs, closed]).toEqual([10_000, false]);
    session!.drained();
    await turn();
    expect(closed).toBe(true);
    expect(emitted).toEqual(['opening', 'open', 'closed']);
  });

  it('closing gives up a session that never opens', async () => {
    const { route, sessions, clock } = open();
    route.open();
    const closing = route.close(2_000);
    clock.advanceBy(2_000);
    await closing;
    expect(sessions[0]!.closedWithDrainMs).toBe(0);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('may open again while the session before is finishing; abandoning ends that one at once', async () => {
    const { route, sessions } = open();
    route.open();
    sessions[0]!.ready();
    await turn();
    const closing = route.close(10_000);
    route.open();
    expect(sessions).toHaveLength(2);
    route.abandon();
    await closing;
    expect(sessions.map(({ state }) => state.kind)).toEqual(['ended', 'connecting']);
    expect(route.isOpen).toBe(true);
  });

  it('after a failure waits longer each time, a minute at most, until a turn was translated', () => {
    const { route, sessions, retries, clock } = open();
    for (let n = 0; n < 9; n++) {
      route.open();
      sessions.at(-1)!.fail(lost());
      expect(route.mayOpen).toBe(false);
      clock.advanceBy(retries.at(-1)!);
      expect(route.mayOpen).toBe(true);
    }
    retries.forEach((waitMs, n) => {
      const nominalMs = Math.min(60_000, 1_000 * 2 ** n);
      expect(waitMs).toBeGreaterThanOrEqual(nominalMs * 0.8);
      expect(waitMs).toBeLessThanOrEqual(nominalMs * 1.2);
    });
    route.open();
    sessions.at(-1)!.ready();
    sessions.at(-1)!.events.emit('turnDone', { turnId: 't', outcome: 'failed' });
    sessions.at(-1)!.events.emit('turnDone', { turnId: 't', outcome: 'completed' });
    sessions.at(-1)!.fail(lost());
    expect(retries.at(-1)).toBeLessThanOrEqual(1_200);
  });

  it('what trying again does not help ends it: told once, and not tried again', () => {
    const { route, sessions, retries, emitted, clock } = open();
    route.open();
    sessions[0]!.fail(new ParleyError('key_refused', 'wrong key'));
    expect(retries).toEqual([Infinity]);
    expect(emitted).toEqual(['opening', 'failed: wrong key']);
    clock.advanceBy(86_400_000);
    expect(route.mayOpen).toBe(false);
  });

  it('leaves a server alone for as long as it asks, however long the session lasted', () => {
    const { route, sessions, retries, clock } = open();
    route.open();
    sessions[0]!.ready();
    clock.advanceBy(3_600_000);
    const error = new ParleyError('service_unavailable', '503', { retryable: true, retryAfterMs: 90_000 });
    sessions[0]!.fail(error);
    expect(retries[0]).toBeGreaterThanOrEqual(90_000);
    expect(retries[0]).toBeLessThanOrEqual(108_000);
  });

  it('a session that lasted, as for the hour that the API allows, is followed by another at once', () => {
    const { route, sessions, retries, clock } = open();
    route.open();
    sessions[0]!.ready();
    clock.advanceBy(3_600_000);
    sessions[0]!.fail(lost());
    expect(retries).toEqual([0]);
    expect(route.mayOpen).toBe(true);
  });

  it('captions carry the meeting’s time and the present name', () => {
    const { route, sessions, captions } = open();
    route.open();
    const { events } = sessions[0]!;
    sessions[0]!.ready();
    route.update(SPEC, 'Ana María');
    events.emit('speechStarted', { turnId: 't', startMs: 5_000 });
    events.emit('speechStopped', { turnId: 't', startMs: 5_010, endMs: 6_000 });
    events.emit('sourceTranscript', { turnId: 't', text: 'Hola', final: true });
    expect(captions).toEqual(['4010-5000 Ana María: Hola']);
  });
});

describe('the engine of a LiveRoute', () => {
  it('is the conversation engine unless told otherwise, and is told once', () => {
    const { route, sessions, requests, engines, clock, retries } = open();
    for (let n = 0; n < 5; n++) {
      route.open();
      sessions.at(-1)!.fail(lost());
      clock.advanceBy(retries.at(-1)!);
    }
    expect(requests.map(({ engine }) => engine)).toEqual(Array.from({ length: 5 }, () => 'conversation'));
    expect(engines).toEqual(['conversation: asked for']);
  });

  it('translate: its session is told no instructions, and none are told to anybody', () => {
    const { route, requests, sessions, instructed, brief } = open({}, 'translate');
    route.open();
    brief.name = 'Anita';
    route.refresh();
    expect(requests[0]).toMatchObject({ engine: 'translate', instructions: '' });
    expect(sessions[0]!.instructions).toEqual([]);
    expect(instructed).toEqual([]);
    expect(sessions[0]!.transcriptions).toEqual([{ language: 'es' }]);
  });

  it('falls back to the other one, without waiting, when it keeps failing', () => {
    const { route, requests, sessions, engines, retries, clock } = open({}, 'translate');
    for (let n = 0; n < 3; n++) {
      clock.advanceBy(retries.at(-1) ?? 0);
      route.open();
      sessions.at(-1)!.ready();
      sessions.at(-1)!.fail(lost());
    }
    expect(retries.map((waitMs) => waitMs > 0)).toEqual([true, true, false]);
    expect(route.mayOpen).toBe(true);
    route.open();
    expect(requests.map(({ engine }) => engine)).toEqual([
      'translate',
      'translate',
      'translate',
      'conversation',
    ]);
    expect(requests.at(-1)!.instructions).toContain('into English');
    expect(engines).toEqual([
      'translate: asked for',
      'conversation: the translate engine failed 3 times in a row',
    ]);
  });

  it('a session waits for a minute for a server that is away, and less where the other engine would take over', () => {
    const patienceMs = (asked?: EngineChoice, spec: Partial<RouteSpec> = {}) => {
      const { route, requests } = open(spec, asked);
      route.open();
      return requests[0]!.patienceMs;
    };
    expect(patienceMs()).toBe(60_000);
    expect(patienceMs('conversation')).toBe(12_000);
    expect(patienceMs('translate')).toBe(12_000);
    expect(patienceMs('auto')).toBe(12_000);
    expect(patienceMs('auto', { to: undefined })).toBe(60_000);
  });

  it('falls back at once from one that could not be opened, and keeps to the wait where neither can', () => {
    const { route, requests, sessions, engines, retries } = open({}, 'translate');
    const away = new ParleyError('service_unavailable', '503', { retryable: true, retryAfterMs: 90_000 });
    for (let n = 0; n < 2; n++) {
      route.open();
      sessions.at(-1)!.fail(away);
    }
    expect(requests.map(({ engine }) => engine)).toEqual(['translate', 'conversation']);
    expect(engines.at(-1)).toBe('conversation: the translate engine cannot be reached: 503');
    expect(retries[0]).toBe(0);
    expect(retries[1]).toBeGreaterThanOrEqual(90_000);
  });

  it('falls back when translations fail although the session is open; the session is outdated then', () => {
    const { route, sessions } = open({}, 'conversation');
    route.open();
    sessions[0]!.ready();
    const { events } = sessions[0]!;
    const fail = (turnId: string) => events.emit('turnDone', { turnId, outcome: 'failed' });
    ['a', 'b'].forEach(fail);
    events.emit('turnDone', { turnId: 'c', outcome: 'completed' });
    ['d', 'e'].forEach(fail);
    expect(route.outdated).toBe(false);
    fail('f');
    expect(route.outdated).toBe(true);
  });

  it('auto: a profile that comes later makes the session outdated, one that goes again does not', async () => {
    const { route, sessions, requests, needs } = open({}, 'auto');
    route.open();
    sessions[0]!.ready();
    expect([requests[0]!.engine, route.outdated]).toEqual(['translate', false]);
    needs.push('profile');
    expect(route.outdated).toBe(true);
    void route.close(0);
    await turn();
    route.open();
    expect([requests[1]!.engine, route.outdated]).toEqual(['conversation', false]);
  });
});
