import { setImmediate as turn } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler } from '../../audio/index.js';
import { LiveCaptions } from '../../src/captions/live-captions.js';
import { VirtualClock } from '../../src/clock.js';
import { ParleyError } from '../../src/errors.js';
import { buildInstructions } from '../../src/interpreter/instructions.js';
import type { RouteSpec } from '../../src/interpreter/routes.js';
import { Voice } from '../../src/interpreter/voice.js';
import { LiveRoute } from '../../src/meeting/live-route.js';
import type { SessionRequest } from '../../src/meeting/open-session.js';
import { ScriptedSession } from './scripted-session.js';

beforeAll(loadResampler);

const SPEC: RouteSpec = {
  key: 'en:ana',
  speakerId: 'ana',
  from: ['es'],
  to: 'en',
  listenerIds: ['bob'],
  transcribes: true,
  transcriptionLanguage: 'es',
};
const lost = (retryable = true) => new ParleyError('service_unavailable', 'the line broke', { retryable });

function open(spec: Partial<RouteSpec> = {}) {
  const clock = new VirtualClock();
  const sessions: ScriptedSession[] = [];
  const requests: SessionRequest[] = [];
  const told: string[] = [];
  const instructed: string[] = [];
  const said: string[] = [];
  const brief = { name: 'Ana' };
  const retries: number[] = [];
  const captions: string[] = [];
  const voice = new Voice({ bargeIn: 'others' });
  const route = new LiveRoute({
    spec: { ...SPEC, ...spec },
    speakerName: 'Ana',
    clock,
    voiceFor: () => voice,
    captions: new LiveCaptions({
      clock,
      onCaption: ({ startMs, endMs, sourceText, speakerName }) =>
        captions.push(`${startMs}-${endMs} ${speakerName}: ${sourceText}`),
    }),
    openSession: (request) => {
      requests.push(request);
      const session = new ScriptedSession();
      sessions.push(session);
      return session;
    },
    instructionsFor: ({ from, to }) =>
      to === undefined ? 'Transcribe.' : buildInstructions({ speaker: brief, from, to }),
    nextName: () => `s${sessions.length + 1}`,
    toMeetingMs: (atMs) => atMs - 1_000,
    handlers: {
      state: (_route, state) => told.push(state),
      instructed: (_route, text) => instructed.push(text),
      said: (_route, text) => said.push(text),
      failed: (_route, error, retryInMs) => {
        told.push(`failed: ${error.message}`);
        retries.push(retryInMs);
      },
      languageHeard: (_route, language) => told.push(`heard ${language}`),
      notice: (_route, { kind }) => told.push(kind),
      playback: (_route, { turnId, what }) => told.push(`${turnId} ${what}`),
    },
  });
  const frame = { samples: new Int16Array(480).fill(100), sampleRateHz: 48_000, channelCount: 1 };
  const push = (count: number) => {
    for (let n = 0; n < count; n++) {
      route.push(frame, clock.nowMs());
      clock.advanceBy(10);
    }
  };
  return { clock, route, sessions, requests, told, instructed, said, brief, retries, captions, push };
}

describe('LiveRoute', () => {
  it('drops audio while closed, opens once, and hands all audio on from then', async () => {
    const { route, sessions, requests, told, push } = open();
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
    expect(told).toEqual(['opening', 'open']);
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
    const told = (transcriptionLanguage: string | undefined) => {
      const opened = open({ transcriptionLanguage });
      opened.route.open();
      const { events } = opened.sessions[0]!;
      events.emit('sourceTranscript', { turnId: 'a', text: 'Guten', final: false });
      events.emit('sourceTranscript', { turnId: 'a', text: 'Guten Tag', final: true, language: 'de' });
      events.emit('sourceTranscript', { turnId: 'b', text: '', final: true, language: 'de' });
      events.emit('sourceTranscript', { turnId: 'c', text: 'Hm', final: true });
      return opened.told;
    };
    expect(told(undefined)).toEqual(['opening', 'heard de']);
    expect(told('es')).toEqual(['opening']); // it was told which to expect
  });

  it('without a target it transcribes', () => {
    const { route, sessions } = open({ to: undefined, transcriptionLanguage: undefined });
    route.open();
    expect(sessions[0]!.transcriptions).toEqual([{}]);
  });

  it('closing waits for a session that is still opening, then lets it finish', async () => {
    const { route, sessions, told } = open();
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
    expect(told).toEqual(['opening', 'open', 'closed']);
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

  it('what trying again does not help is tried again after a minute only', () => {
    const { route, sessions, retries, told } = open();
    route.open();
    sessions[0]!.fail(new ParleyError('key_refused', 'wrong key'));
    expect(retries[0]).toBeGreaterThanOrEqual(48_000);
    expect(told).toEqual(['opening', 'failed: wrong key']);
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
