import { setImmediate as turn } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler } from '../../../audio/index.js';
import { VirtualClock } from '../../../src/clock.js';
import { ParleyError } from '../../../src/errors.js';
import type { RouteSpec } from '../../../src/interpreter/plan/routes.js';
import { OutputChannel } from '../../../src/interpreter/playback/output-channel.js';
import { RouteSet } from '../../../src/meeting/routes/route-set.js';
import { ScriptedSession } from '../scripted-session.js';

beforeAll(loadResampler);

/** `es:ana` translates Ana into Spanish for one listener, `-:ana` only writes her down; `es:ana+2` has three listeners. */
function spec(text: string): RouteSpec {
  const [key = '', more = '0'] = text.split('+');
  const [to = '', speakerId = ''] = key.split(':');
  return {
    key,
    speakerId,
    from: [],
    to: to === '-' ? undefined : to,
    listenerIds: Array.from({ length: Number(more) + 1 }, (_, n) => `listener-${n}`),
    transcribes: true,
    transcriptionLanguage: undefined,
  };
}

function open(maxSessions: number) {
  const clock = new VirtualClock();
  const sessions = new Map<string, ScriptedSession[]>();
  const refused: string[] = [];
  const quietSince = new Map<string, number | undefined>();
  const voice = new OutputChannel({ bargeIn: 'others' });
  const set = new RouteSet({
    clock,
    voiceFor: () => voice,
    instructionsFor: () => '',
    openSession: ({ route: { key } }) => {
      const session = new ScriptedSession();
      sessions.set(key, [...(sessions.get(key) ?? []), session]);
      return session;
    },
    nextName: () => 's',
    handlers: {
      span: () => undefined,
      state: () => undefined,
      failed: () => undefined,
      reconnecting: () => undefined,
      doubted: () => undefined,
      dropped: () => undefined,
      engine: () => undefined,
      languageHeard: () => undefined,
      notice: () => undefined,
      playback: () => undefined,
      instructed: () => undefined,
      said: () => undefined,
      session: () => undefined,
    },
    maxSessions,
    quietSinceMs: (speakerId) => quietSince.get(speakerId),
  });
  set.events.on('refused', ({ spec: { key } }) => refused.push(key));
  const apply = (...routes: string[]) => {
    set.apply(routes.map(spec), (id) => id);
  };
  const nothing = { samples: new Int16Array(0), sampleRateHz: 48_000, channelCount: 1 };
  /** Somebody speaks: their routes are opened as their frames would open them. */
  const speak = (speakerId: string) => {
    quietSince.set(speakerId, undefined);
    for (const route of set.of(speakerId)) set.open(route, () => ({ frame: nothing, atMs: 0 }));
    for (const session of [...sessions.values()].flat())
      if (session.state.kind === 'connecting') session.ready();
  };
  const fallSilent = (speakerId: string) => quietSince.set(speakerId, clock.nowMs());
  /** Keys of the routes whose session is open. */
  const openKeys = () =>
    [...sessions].flatMap(([key, all]) => (all.at(-1)?.state.kind === 'ready' ? [key] : [])).sort();
  return { clock, set, sessions, refused, apply, speak, fallSilent, openKeys };
}

describe('RouteSet at its cap', () => {
  it('what most people need is opened first', () => {
    const { apply, speak, openKeys, refused } = open(2);
    apply('de:ana', 'en:ana+4', 'fr:ana+1');
    speak('ana');
    expect(openKeys()).toEqual(['en:ana', 'fr:ana']);
    expect(refused).toEqual(['de:ana']);
  });

  it('the longest silent makes room, who spoke just now does not', async () => {
    const { clock, apply, speak, fallSilent, openKeys, refused } = open(2);
    apply('en:ana', 'en:bob', 'en:kim');
    speak('ana');
    speak('bob');
    fallSilent('ana');
    clock.advanceBy(5_000);
    fallSilent('bob');
    clock.advanceBy(2_000);
    speak('kim'); // Ana's session goes, and Kim's next frame opens hers
    await turn();
    speak('kim');
    expect(openKeys()).toEqual(['en:bob', 'en:kim']);
    expect(refused).toEqual([]);
  });

  it('what only writes down makes room before anything that translates', async () => {
    const { clock, apply, speak, fallSilent, openKeys } = open(2);
    apply('en:ana', '-:bob', 'en:kim');
    speak('ana');
    speak('bob');
    fallSilent('ana');
    clock.advanceBy(10_000);
    fallSilent('bob');
    clock.advanceBy(4_000);
    speak('kim');
    await turn();
    speak('kim');
    expect(openKeys()).toEqual(['en:ana', 'en:kim']);
  });

  it('where nobody is silent, refuses, tells it once, and opens as soon as somebody is', async () => {
    const { clock, set, apply, speak, fallSilent, openKeys, refused } = open(1);
    apply('en:ana', 'en:bob');
    speak('ana');
    for (let n = 0; n < 100; n++) speak('bob');
    expect(refused).toEqual(['en:bob']);
    expect([...set.stopped]).toEqual(['en:bob']);
    fallSilent('ana');
    clock.advanceBy(3_000);
    speak('bob');
    await turn();
    speak('bob');
    expect(openKeys()).toEqual(['en:bob']);
    expect([...set.stopped]).toEqual([]);
  });

  it('a route whose session failed counts as stopped until it has one again', () => {
    const { clock, set, sessions, apply, speak } = open(4);
    apply('en:ana', 'fr:ana');
    speak('ana');
    sessions.get('en:ana')![0]!.fail(new ParleyError('service_unavailable', 'gone', { retryable: true }));
    expect([...set.stopped]).toEqual(['en:ana']);
    speak('ana');
    expect([...set.stopped]).toEqual(['en:ana']); // it waits before it tries again
    clock.advanceBy(2_000);
    speak('ana');
    expect([...set.stopped]).toEqual([]);
  });

  it('a route that nobody needs any more is forgotten, refused or not', () => {
    const { set, apply, speak } = open(1);
    apply('en:ana', 'en:bob');
    speak('ana');
    speak('bob');
    apply('en:ana');
    expect([...set.stopped]).toEqual([]);
    expect(set.of('bob')).toEqual([]);
  });
});

describe('RouteSet.closeQuiet', () => {
  it('closes what has been silent for so long, and nothing that still translates', async () => {
    const { clock, set, sessions, apply, speak, fallSilent, openKeys } = open(4);
    apply('en:ana', 'en:bob', 'en:kim');
    for (const id of ['ana', 'bob', 'kim']) speak(id);
    sessions.get('en:kim')![0]!.idle = false;
    fallSilent('ana');
    fallSilent('kim');
    clock.advanceBy(59_990);
    set.closeQuiet(60_000);
    expect(openKeys()).toEqual(['en:ana', 'en:bob', 'en:kim']);
    clock.advanceBy(10);
    set.closeQuiet(60_000);
    await turn();
    expect(openKeys()).toEqual(['en:bob', 'en:kim']);
    expect(sessions.get('en:ana')![0]!.closedWithDrainMs).toBeGreaterThan(0); // what is still on its way first
  });
});
