/** What the interpreter itself says: on joining, and when it is told to. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { ParleyError } from '../../../src/errors.js';
import { OutputChannel } from '../../../src/interpreter/playback/output-channel.js';
import { Announcer, announcingInstructions } from '../../../src/meeting/speaking/announcer.js';
import { JoinAnnouncement } from '../../../src/meeting/speaking/join-announcement.js';
import { turns } from '../../realtime/session-fixture.js';
import { MeetingWorld } from '../meeting-world.js';
import { ScriptedSession } from '../scripted-session.js';

const MAX_SAID_CHARS = 1_000;

const TEXT = 'Parley is interpreting this meeting.';

describe('in a meeting', () => {
  let world: MeetingWorld;
  const open = async (options: Parameters<typeof MeetingWorld.open>[0] = {}) => {
    world = await MeetingWorld.open(options);
  };
  const notices = () => world.emitted.caption.filter(({ kind }) => kind === 'notice');
  afterEach(async () => {
    await world.close();
  });

  it('says on joining, once in each language that is there, that it interprets', async () => {
    await open({ announcement: true, voiceLanguages: ['es', 'en', 'de'] });
    await world.pass(3_000);
    expect(world.sessions).toEqual([]); // nobody is there to hear it
    world.join('ana', 'es');
    world.join('bob', 'en');
    world.join('eve', 'en-GB');
    const read: string[] = [];
    world.person('ana').subscribe('PARLEY_CAPTIONS_es', ({ text }) => read.push(text));
    await world.pass(9_000);
    world.join('kim', 'de');
    world.person('bob').leave();
    world.join('bob', 'en');
    await world.pass(9_000);
    expect(world.heardTexts()).toEqual([
      'es:parley-interprets',
      'en:parley-interprets',
      'de:parley-interprets',
    ]);
    expect(
      notices().map(({ targetLanguage, translatedText }) => `${targetLanguage}: ${translatedText}`),
    ).toEqual([
      'es: Parley está interpretando esta reunión.',
      'en: Parley is interpreting this meeting.',
      'de: Parley dolmetscht diese Besprechung.',
    ]);
    expect(read).toEqual(['Parley está interpretando esta reunión.']); // each in their own language only
    expect(world.openSessions).toBe(0);
    expect(world.emitted.notice.filter(({ kind }) => kind !== 'voices')).toEqual([]);
  });

  it('somebody who changes their language all the time makes it speak no language that has no voice', async () => {
    await open({ announcement: true, languages: ['es', 'en'] });
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.pass(9_000);
    const before = world.sessions.length;
    const mallory = world.join('mallory', 'es');
    for (const language of ['fr', 'de', 'it', 'pt', 'pl', 'nl', 'ja', 'ko', 'tr', 'vi']) {
      mallory.send('PARLEY_LANGUAGE', '', { payload: { preferredLanguage: language } });
      await world.pass(2_000);
    }
    expect(world.sessions.length - before).toBe(0);
    expect(world.heardTexts()).toEqual(['es:parley-interprets', 'en:parley-interprets']);
  });

  it('says nothing on joining unless it is told to', async () => {
    await open();
    world.join('ana', 'es');
    await world.pass(5_000);
    expect(world.sessions).toEqual([]);
  });

  it('says what it is told to, behind what is being spoken, and tells what became of it', async () => {
    await open();
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.say('ana', 'es', 'we-need-more-time');
    await world.pass(1_000);
    const said = world.bot.say(TEXT, ['es']);
    expect(await world.whilePassing(said)).toEqual([
      { to: 'es', fate: 'finished', text: 'Parley está interpretando esta reunión.' },
    ]);
    expect(world.heardTexts()).toEqual(['en:we-need-more-time', 'es:parley-interprets']);
  });

  it('whoever speaks over it silences it; it stands in captions', async () => {
    await open();
    world.join('ana', 'es');
    const said = world.bot.say(TEXT);
    await world.pass(600);
    await world.say('ana', 'es', 'send-the-report', false);
    expect(await world.whilePassing(said)).toEqual([
      { to: 'es', fate: 'cut', text: 'Parley está interpretando esta reunión.' },
    ]);
    expect(notices()).toHaveLength(1);
  });

  it('a server that refuses for a moment delays it', async () => {
    await open();
    world.join('ana', 'es');
    world.server.faults.set({ refuseConnections: { status: 503, count: 2 } });
    const said = await world.whilePassing(world.bot.say(TEXT));
    expect(said).toMatchObject([{ to: 'es', fate: 'finished' }]);
    expect(world.heardTexts()).toEqual(['es:parley-interprets']);
    expect(notices()).toHaveLength(1);
  });

  it('a server that goes on refusing leaves it to be read, as it is', async () => {
    await open();
    world.join('ana', 'es');
    world.server.faults.set({ refuseConnections: { status: 503 } });
    const fromMs = world.clock.nowMs();
    await expect(world.whilePassing(world.bot.say(TEXT))).rejects.toThrow('the text was not spoken');
    expect(world.clock.nowMs() - fromMs).toBeLessThan(12_000);
    expect(world.heard()).toEqual([]);
    expect(notices()).toMatchObject([{ translatedText: TEXT }]);
  });

  it('in a language that no voice speaks it is read', async () => {
    await open({ voiceLanguages: ['en'] });
    world.join('ana', 'es');
    world.join('bob', 'en');
    const said = await world.whilePassing(world.bot.say(TEXT, ['es']));
    expect(said).toMatchObject([{ fate: 'captions_only' }]);
    expect(world.heard()).toEqual([]);
    expect(notices()).toMatchObject([{ translatedText: 'Parley está interpretando esta reunión.' }]);
  });
});

describe('the announcer', () => {
  let clock: VirtualClock;
  let sessions: ScriptedSession[];
  let texts: string[];
  let announcer: Announcer;
  beforeEach(() => {
    clock = new VirtualClock();
    sessions = [];
    texts = [];
    const voice = new OutputChannel({ bargeIn: 'others' });
    announcer = new Announcer({
      clock,
      speech: {
        openSession: () => {
          const session = new ScriptedSession();
          sessions.push(session);
          return session;
        },
        voiceFor: () => voice,
        styleOf: () => ({}),
        nextName: () => `s${sessions.length}`,
        announced: (text, to) => texts.push(`${to}: ${text}`),
        heard: () => undefined,
      },
      speakerId: 'parley-1',
    });
  });

  it('refuses a text that is empty or too long', async () => {
    for (const [text, length] of [
      ['', 0],
      ['  \n ', 0],
      ['x'.repeat(MAX_SAID_CHARS + 1), 1_001],
    ] as const) {
      await expect(announcer.say(text, 'es')).rejects.toThrow(
        new ParleyError('usage', `a text to say has 1 to 1000 characters, not ${length}`),
      );
    }
    expect(sessions).toEqual([]);
  });

  it('says one text after the other, and refuses when too many wait', async () => {
    const said = Array.from({ length: 32 }, () => announcer.say('hello', 'es').catch(() => undefined));
    await expect(announcer.say('one too many', 'es')).rejects.toThrow('32 texts wait to be spoken already');
    await turns();
    expect(sessions).toHaveLength(1);
    announcer.close();
    await Promise.all(said);
    expect(sessions).toHaveLength(1);
    expect(clock.nextDueMs()).toBeUndefined();
  });

  it('where no session can be had it is read as it is, and that is told', async () => {
    const said = announcer.say('hello', 'es');
    const refusal = expect(said).rejects.toThrow('the text was not spoken in español: no line');
    await turns();
    sessions[0]!.fail(new ParleyError('service_unavailable', 'no line'));
    await refusal;
    expect(texts).toEqual(['es: hello']);
  });

  it('a session that never answers is given up after a minute, and the next text has its turn', async () => {
    const said = announcer.say('hello', 'es');
    const next = announcer.say('and', 'en').catch(() => 'given up');
    const refusal = expect(said).rejects.toThrow(
      'the text was not spoken in español: the model gave no speech',
    );
    await turns();
    sessions[0]!.ready();
    await turns();
    expect(sessions[0]!.spoken).toEqual(['hello']);
    clock.advanceBy(60_000);
    await refusal;
    await turns();
    expect(sessions).toHaveLength(2);
    announcer.close();
    expect(await next).toBe('given up');
  });

  it('a translation that failed is read as it is', async () => {
    const said = announcer.say('hello', 'es');
    const refusal = expect(said).rejects.toThrow('the text was not spoken in español');
    await turns();
    sessions[0]!.ready();
    await turns();
    sessions[0]!.events.emit('turnCommitted', { turnId: 't', startMs: 0, endMs: 0 });
    sessions[0]!.events.emit('turnDone', { turnId: 't', outcome: 'failed' });
    await refusal;
    expect(texts).toEqual(['es: hello']);
  });

  it('its instructions name the language and nothing of the text', () => {
    expect(announcingInstructions('pt-BR')).toContain('Translate it into Brazilian Portuguese');
  });
});

describe('the announcement on joining', () => {
  function open(isSpoken: (tag: string) => boolean, declared: readonly string[] = []) {
    const clock = new VirtualClock();
    const said: string[] = [];
    const read: string[] = [];
    let here: string[] = [];
    const people = () =>
      here.map((prefers, n) => ({ id: `${n}`, name: '', isBot: false, speaks: [], prefers, heard: false }));
    const say = (text: string, languages: readonly string[] = []) => {
      said.push(...languages);
      expect(text).toBe('hello');
      return Promise.resolve([]);
    };
    const announcement = new JoinAnnouncement(
      {
        ...{ clock, name: 'Parley', people, say, isSpoken, notice: () => undefined },
        notify: ({ prefers }, { text }) => read.push(`${prefers}: ${text}`),
      },
      'hello',
    );
    const plan = (languages: string[]) => {
      here = languages;
      announcement.planned({ declared });
    };
    return { clock, said, read, plan, announcement };
  }

  it('waits for whoever comes, tells each language once, and nobody who is gone again', () => {
    const { clock, said, plan, announcement } = open(() => true);
    plan(['es', 'pt-BR']);
    clock.advanceBy(1_999);
    expect(said).toEqual([]);
    plan(['es', 'pt-PT']);
    clock.advanceBy(1);
    expect(said).toEqual(['es', 'pt-PT']);
    plan(['es', 'en']);
    plan(['es']);
    clock.advanceBy(5_000);
    plan(['es', 'en']);
    clock.advanceBy(2_000);
    expect(said).toEqual(['es', 'pt-PT', 'en']);
    plan(['fr']);
    announcement.closing();
    clock.advanceBy(5_000);
    expect(said).toHaveLength(3);
  });

  it('is written where no voice speaks the language, to each of its people; nothing is opened for that', () => {
    const { clock, said, read, plan } = open((tag) => tag === 'es');
    plan(['es', 'de', 'de-AT', 'ja']);
    clock.advanceBy(2_000);
    expect(said).toEqual(['es']);
    expect(read).toEqual([
      'de: Parley dolmetscht diese Besprechung.',
      'de-AT: Parley dolmetscht diese Besprechung.',
      'ja: Parley がこの会議を通訳しています。',
    ]);
  });

  it('says nothing in languages that the meeting does not have', () => {
    const { clock, said, read, plan } = open(() => true, ['es', 'en']);
    plan(['es', 'fr', 'de']);
    clock.advanceBy(10_000);
    expect(said).toEqual(['es']);
    expect(read).toEqual([]);
  });

  it('is spoken six times a minute at most, whoever comes and goes; the rest is read', () => {
    const { clock, said, read, plan } = open(() => true);
    for (const tag of ['es', 'en', 'fr', 'de', 'it', 'pl', 'nl', 'ja', 'ko']) {
      plan([tag]);
      clock.advanceBy(2_000);
    }
    expect(said).toEqual(['es', 'en', 'fr', 'de', 'it', 'pl']);
    expect(read).toHaveLength(3);
    plan([]);
    clock.advanceBy(60_000);
    plan(['tr']);
    clock.advanceBy(2_000);
    expect(said.at(-1)).toBe('tr');
  });
});
