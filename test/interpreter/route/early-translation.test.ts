/** Translations that are heard before the speech they translate has ended, as of a continuous engine. */
import { beforeAll, expect, it } from 'vitest';
import { loadResampler } from '../../../audio/index.js';
import { InterpreterRoute } from '../../../src/interpreter/route/route.js';
import { FRAME_SAMPLES, OutputChannel } from '../../../src/interpreter/playback/output-channel.js';
import { ScriptedSession } from '../../meeting/scripted-session.js';

beforeAll(loadResampler);

const loud = (durationMs: number) => new Int16Array(durationMs * 24).fill(5_000);

function open() {
  const voice = new OutputChannel({ bargeIn: 'others' });
  const emitted: string[] = [];
  const speaker = (speakerId: string) => {
    const session = new ScriptedSession();
    const route = new InterpreterRoute({
      speakerId,
      session,
      voice,
      onPlayback: ({ turnId, firstAudioDelayMs }, what) =>
        emitted.push(
          `${turnId} ${what} ${firstAudioDelayMs === undefined ? '?' : Math.round(firstAudioDelayMs / 100) * 100}`,
        ),
    });
    return { session, route };
  };
  const out = new Int16Array(FRAME_SAMPLES);
  let atMs = 0;
  const play = (durationMs: number) => {
    for (const untilMs = atMs + durationMs; atMs < untilMs; atMs += 10) voice.pull(out, atMs);
  };
  return { ana: speaker('ana'), bob: speaker('bob'), voice, emitted, play };
}

it('is told as heard at once, and again with its delay when the speech has ended', () => {
  const { ana, emitted, play } = open();
  const { events } = ana.session;
  events.emit('speechStarted', { turnId: 'a', startMs: 0 });
  play(2_000);
  events.emit('audio', { turnId: 'a', outputId: 'a1', pcm: loud(1_500) });
  play(1_000);
  expect(emitted).toEqual(['a heard ?']);
  events.emit('speechStopped', { turnId: 'a', startMs: 0, endMs: 2_600 });
  events.emit('turnCommitted', { turnId: 'a', startMs: 0, endMs: 2_600 });
  expect(emitted).toEqual(['a heard ?', 'a heard -600']);
  events.emit('audioEnded', { turnId: 'a', outputId: 'a1' });
  events.emit('turnDone', { turnId: 'a', outcome: 'completed' });
  play(1_000);
  expect(emitted).toEqual(['a heard ?', 'a heard -600', 'a finished -600']);
  expect(ana.route.turns[0]!.firstAudioDelayMs).toBeCloseTo(-600, -2);
});

it('several items of one turn are heard once', () => {
  const { ana, emitted, play } = open();
  const { events } = ana.session;
  events.emit('speechStarted', { turnId: 'a', startMs: 0 });
  for (const outputId of ['a1', 'a2']) {
    events.emit('audio', { turnId: 'a', outputId, pcm: loud(300) });
    events.emit('audioEnded', { turnId: 'a', outputId });
    play(400);
  }
  expect(emitted).toEqual(['a heard ?', 'a finished ?', 'a finished ?']);
});

it('one that is being spoken when its turn is committed holds up nobody behind it', () => {
  const { ana, bob, emitted, play } = open();
  ana.session.events.emit('speechStarted', { turnId: 'a', startMs: 0 });
  ana.session.events.emit('audio', { turnId: 'a', outputId: 'a1', pcm: loud(1_000) });
  play(500);
  ana.session.events.emit('turnCommitted', { turnId: 'a', startMs: 0, endMs: 400 });
  ana.session.events.emit('audioEnded', { turnId: 'a', outputId: 'a1' });
  bob.session.events.emit('turnCommitted', { turnId: 'b', startMs: 100, endMs: 900 });
  bob.session.events.emit('audio', { turnId: 'b', outputId: 'b1', pcm: loud(500) });
  play(550); // to the end of Ana's
  expect(emitted.at(-1)).toBe('a finished -400');
  play(350); // the pause between two speakers
  expect(emitted.at(-1)).toBe('b heard 400');
});
