import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { TrailingSilence } from '../../../src/realtime/conversation/trailing-silence.js';
import { FakeVad } from '../fake-vad.js';
import { tone } from '../scripted-transport.js';
import { connected, nothingIsDue, speak } from '../session-fixture.js';

const SILENCE = new Int16Array(240);
const LOUD = tone(10);
const loud = () => LOUD;
const silent = () => SILENCE;

async function withVad(config: Parameters<typeof connected>[0] = {}) {
  const vad = new FakeVad(300, config.vad?.silenceDurationMs ?? 500);
  const fixture = await connected(config, { onEvent: vad.onEvent });
  return { ...fixture, vad };
}

describe('a turn whose speaker’s frames stop', () => {
  it.each(['mute', 'stall'])('is committed (%s), its times right, by silence that ends', async (how) => {
    const fixture = await withVad();
    const { clock, emitted, session } = fixture;
    speak(fixture, 1_000, loud);
    if (how === 'mute') session.endOfSpeech(); // 0 ms after the last word
    clock.advanceBy(how === 'mute' ? 100 : 400);
    expect(session.counters.silenceFedMs).toBeGreaterThan(0);
    expect(session.idle).toBe(false);
    clock.advanceBy(500);
    expect(emitted.turnCommitted).toHaveLength(1);
    const [turn] = emitted.turnCommitted;
    expect(turn!.startMs).toBeCloseTo(0, 0);
    expect(Math.abs(turn!.endMs - 1_000)).toBeLessThanOrEqual(20);
    clock.advanceBy(10_000);
    expect(session.counters.silenceFedMs).toBe(1_200); // the silence that ends a turn, and a margin
  });

  it('does not take frames that are late by less than 400 ms for a stop', async () => {
    const fixture = await withVad();
    const { clock, session } = fixture;
    for (let n = 0; n < 20; n++) {
      speak(fixture, 10, loud);
      clock.advanceBy(389);
    }
    expect(session.counters.silenceFedMs).toBe(0);
  });

  it('feeds at the pace of the clock, and no more than a little at once, however late the clock is', () => {
    const clock = new VirtualClock();
    const fed: number[] = [];
    const tail = new TrailingSilence({
      clock,
      chunkMs: 20,
      silenceDurationMs: 500,
      turnOpen: () => true,
      feed: (durationMs) => {
        fed.push(durationMs);
        return true;
      },
      commit: () => undefined,
      abandon: () => undefined,
    });
    tail.audioArrived();
    clock.advanceBy(1_099);
    const total = fed.reduce((sum, ms) => sum + ms, 0);
    expect(total).toBeGreaterThanOrEqual(1_060);
    expect(total).toBeLessThanOrEqual(1_100);
    tail.stop();

    // An hour in which the process slept: the timer fires late, the clock has moved on.
    let nowMs = 0;
    const timers: (() => void)[] = [];
    const asleep = new TrailingSilence({
      clock: {
        nowMs: () => nowMs,
        epochMs: () => nowMs,
        random: () => 0,
        setTimer: (callback) => {
          timers.push(callback);
          return { cancel: () => undefined };
        },
      },
      chunkMs: 20,
      silenceDurationMs: 500,
      turnOpen: () => true,
      feed: (durationMs) => {
        fed.push(durationMs);
        return true;
      },
      commit: () => undefined,
      abandon: () => undefined,
    });
    asleep.audioArrived();
    nowMs = 3_600_000;
    fed.length = 0;
    timers.shift()?.();
    expect(fed).toEqual([200]);
  });

  it('never feeds before any audio came, nor again without more of it', async () => {
    const fixture = await withVad();
    const { session, clock } = fixture;
    session.endOfSpeech();
    clock.advanceBy(5_000);
    expect(session.counters.silenceFedMs).toBe(0);
    speak(fixture, 100, silent);
    session.endOfSpeech();
    clock.advanceBy(5_000);
    session.endOfSpeech();
    clock.advanceBy(5_000);
    expect(session.counters.silenceFedMs).toBe(1_200);
    expect(session.idle).toBe(true);
    expect(nothingIsDue(clock)).toBe(true);
  });

  it('goes on as one turn when the speaker resumes while silence is fed', async () => {
    const fixture = await withVad();
    const { clock, emitted, session } = fixture;
    speak(fixture, 500, loud);
    session.endOfSpeech();
    clock.advanceBy(300);
    const resumedMs = clock.nowMs();
    speak(fixture, 500, loud);
    speak(fixture, 700, silent);
    expect(emitted.turnCommitted).toHaveLength(1);
    expect(Math.abs(emitted.turnCommitted[0]!.endMs - resumedMs - 500)).toBeLessThanOrEqual(20);
    const fedMs = session.counters.silenceFedMs;
    expect(fedMs).toBeGreaterThanOrEqual(300);
    expect(fedMs).toBeLessThanOrEqual(320);
    clock.advanceBy(50);
    expect(session.counters.silenceFedMs).toBe(fedMs);
  });

  it('keeps every turn and its times through 25 mutes in 30 s', async () => {
    const fixture = await withVad();
    const { clock, emitted, session } = fixture;
    const spoken: { startMs: number; endMs: number }[] = [];
    for (let n = 0; n < 25; n++) {
      const startMs = clock.nowMs();
      speak(fixture, 400 + (n % 3) * 50, loud);
      spoken.push({ startMs, endMs: clock.nowMs() });
      session.endOfSpeech();
      if (n % 2 === 0) session.endOfSpeech();
      clock.advanceTo(startMs + 1_200);
    }
    clock.advanceBy(2_000);
    expect(emitted.turnCommitted).toHaveLength(25);
    emitted.turnCommitted.forEach(({ startMs, endMs }, n) => {
      expect(Math.abs(startMs - spoken[n]!.startMs)).toBeLessThanOrEqual(20);
      expect(Math.abs(endMs - spoken[n]!.endMs)).toBeLessThanOrEqual(20);
    });
  });

  it('is committed by hand when silence alone does not end it', async () => {
    const fixture = await withVad();
    const { server, clock, emitted, session, vad } = fixture;
    vad.commits = false;
    speak(fixture, 1_000, loud);
    session.endOfSpeech();
    clock.advanceBy(5_000);
    expect(server.connection.of('input_audio_buffer.commit')).toHaveLength(0);
    clock.advanceBy(600);
    expect(server.connection.of('input_audio_buffer.commit')).toHaveLength(1);
    expect(emitted.turnCommitted).toHaveLength(1);
    expect(Math.abs(emitted.turnCommitted[0]!.endMs - 1_000)).toBeLessThanOrEqual(20); // not the end of the silence
    expect(session.counters.silenceFedMs).toBeLessThanOrEqual(5_600);
  });

  it('is given up, and told so, when the server ignores that too', async () => {
    const fixture = await connected();
    const { server, clock, emitted, session } = fixture;
    speak(fixture, 200, loud);
    server.connection.speechStarted('a');
    session.endOfSpeech();
    clock.advanceBy(5_600);
    expect(emitted.turnDone).toEqual([]);
    clock.advanceBy(5_000);
    expect(emitted.turnDone).toMatchObject([{ turnId: 'maria.1/a', outcome: 'failed' }]);
    expect(emitted.notice.map(({ kind }) => kind)).toEqual(['turn_abandoned']);
    expect(session.idle).toBe(true);
    clock.advanceBy(10_000); // the connection is looked after
    expect(nothingIsDue(clock)).toBe(true);
  });

  it('waits with the silence while the line takes no audio, and loses no speech to it', async () => {
    const fixture = await withVad();
    const { server, clock, emitted, session } = fixture;
    server.connection.bufferedAmountBytes = 1e9;
    speak(fixture, 1_000, loud);
    session.endOfSpeech();
    clock.advanceBy(60_000);
    expect(session.counters).toMatchObject({ silenceFedMs: 0, audioDroppedMs: 0 });
    expect(server.connection.of('input_audio_buffer.commit')).toHaveLength(0);
    server.connection.bufferedAmountBytes = 0;
    clock.advanceBy(100);
    expect(session.counters.silenceFedMs).toBeLessThanOrEqual(100); // at its pace, not all that was due
    clock.advanceBy(1_400);
    expect(emitted.turnCommitted).toHaveLength(1);
    expect(Math.abs(emitted.turnCommitted[0]!.endMs - 1_000)).toBeLessThanOrEqual(20);
    expect(session.counters.silenceFedMs).toBe(1_200);
  });

  it('leaves no timer when the session ends by what the silence leads to', async () => {
    const fixture = await connected(
      {},
      {
        onEvent: (event, connection) => {
          if (event.type === 'input_audio_buffer.append' && connection.appendedMs > 700)
            connection.error({ code: 'invalid_api_key', message: 'no' });
        },
      },
    );
    speak(fixture, 200, loud);
    fixture.session.endOfSpeech();
    while (fixture.session.state.kind === 'ready') fixture.clock.advanceBy(1);
    expect(fixture.session.state.kind).toBe('ended');
    expect(fixture.clock.nextDueMs()).toBeUndefined();
  });

  it.each([10, 20, 35, 100])('works with messages of %i ms', async (uplinkChunkMs) => {
    const fixture = await withVad({ uplinkChunkMs });
    const { clock, emitted, session } = fixture;
    speak(fixture, 730, loud);
    session.endOfSpeech();
    clock.advanceBy(1_500);
    expect(emitted.turnCommitted).toHaveLength(1);
    expect(Math.abs(emitted.turnCommitted[0]!.endMs - 730)).toBeLessThanOrEqual(20);
  });

  it('follows the silence duration that is configured', async () => {
    const fixture = await withVad({
      vad: { threshold: 0.5, prefixPaddingMs: 300, silenceDurationMs: 2_000 },
    });
    const { clock, emitted, session } = fixture;
    speak(fixture, 500, loud);
    session.endOfSpeech();
    clock.advanceBy(10_000);
    expect(emitted.turnCommitted).toHaveLength(1);
    expect(session.counters.silenceFedMs).toBe(2_700);
  });
});
