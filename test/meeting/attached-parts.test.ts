/** What a host attaches to a meeting: its hooks, their phases, and that it harms nothing; and what a meeting counts. */
import { afterEach, describe, expect, it } from 'vitest';
import type { MeetingContext, MeetingPart } from '../../src/meeting/meeting-part.js';
import { ScriptedMeeting } from './scripted-meeting.js';

let world: ScriptedMeeting;
afterEach(async () => {
  await world.close();
  expect(world.clock.nextDueMs()).toBeUndefined();
});

function recorder(calls: string[]): MeetingPart {
  let meeting: MeetingContext;
  return {
    name: 'recorder',
    attach: (context) => {
      meeting = context;
      calls.push(`attached to ${context.name}`);
    },
    joined: ({ id, isBot }) => calls.push(`joined ${id}${isBot ? ' (bot)' : ''}`),
    changed: ({ id }, what) => calls.push(`changed ${what} of ${id}`),
    left: ({ id }) => calls.push(`left ${id}`),
    planned: ({ routes }) => calls.push(`planned ${routes.map(({ key }) => key).join(' ')}`),
    session: ({ engine, spec }) => calls.push(`session ${engine} ${spec.key}`),
    route: ({ key, state }) => calls.push(`route ${key} ${state}`),
    said: ({ speakerId, text }) => calls.push(`said ${speakerId}: ${text}`),
    caption: ({ final, translatedText }) => calls.push(`caption ${final} ${translatedText}`),
    closing: () => calls.push('closing'),
    flush: (timeoutMs) => {
      calls.push(`flush ${timeoutMs} with ${meeting.people().length} here`);
      return Promise.resolve();
    },
    closed: () => {
      calls.push('closed');
    },
    metrics: () => [{ name: 'recorded', help: 'Calls.', kind: 'counter', value: calls.length }],
  };
}

const fails = (): never => {
  throw new Error('broken');
};
const broken: MeetingPart = {
  name: 'broken',
  ...{
    attach: fails,
    joined: fails,
    changed: fails,
    left: fails,
    planned: fails,
    session: fails,
    route: fails,
  },
  ...{ said: fails, caption: fails, closing: fails, closed: fails },
  flush: () => new Promise(() => undefined), // never done
};

describe('a part that a host attaches', () => {
  it('is called at each phase, whatever another one does, and the meeting goes on', async () => {
    const calls: string[] = [];
    world = await ScriptedMeeting.open({ parts: [broken, recorder(calls)], name: 'Parley' });
    world.join('ana', 'es');
    const bob = world.join('bob', 'en');
    await world.speak('ana');
    const session = world.open.get('ana>en')!;
    const turn = { turnId: 't', startMs: world.clock.nowMs() - 500, endMs: world.clock.nowMs() };
    session.events.emit('speechStarted', turn);
    session.events.emit('turnCommitted', turn);
    session.events.emit('sourceTranscript', { turnId: 't', text: 'Hola.', final: true });
    session.events.emit('translationTranscript', { turnId: 't', text: 'Hello.', final: true });
    session.events.emit('turnDone', { turnId: 't', outcome: 'completed' });
    bob.change({ name: 'Robert' });
    await world.pass(3_000);
    expect(world.metric('recorded')).toBe(calls.length);
    expect(world.metric('part_errors')).toBe(world.errors.length);
    bob.leave();
    session.drained();
    await world.pass(10);
    const stopped = world.meeting.stop();
    await world.pass(1_100); // a part that is never done is waited for no longer
    await stopped;
    expect(calls).toEqual([
      'attached to Parley',
      'joined ana',
      'planned und:ana',
      'joined bob',
      'planned en:ana es:bob',
      'session conversation en:ana',
      'route en:ana opening',
      'route en:ana open',
      'caption false ',
      'said ana: Hola.',
      'caption false Hello.',
      'caption true Hello.',
      'changed name of bob',
      'planned en:ana es:bob',
      'left bob',
      'planned und:ana',
      'route en:ana closed',
      'closing',
      'flush 1000 with 1 here',
      'closed',
    ]);
    expect(world.errors).toContain('broken.joined: Error: broken');
    expect(world.errors.every((error) => error.startsWith('broken.'))).toBe(true);
  });
});

describe('the numbers of a meeting', () => {
  it('have unique names, help, and values that a monitor can read', async () => {
    world = await ScriptedMeeting.open();
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.speak('ana');
    const metrics = world.meeting.metrics();
    expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
    for (const { name, help, value } of metrics) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(help).toMatch(/^[A-Z].*\.$/);
      expect(Number.isFinite(value)).toBe(true);
    }
    const values = Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
    expect(values).toMatchObject({
      ...{ people: 2, routes: 2, sessions_open: 1, output_channels: 1, listener_errors: 0, part_errors: 0 },
      ...{ playback_underrun_frames: 0, audio_dropped_ms: 0, captions_dropped: 0, session_failures: 0 },
    });
  });

  it('count listeners that throw', async () => {
    world = await ScriptedMeeting.open();
    world.meeting.events.on('joined', fails);
    world.join('ana', 'es');
    expect(world.metric('listener_errors')).toBe(1);
    expect(world.errors).toEqual(['joined: Error: broken']);
  });
});
