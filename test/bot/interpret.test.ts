import { beforeAll, describe, expect, it } from 'vitest';
import { loadResampler, loadSpeechDetector } from '../../audio/index.js';
import type { BotEvent } from '../../src/bot/event-log.js';
import { type JoinEvent, joinEventSchema } from '../../src/bot/events.js';
import type { Interpreter } from '../../src/bot/interpreter.js';
import { interpret, type InterpretOptions } from '../../src/bot/interpret.js';
import type { MeetingSettingsInput } from '../../src/bot/meeting-settings.js';
import { phraseOf } from '../../src/cli/views/phrases.js';
import { VirtualClock } from '../../src/clock.js';
import { LIST_PRICES } from '../../src/cost/prices.js';
import { ParleyError } from '../../src/errors.js';
import { loadLanguageDetector } from '../../src/languages/language-detector.js';
import { createLogger } from '../../src/log.js';
import { ScriptedBackend } from '../../src/realtime/testing/scripted-backend.js';
import { FakeMeeting } from '../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../src/room/testing/memory-room.js';
import { loadBook } from '../embedded/phrasebook/book.js';

beforeAll(async () => {
  // In real time, which the virtual clock does not know.
  await Promise.all([loadLanguageDetector(), loadResampler(), loadSpeechDetector()]);
});

function setUp(settings: MeetingSettingsInput = {}, change: Partial<InterpretOptions> = {}) {
  const clock = new VirtualClock();
  const hall = new FakeMeeting({ clock });
  const room = new MemoryRoom({ meeting: hall, participantId: 'parley-1', name: 'Parley' });
  const backend = new ScriptedBackend({ prices: { ...LIST_PRICES, models: { scripted: PRICE } } });
  const abort = new AbortController();
  const events: BotEvent[] = [];
  const levels = new Set<string>();
  const options = {
    room,
    meetingId: 'abcd',
    backend,
    settings: { languages: ['es', 'en'], announcement: false, ...settings },
    clock,
    log: createLogger({ level: 'silent' }),
    signal: abort.signal,
    beforeJoin: (bot: Interpreter) => {
      bot.events.on('event', (event) => {
        joinEventSchema.parse(event);
        events.push(event);
      });
      bot.events.on('level', ({ participantId }) => levels.add(participantId));
    },
    ...change,
  } as InterpretOptions;
  const stay = async () => {
    const bot = await interpret(options);
    const { error } = await bot.ended;
    if (error !== undefined) throw error;
  };
  const end = () => events.at(-1) as JoinEvent & { type: 'ended' };
  const types = () => events.map(({ type }) => type);
  return { clock, hall, room, backend, abort, events, levels, options, stay, end, types };
}

const PRICE = {
  perMillionTokens: { textIn: 0, cachedTextIn: 0, audioIn: 0, cachedAudioIn: 0, textOut: 0, audioOut: 64 },
};

/** Ana speaks Spanish; Ben hears English. */
async function speakTo(hall: FakeMeeting): Promise<void> {
  const phrase = (await loadBook()).get('share-my-screen')!.get('es')!;
  hall.enter({ id: 'ben', name: 'Ben', metadata: { preferredLanguage: 'en' } });
  const ana = hall.enter({ id: 'ana', name: 'Ana', metadata: { preferredLanguage: 'es' } });
  ana.say(phrase.pcm24k, { sampleRateHz: 24_000 });
}

/** Advances step by step, with time for what is asynchronous in between, until `done` or `limitMs`. */
async function advance(clock: VirtualClock, limitMs: number, done = () => false): Promise<void> {
  const endMs = clock.nowMs() + limitMs;
  while (clock.nowMs() < endMs && !done()) {
    clock.advanceBy(100);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function settled(run: Promise<void>, clock: VirtualClock, limitMs = 60_000): Promise<'left' | Error> {
  let outcome: 'left' | Error | undefined;
  run.then(
    () => (outcome = 'left'),
    (error: unknown) => (outcome = error as Error),
  );
  await advance(clock, limitMs, () => outcome !== undefined);
  if (outcome === undefined) throw new Error(`still in the meeting after ${limitMs} ms`);
  return outcome;
}

describe('a stay in a meeting', () => {
  it('ends when the budget is spent and the policy says so, with what it cost by route, and what was dropped', async () => {
    const { clock, hall, backend, events, end, stay } = setUp({ budgetUsd: 1, budgetPolicy: 'stop' });
    const staying = stay();
    await advance(clock, 500);
    await speakTo(hall);
    await advance(clock, 2_000);
    const tokens = { textIn: 0, cachedTextIn: 0, audioIn: 0, cachedAudioIn: 0, textOut: 0, audioOut: 20_000 };
    backend.sessionOf('ana')!.emit('usage', { kind: 'response', tokens });
    expect(await settled(staying, clock)).toBe('left');
    expect(end()).toMatchObject({
      reason: { kind: 'asked', message: 'the budget of $1.00 is spent' },
      cost: { usd: 1.28, responses: 1, unpriced: 0, budgetUsd: 1 },
      costByRoute: [{ route: 'ana > en', usd: 1.28, responses: 1, audioMs: 0 }],
      counters: { audioDroppedMs: 0, captionsDropped: 0, wrongLanguage: 0, ownVoice: 0, reconnects: 0 },
    });
    expect(phraseOf(end(), String)).toBe(
      'Parley left the meeting: the budget of $1.00 is spent; no translation was heard; about $1.28 of $1.00, by list prices',
    );
    expect(events.find(({ type }) => type === 'notice')).toMatchObject({ kind: 'budget' });
  });

  it('tells of the start, of who comes and goes, of levels, and of the end', async () => {
    const { clock, hall, abort, events, levels, types, end, stay, backend } = setUp();
    const staying = stay();
    await advance(clock, 1_000);
    const ana = hall.enter({ id: 'ana', name: 'Ana', metadata: { preferredLanguage: 'Spanish' } });
    await advance(clock, 6_000);
    ana.leave();
    await advance(clock, 1_000);
    abort.abort();
    expect(await settled(staying, clock)).toBe('left');
    expect(types().filter((type) => type !== 'route')).toEqual([
      'started',
      'state',
      'state',
      'joined',
      'status',
      'left',
      'state',
      'ended',
    ]);
    expect(events[0]).toMatchObject({
      meetingId: 'abcd',
      participantId: 'parley-1',
      place: 'a room of this program',
      interpreter: 'a script (a test double)',
      atMs: 0,
    });
    expect(events[3]).toMatchObject({ person: { id: 'ana', speaks: ['es'], prefers: 'es' } });
    expect(events.find(({ type }) => type === 'status')).toMatchObject({
      levelsDbfs: { ana: -100 },
      latency: { turns: 0 },
    });
    expect([...levels]).toEqual(['ana']);
    expect(end().reason).toEqual({ kind: 'asked', message: 'stopped by a signal' });
    const times = events.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(backend.released).toBe(1);
  });

  it('ends when nobody has been there for so long, interpreters not counted', async () => {
    const { clock, hall, types, end, stay } = setUp({ leaveWhenEmptyS: 5 });
    const staying = stay();
    hall.enter({ id: 'parley-2', name: 'Other' });
    await advance(clock, 4_000);
    const ana = hall.enter({ id: 'ana', name: 'Ana' });
    await advance(clock, 20_000);
    expect(types()).not.toContain('ended');
    ana.leave();
    await advance(clock, 4_800);
    expect(types()).not.toContain('ended');
    expect(await settled(staying, clock, 1_000)).toBe('left');
    expect(end().reason.message).toBe('nobody was in the meeting for 5 s');
  });

  it('ends after the longest stay', async () => {
    const { clock, hall, types, end, stay } = setUp({ maxDurationMin: 2 });
    const staying = stay();
    hall.enter({ id: 'ana', name: 'Ana' });
    await advance(clock, 119_000);
    expect(types()).not.toContain('ended');
    expect(await settled(staying, clock, 3_000)).toBe('left');
    expect(end().reason.message).toBe('the longest stay, 2 min, is over');
  });

  it('ends in good order when the host ends the meeting', async () => {
    const { clock, hall, end, stay } = setUp();
    const staying = stay();
    await advance(clock, 1_000);
    hall.remove('parley-1', { kind: 'room_closed', code: 1006, message: 'the room was closed' });
    expect(await settled(staying, clock)).toBe('left');
    expect(end()).toMatchObject({ reason: { kind: 'room_closed', code: 1006 } });
    expect(end().error).toBeUndefined();
  });

  it.each(['lost', 'duplicate'] as const)('ends with an error when it is %s', async (kind) => {
    const { clock, hall, end, stay } = setUp();
    const staying = stay();
    await advance(clock, 1_000);
    hall.remove('parley-1', { kind, message: 'against our will' });
    const outcome = await settled(staying, clock);
    expect(outcome).toBeInstanceOf(ParleyError);
    expect(end()).toMatchObject({
      reason: { kind },
      error: { code: 'service_unavailable', message: 'the meeting was left: against our will' },
    });
  });

  it('is none where the meeting cannot be joined: everything is closed', async () => {
    const { clock, hall, end, backend, options } = setUp();
    hall.refusal = { kind: 'refused', code: 4002, message: 'a wrong token' };
    const outcome = await settled(
      interpret(options).then(() => undefined),
      clock,
    );
    expect(outcome).toMatchObject({ code: 'key_refused' });
    expect(end()).toMatchObject({ reason: { kind: 'refused', code: 4002 } });
    expect(backend.released).toBe(1);
  });

  it('is over at once when it was interrupted before it began', async () => {
    const { clock, room, abort, end, stay } = setUp();
    abort.abort();
    expect(await settled(stay(), clock)).toBe('left');
    expect(room.state.kind).toBe('left');
    expect(end().reason.message).toBe('stopped by a signal');
  });
});

describe('interpret', () => {
  it.each([
    ['a setting that is none', { vioce: 'cedar' }, 'usage', /vioce is no setting; did you mean voice/],
    ['profiles of a service without its source', { profiles: 'fastino' }, 'usage', /source of profiles/],
    ['learning without profiles', { learn: true }, 'usage', /need profiles/],
    ['a voice per language in a room with one', { voices: 'per-language' }, 'key_refused', /only one/],
  ])('refuses %s, and releases the backend', async (_, settings, code, message) => {
    const { options, backend } = setUp(settings as MeetingSettingsInput);
    const refusal: unknown = await interpret(options).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code });
    expect((refusal as Error).message).toMatch(message);
    expect(backend.released).toBe(1);
  });

  it('joins no meeting where the backend lets nobody in', async () => {
    const { options, backend, room, events } = setUp({ engine: 'translate' });
    const asked: unknown[] = [];
    const closed = Object.assign(backend, {
      check: (request: object) => {
        asked.push(request);
        return Promise.reject(new ParleyError('key_refused', 'api.example refused the key'));
      },
    });
    await expect(interpret({ ...options, backend: closed })).rejects.toMatchObject({
      code: 'key_refused',
      message: 'api.example refused the key; the meeting was not joined',
    });
    expect(asked).toMatchObject([{ engine: 'translate', model: 'gpt-realtime-2.1', meetingId: 'abcd' }]);
    expect([room.state.kind, events, backend.released]).toEqual(['idle', [], 1]);
  });

  it('waits for no answer of a backend when it is stopped', async () => {
    const { options, backend, abort, clock, end } = setUp();
    const silent = Object.assign(backend, { check: () => new Promise<void>(() => undefined) });
    const staying = interpret({ ...options, backend: silent }).then(async (bot) => {
      await bot.ended;
    });
    abort.abort();
    expect(await settled(staying, clock)).toBeDefined();
    expect(end().reason.message).toBe('stopped by a signal');
  });

  it('resolves in the meeting; its status says how things are', async () => {
    const { options, hall, clock, backend } = setUp();
    const bot = await interpret(options);
    await speakTo(hall);
    await advance(clock, 2_000);
    expect(bot.status()).toMatchObject({
      meetingId: 'abcd',
      participantId: 'parley-1',
      state: 'connected',
      atMs: 2_000,
      people: [
        { id: 'ben', name: 'Ben', speaks: ['en'], prefers: 'en' },
        { id: 'ana', name: 'Ana', speaks: ['es'], prefers: 'es' },
      ],
      cost: { usd: 0, responses: 0 },
      latency: { turns: 0 },
      counters: { captionsDropped: 0 },
    });
    expect(bot.status().routes).toContainEqual(
      expect.objectContaining({
        speakerId: 'ana',
        speakerName: 'Ana',
        to: 'en',
        listenerIds: ['ben'],
        state: 'open',
        engine: 'conversation',
      }),
    );
    expect(bot.status().metrics).toContainEqual(
      expect.objectContaining({ name: 'event_listener_errors', kind: 'counter', value: 0 }),
    );
    expect(bot.status().settings.voice).toBe('marin');
    expect(backend.sessionOf('ana')!.request).toMatchObject({
      meetingId: 'abcd',
      engine: 'conversation',
      model: 'gpt-realtime-2.1',
      config: { voice: 'marin', transcription: { model: 'gpt-realtime-whisper' } },
    });
    const stopping = bot.stop();
    await advance(clock, 5_000);
    await stopping;
    expect(bot.status().state).toBe('left');
    expect(await bot.ended).toEqual({
      askedBy: 'asked',
      reason: { kind: 'asked', message: 'asked to leave' },
    });
  });

  it('gives each consumer every event from the first on, and ends with the meeting', async () => {
    const { options, clock, events } = setUp();
    const bot = await interpret(options);
    const seen: unknown[] = [];
    const consuming = (async () => {
      for await (const event of bot) seen.push(event);
    })();
    const stopping = bot.stop();
    await advance(clock, 5_000);
    await stopping;
    await consuming;
    expect(seen).toEqual(events);
    expect(events.map(({ type }) => type)).toEqual(['started', 'state', 'state', 'state', 'ended']);
    const resumed: unknown[] = [];
    for await (const event of bot.eventsAfter(3)) resumed.push(event);
    expect(resumed).toEqual(events.slice(3));
  });

  it('goes on when a listener throws, and counts it', async () => {
    const { options, hall, clock } = setUp();
    const bot = await interpret(options);
    bot.events.on('joined', () => {
      throw new Error('a bug of the listener');
    });
    const heard: string[] = [];
    bot.events.on('joined', ({ person }) => heard.push(person.id));
    hall.enter({ id: 'ana', name: 'Ana' });
    expect(heard).toEqual(['ana']);
    expect(bot.status().metrics).toContainEqual(
      expect.objectContaining({ name: 'event_listener_errors', value: 1 }),
    );
    const stopping = bot.stop();
    await advance(clock, 5_000);
    await stopping;
  });

  it('changes settings while it runs, and says of each field what became of it', async () => {
    const { options, hall, clock, backend } = setUp();
    const bot = await interpret(options);
    await speakTo(hall);
    await advance(clock, 2_000);
    expect(
      bot.update({
        languages: ['es', 'en', 'de'],
        voice: 'cedar',
        speed: 1.25,
        bargeIn: 'others',
        glossary: { 'es>en': { acta: 'minutes' } },
        maxSessions: 3,
        budgetUsd: 9,
        speeed: 2,
      } as never),
    ).toEqual({
      languages: 'applied',
      voice: 'applied',
      speed: 'applied',
      bargeIn: 'unchanged',
      glossary: 'applied',
      maxSessions: {
        refused: 'maxSessions cannot change in a running meeting: it is set on joining',
        code: 'fixed',
      },
      budgetUsd: 'applied',
      speeed: { refused: 'speeed is no setting; did you mean speed?', code: 'unknown' },
    });
    const { settings, cost } = bot.status();
    expect(settings).toMatchObject({ languages: ['es', 'en', 'de'], voice: 'cedar', speed: 1.25 });
    expect(settings.maxSessions).toBe(24);
    expect(cost).toMatchObject({ budgetUsd: 9 });
    const { calls } = backend.sessionOf('ana')!;
    expect(calls).toContainEqual(['setVoice', 'cedar']);
    expect(calls).toContainEqual(['setSpeed', 1.25]);
    expect(calls.findLast(([method]) => method === 'setInstructions')?.[1]).toContain('minutes');
    const stopping = bot.stop();
    await advance(clock, 5_000);
    await stopping;
  });

  it('keeps the setting that the meeting refuses to change', async () => {
    const { options, clock } = setUp();
    const bot = await interpret(options);
    expect(bot.update({ voices: 'per-language', bargeIn: 'off' })).toEqual({
      voices: { refused: 'no further output channels can join this meeting', code: 'no_more_voices' },
      bargeIn: 'applied',
    });
    expect(bot.status().settings).toMatchObject({ voices: 'auto', bargeIn: 'off' });
    const stopping = bot.stop();
    await advance(clock, 5_000);
    await stopping;
    expect(bot.update({ bargeIn: 'any' })).toEqual({
      bargeIn: { refused: 'the meeting is being left', code: 'leaving' },
    });
    expect(bot.status().settings.bargeIn).toBe('off');
  });

  it('takes the host’s word about a person', async () => {
    const { options, hall, clock } = setUp();
    const bot = await interpret(options);
    hall.enter({ id: 'ana', name: 'Ana', metadata: { preferredLanguage: 'es' } });
    bot.setPerson('ana', { preferredLanguage: 'German' });
    expect(bot.status().people).toMatchObject([{ id: 'ana', prefers: 'de' }]);
    expect(() => bot.setPerson('ana', { preferredLanguage: 'Klingonish' })).toThrow(
      expect.objectContaining({ code: 'usage' }),
    );
    const stopping = bot.stop();
    await advance(clock, 5_000);
    await stopping;
  });

  it('takes parts of the caller’s', async () => {
    const left: string[] = [];
    const { options, hall, clock } = setUp(
      {},
      {
        parts: [{ name: 'door', left: ({ name }) => left.push(name) }],
      },
    );
    const bot = await interpret(options);
    hall.enter({ id: 'ana', name: 'Ana' }).leave();
    expect(left).toEqual(['Ana']);
    const stopping = bot.stop();
    await advance(clock, 5_000);
    await stopping;
  });
});

describe('a meeting that is taken up again', () => {
  it('is joined under the same id, and its captions replace none of those before', async () => {
    const { clock, hall, backend, options, events } = setUp();
    const bots = [];
    for (const incarnation of [1, 2]) {
      const room = new MemoryRoom({ meeting: hall, participantId: 'parley-1', name: 'Parley' });
      const joining = interpret({ ...options, room, incarnation });
      await advance(clock, 500);
      bots.push(await joining);
      if (incarnation === 1) await speakTo(hall);
      await advance(clock, 2_000);
      const turn = {
        turnId: `${backend.sessionOf('ana')!.request.name}.1`,
        startMs: 0,
        endMs: 1,
        said: 'hola',
      };
      backend.sessionOf('ana')!.answer({ ...turn, translation: 'hello' });
      await advance(clock, 200);
      hall.remove('nobody', { kind: 'asked', message: '' });
    }
    expect(await bots[0]!.ended).toMatchObject({ reason: { kind: 'duplicate' } });
    const finals = events.filter(
      (event) => event.type === 'caption' && event.final && event.targetLanguage === 'en',
    );
    expect(new Set(finals.map((event) => (event as JoinEvent & { type: 'caption' }).turnId))).toEqual(
      new Set(['parley-1.1.1', 'parley-1-2.1.1']),
    );
    void bots[1]!.stop();
    await advance(clock, 2_000);
    expect(await bots[1]!.ended).toMatchObject({ askedBy: 'asked' });
  });

  it('a platform is asked for the id, and for further voices under ids that begin with it', async () => {
    const { clock, hall, options } = setUp();
    const asked: (string | undefined)[] = [];
    const place = ({ participantId, name }: { participantId?: string; name: string }) => {
      asked.push(participantId);
      return Promise.resolve(new MemoryRoom({ meeting: hall, participantId: participantId!, name }));
    };
    const joining = interpret({
      ...{ backend: options.backend, clock, log: options.log!, beforeJoin: options.beforeJoin! },
      settings: { voices: 'per-language', announcement: false },
      platform: {
        description: 'memory',
        capabilities: { directedData: true, keptData: true, roomsByApi: false, furtherVoices: true },
        ...{ openRoom: place, openVoice: place },
        createRoom: () => Promise.reject(new Error('none')),
        findRoom: () => Promise.resolve(undefined),
        createToken: () => Promise.reject(new Error('none')),
      },
      ...{ meetingId: 'abcd', participantId: 'parley-fixed' },
    });
    await advance(clock, 500);
    const bot = await joining;
    await speakTo(hall);
    await advance(clock, 3_000);
    expect(asked).toEqual(['parley-fixed', 'parley-fixed-en', 'parley-fixed-es']);
    void bot.stop();
    await advance(clock, 2_000);
  });
});

describe('muting', () => {
  async function speaking() {
    const world = setUp();
    const { clock, hall, backend, options, events } = world;
    const joining = interpret(options);
    await advance(clock, 500);
    const bot = await joining;
    let loudFrames = 0;
    hall.enter({
      ...{ id: 'listener', name: 'Lea', metadata: { preferredLanguage: 'en' }, micOn: false },
      onAudio: (id, { samples }) => {
        if (id === 'parley-1' && samples.some((sample) => Math.abs(sample) > 500)) loudFrames++;
      },
    });
    await speakTo(hall);
    await advance(clock, 2_500);
    let turn = 0;
    /** Two seconds of translation, of which `heardMs` pass. */
    const translate = async (heardMs: number) => {
      turn++;
      loudFrames = 0;
      const session = backend.sessionOf('ana')!;
      const startMs = clock.nowMs() - 1_000;
      session.answer({
        ...{ turnId: `${session.request.name}.t${turn}`, startMs, endMs: startMs + 500 },
        ...{ said: `frase ${turn}`, translation: `phrase ${turn}` },
        pcm: Int16Array.from({ length: 48_000 }, (_, at) => 8_000 * Math.sin(at / 10)),
      });
      await advance(clock, heardMs);
      return loudFrames;
    };
    const captions = () =>
      events.flatMap((event) => (event.type === 'caption' && event.final ? [event.translatedText] : []));
    const rest = async () => {
      loudFrames = 0;
      await advance(clock, 4_000);
      return loudFrames;
    };
    const stop = async () => {
      void bot.stop();
      await advance(clock, 2_000);
    };
    return { bot, translate, rest, captions, stop };
  }

  it.each([
    ['all voices', undefined],
    ['one language', 'en-US'],
  ])(
    '%s: what is being said ends at once, what comes is read, and unmuted it is heard again',
    async (_, language) => {
      const { bot, translate, rest, captions, stop } = await speaking();
      expect(await translate(800)).toBeGreaterThan(30);
      bot.mute(true, language);
      expect(await rest()).toBeLessThanOrEqual(2); // the fade
      expect(await translate(3_000)).toBe(0);
      expect(captions()).toEqual(expect.arrayContaining(['phrase 1', 'phrase 2']));
      expect(bot.status().muted).toEqual(language === undefined ? 'all' : ['en']);
      bot.mute(false, language);
      expect(bot.status().muted).toEqual([]);
      expect(await translate(3_000)).toBeGreaterThan(150);
      await stop();
    },
  );

  it('another language goes on being heard, and what is none is refused', async () => {
    const { bot, translate, stop } = await speaking();
    bot.mute(true, 'es');
    expect(await translate(3_000)).toBeGreaterThan(150);
    expect(() => {
      bot.mute(true, 'klingonese');
    }).toThrow('klingonese is no language: give a tag such as es');
    await stop();
  });
});
