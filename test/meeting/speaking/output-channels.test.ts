import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import type { ChannelClient } from '../../../src/interpreter/playback/output-channel.js';
import { channelMetadata, playsOneChannel } from '../../../src/meeting/speaking/channel-rooms.js';
import {
  type ChannelSettings,
  needsOf,
  OutputChannels,
} from '../../../src/meeting/speaking/output-channels.js';
import { FakeMeeting } from '../../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../../src/room/testing/memory-room.js';
import { turns } from '../../realtime/session-fixture.js';

const ABLE = { parley: { channels: true } };
const listener = (
  id: string,
  prefers: string | undefined,
  metadata: Readonly<Record<string, unknown>> = ABLE,
) => ({
  id,
  name: id,
  prefers,
  metadata,
});
const ES_EN = [
  { to: 'en', listenerCount: 1 },
  { to: 'es', listenerCount: 1 },
];
const client = (speakerId: string) => {
  const cuts: string[] = [];
  const self: ChannelClient & { cuts: string[] } = {
    speakerId,
    cuts,
    onStarted: () => undefined,
    onAudible: () => undefined,
    onFinished: () => undefined,
    onCut: (items) => cuts.push(...items.map(({ outputId }) => outputId)),
    onHold: () => undefined,
    onHurry: () => undefined,
  };
  return self;
};

let clock: VirtualClock;
let hall: FakeMeeting;
let notices: string[];
let changes: number;
/** Languages whose rooms cannot be joined. */
let refused: Set<string>;
const inTheHall = () =>
  [...hall.participants.values()].map(({ name, metadata }) => `${name} ${JSON.stringify(metadata)}`);

beforeEach(() => {
  clock = new VirtualClock();
  hall = new FakeMeeting({ clock });
  notices = [];
  changes = 0;
  refused = new Set();
});

function open(settings: Partial<ChannelSettings> = {}): OutputChannels {
  const voices = new OutputChannels({
    clock,
    settings: { mode: 'auto', voiceLanguages: undefined, bargeIn: 'others', ...settings },
    openChannel: (language) => {
      if (refused.has(language)) return Promise.reject(new Error('the account is used up'));
      return Promise.resolve(
        new MemoryRoom({
          meeting: hall,
          participantId: `parley-${language}-${clock.nowMs()}`,
          name: `Parley · ${language}`,
          metadata: channelMetadata(language),
        }),
      );
    },
  });
  voices.events.on('changed', () => changes++);
  voices.events.on('notice', (message) => notices.push(message));
  return voices;
}

/** Time passes as in a meeting, which looks after its voices four times a second. */
async function pass(voices: OutputChannels, durationMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs += 250) {
    clock.advanceBy(250);
    voices.tick();
    await turns();
  }
}

describe('one voice', () => {
  it('speaks for everybody, and everybody hears it', () => {
    const voices = open({ mode: 'one' });
    voices.update([listener('ana', 'es'), listener('bob', 'en', {})], ES_EN);
    expect(voices.voiceFor('es')).toBe(voices.main);
    expect(voices.voiceFor('en-GB')).toBe(voices.main);
    expect(voices.heardBy('bob')).toEqual([voices.main]);
    expect(voices.heardBy('nobody we know')).toEqual([voices.main]);
    expect(inTheHall()).toEqual([]);
    expect(notices).toEqual([]);
  });

  it('leaves a third language to captions and says why, once', () => {
    const voices = open();
    const people = [listener('ana', 'es'), listener('bob', 'en'), listener('kim', 'de', {})];
    const needs = [...ES_EN, { to: 'de', listenerCount: 2 }];
    voices.update(people, needs);
    voices.update(people, needs);
    voices.tick();
    expect(voices.voiceFor('de')).toBe(voices.main);
    expect(voices.voiceFor('es')).toBeUndefined();
    expect(notices).toEqual([
      'español is shown as captions only: there is one shared voice, since kim’s app does not declare per-language playback (metaData.parley.channels), and it speaks the two most needed languages',
    ]);
  });
});

describe('a voice per language', () => {
  it('joins as a participant for each language, and speaks when all of them are there', async () => {
    const voices = open();
    voices.update([listener('ana', 'es'), listener('bob', 'en')], ES_EN);
    expect(voices.voiceFor('es')).toBe(voices.main); // until then
    await turns();
    expect(inTheHall()).toEqual([
      'Parley · en {"parley":{"channel":"en"}}',
      'Parley · es {"parley":{"channel":"es"}}',
    ]);
    expect(changes).toBe(1);
    const [es, en] = [voices.voiceFor('es-MX')!, voices.voiceFor('en')!];
    expect(new Set([es, en, voices.main]).size).toBe(3);
    expect(voices.heardBy('ana')).toEqual([voices.main, es]);
    expect(voices.heardBy('bob')).toEqual([voices.main, en]);
    expect(notices).toEqual([]);
    await voices.close();
    expect(inTheHall()).toEqual([]);
  });

  it('whoever barges in clears the voice that they hear, and no other', async () => {
    const voices = open();
    voices.update([listener('ana', 'es'), listener('bob', 'en'), listener('eve', 'en')], ES_EN);
    await turns();
    const [ana, bob] = [client('ana'), client('bob')];
    const pcm = new Int16Array(48_000).fill(5_000);
    voices.voiceFor('en')!.say(ana, { turnId: 'a', endMs: 0 }, 'into English', pcm);
    voices.voiceFor('es')!.say(bob, { turnId: 'b', endMs: 0 }, 'into Spanish', pcm);
    clock.advanceBy(100);
    voices.heard('eve', 300);
    expect([ana.cuts, bob.cuts]).toEqual([['into English'], []]);
    voices.heard('ana', 300);
    expect(bob.cuts).toEqual(['into Spanish']);
    await voices.close();
  });

  it('becomes one voice when somebody comes who would hear all of them, and comes back when they are gone', async () => {
    const voices = open();
    const able = [listener('ana', 'es'), listener('bob', 'en')];
    voices.update(able, ES_EN);
    await turns();
    const es = voices.voiceFor('es')!;
    const bob = client('bob');
    es.say(bob, { turnId: 'b', endMs: 0 }, 'x', new Int16Array(480_000).fill(5_000));
    es.end('x');
    voices.update([...able, listener('kim', 'en', {})], ES_EN);
    expect(voices.voiceFor('es')).toBe(voices.main);
    expect(voices.heardBy('kim')).toContain(es); // an app that knows nothing of channels plays everybody
    await pass(voices, 29_000);
    expect(bob.cuts).toEqual([]);
    expect(es.idle).toBe(true); // what it had begun is heard to its end
    voices.update(able, ES_EN);
    expect(voices.voiceFor('es')).toBe(es); // it had not left yet
    voices.update([...able, listener('kim', 'en', {})], ES_EN);
    await pass(voices, 31_000);
    expect(inTheHall()).toEqual([]);
    await voices.close();
  });

  it('a language that nobody needs any more keeps its voice for half a minute, and until it is silent', async () => {
    const voices = open({ mode: 'per-language' });
    const people = [listener('ana', 'es')];
    voices.update(people, ES_EN);
    await turns();
    const en = voices.voiceFor('en')!;
    voices.update(people, ES_EN.slice(1));
    await pass(voices, 29_000);
    voices.update(people, ES_EN);
    expect(voices.voiceFor('en')).toBe(en);
    voices.update(people, ES_EN.slice(1));
    await pass(voices, 29_000);
    en.say(client('ana'), { turnId: 'a', endMs: 0 }, 'x', new Int16Array(48 * 4_000).fill(5_000));
    en.end('x');
    await pass(voices, 3_000);
    expect(inTheHall()).toHaveLength(2);
    await pass(voices, 3_000);
    expect(inTheHall()).toEqual(['Parley · es {"parley":{"channel":"es"}}']);
    expect(voices.voiceFor('en')).toBeUndefined();
    await voices.close();
  });

  it('auto: a voice that cannot join makes it one voice for a minute, then it is tried again', async () => {
    refused.add('es');
    const voices = open();
    voices.update([listener('ana', 'es'), listener('bob', 'en')], ES_EN);
    await turns();
    expect(voices.voiceFor('es')).toBe(voices.main);
    expect(notices).toEqual(['the voice for español is not in the meeting: the account is used up']);
    refused.clear();
    await pass(voices, 59_000);
    expect(voices.voiceFor('es')).toBe(voices.main);
    await pass(voices, 2_000);
    expect(voices.voiceFor('es')).not.toBe(voices.main);
    expect(voices.voiceFor('es')).toBeDefined();
    await voices.close();
  });

  it('per-language: what cannot join is read, and said so; the others speak', async () => {
    refused.add('es');
    const voices = open({ mode: 'per-language' });
    voices.update([listener('ana', 'es', {}), listener('bob', 'en')], ES_EN);
    await turns();
    expect(voices.voiceFor('es')).toBeUndefined();
    expect(voices.voiceFor('en')).toBeDefined();
    expect(voices.voiceFor('en')).not.toBe(voices.main);
    expect(notices.at(-1)).toBe('español is shown as captions only: the voice of español could not join');
    await voices.close();
  });

  it('a voice that is thrown out is told of, and comes back', async () => {
    const voices = open({ mode: 'per-language' });
    voices.update([listener('ana', 'es')], ES_EN);
    await turns();
    const ben = client('ben');
    const spoken = voices.voiceFor('es')!;
    spoken.say(ben, { turnId: 't', endMs: 0 }, 'being spoken', new Int16Array(48_000).fill(5_000));
    spoken.pull(new Int16Array(480), 0);
    spoken.say(ben, { turnId: 'u', endMs: 1_000 }, 'waiting', new Int16Array(480));
    hall.remove('parley-es-0', { kind: 'removed', message: 'by the host' });
    expect(ben.cuts).toEqual(['being spoken', 'waiting']);
    expect(spoken.idle).toBe(true);
    expect(voices.voiceFor('es')).toBeUndefined();
    expect(notices[0]).toBe('the voice for español is not in the meeting: by the host');
    await pass(voices, 61_000);
    expect(voices.voiceFor('es')).toBeDefined();
    expect(inTheHall()).toHaveLength(2);
    await voices.close();
  });

  it('a language more is spoken by a voice of its own as soon as that has joined', async () => {
    const voices = open();
    voices.update([listener('ana', 'es'), listener('bob', 'en')], ES_EN);
    await turns();
    voices.update(
      [listener('ana', 'es'), listener('bob', 'en'), listener('kim', 'de')],
      [...ES_EN, { to: 'de', listenerCount: 1 }],
    );
    const de = voices.voiceFor('de')!;
    expect(de).not.toBe(voices.main);
    const kim = client('ana');
    de.say(kim, { turnId: 'a', endMs: 0 }, 'x', new Int16Array(4_800).fill(5_000));
    de.end('x');
    expect(de.idle).toBe(false); // it waits for the participant
    await turns();
    clock.advanceBy(300);
    expect(de.idle).toBe(true);
    await voices.close();
  });

  it('leaves while it joins, and nothing stays behind', async () => {
    const voices = open();
    voices.update([listener('ana', 'es'), listener('bob', 'en')], ES_EN);
    await voices.close();
    await turns();
    expect(inTheHall()).toEqual([]);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('tells what each voice publishes', async () => {
    const voices = open();
    const pulled = new Map<unknown, number>();
    voices.onFrame(() => {
      throw new Error('a listener that fails harms no other');
    });
    const stop = voices.onFrame((voice, frame) => pulled.set(voice, (pulled.get(voice) ?? 0) + frame.length));
    voices.update([listener('ana', 'es'), listener('bob', 'en')], ES_EN);
    await turns();
    clock.advanceBy(50);
    expect(pulled.get(voices.voiceFor('es'))).toBe(5 * 480);
    expect(pulled.get(voices.voiceFor('en'))).toBe(5 * 480);
    expect(voices.metrics().find(({ name }) => name === 'frame_listener_errors')?.value).toBe(10);
    stop();
    clock.advanceBy(50);
    expect(pulled.get(voices.voiceFor('en'))).toBe(5 * 480);
    await voices.close();
  });
});

describe('what is read from metadata and routes', () => {
  it.each([
    [{ parley: { channels: true } }, true],
    [{ parley: { channels: 'true' } }, false],
    [{ parley: { channels: 1 } }, false],
    [{ parley: null }, false],
    [{ parley: 'channels' }, false],
    [{ channels: true }, false],
    [{}, false],
  ])('%j announces one channel: %s', (metadata, announced) => {
    expect(playsOneChannel(metadata)).toBe(announced);
  });

  it('needs are counted by spoken language and person, transcription alone needs no voice', () => {
    const route = (speakerId: string, to: string | undefined, listenerIds: string[]) => ({
      key: `${to}:${speakerId}`,
      speakerId,
      from: [],
      to,
      listenerIds,
      transcribes: false,
      transcriptionLanguage: undefined,
    });
    expect(
      needsOf([
        route('ana', 'en', ['bob', 'eve']),
        route('kim', 'en-GB', ['bob']),
        route('bob', 'es', ['ana']),
        route('bob', undefined, ['zoe']),
      ]),
    ).toEqual([
      { to: 'en', listenerCount: 2 },
      { to: 'es', listenerCount: 1 },
    ]);
  });
});
