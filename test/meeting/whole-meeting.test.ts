/** Whole meetings over the embedded Realtime server: what is said is heard and read in the other's language. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MeetingWorld } from './meeting-world.js';

let world: MeetingWorld;
const open = async (options?: Parameters<typeof MeetingWorld.open>[0]) => {
  world = await MeetingWorld.open(options);
};
afterEach(async () => {
  await world.close();
  expect(world.openSessions).toBe(0);
  for (const id of world.hall.participants.keys()) world.hall.remove(id, { kind: 'asked', message: 'over' });
  expect(world.clock.nextDueMs()).toBeUndefined(); // no timer is left
});

describe('two people, two languages', () => {
  beforeEach(async () => {
    await open();
    world.join('ana', 'Spanish');
    world.join('bob', 'en-GB');
  });

  it('each is heard and read in the other’s language, from the first word on', async () => {
    await world.pass(1_000);
    expect(world.sessions).toEqual([]); // nobody has spoken: nothing is open, nothing costs
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(6_000);
    await world.say('bob', 'en', 'the-meeting-starts');
    await world.pass(6_000);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station', 'es:the-meeting-starts']);
    expect(world.finals()).toEqual([
      {
        v: 2,
        kind: 'speech',
        segmentId: expect.stringMatching(/#0$/) as string,
        turnId: expect.stringContaining('parley-1.1') as string,
        part: 0,
        original: true,
        speakerId: 'ana',
        speakerName: 'Ana',
        sourceLanguage: 'es',
        targetLanguage: 'en-GB',
        sourceText: world.rendering('es', 'where-is-the-station').text,
        translatedText: world.rendering('en', 'where-is-the-station').text,
        final: true,
        startMs: expect.closeTo(1_000, -2) as number,
        endMs: expect.closeTo(3_550, -2) as number,
      },
      expect.objectContaining({ speakerId: 'bob', targetLanguage: 'es', final: true }),
    ]);
    expect(world.emitted.playback.map(({ what }) => what)).toEqual([
      'heard',
      'finished',
      'heard',
      'finished',
    ]);
    for (const { firstAudioDelayMs } of world.emitted.playback) expect(firstAudioDelayMs).toBeLessThan(1_000);
    expect(world.emitted.notice).toEqual([]);
  });

  it('both at once: one is heard after the other, each to its end', async () => {
    await world.say('ana', 'es', 'send-the-report', false);
    await world.say('bob', 'en', 'see-you-next-week', false);
    await world.pass(12_000);
    expect(
      world
        .finals()
        .map(({ translatedText }) => translatedText)
        .sort(),
    ).toEqual([
      world.rendering('en', 'send-the-report').text,
      world.rendering('es', 'see-you-next-week').text,
    ]);
    const order = world.emitted.playback.map(({ speakerId, what }) => `${speakerId} ${what}`);
    expect([order.slice(0, 2), order.slice(2)].sort()).toEqual([
      ['ana heard', 'ana finished'],
      ['bob heard', 'bob finished'],
    ]);
    expect(world.heardTexts().sort()).toEqual(['en:send-the-report', 'es:see-you-next-week']);
  });

  it('whoever starts to speak silences the others’ words, whose captions stay whole', async () => {
    await world.say('ana', 'es', 'we-need-more-time');
    await world.pass(1_500); // the translation is being spoken
    await world.say('bob', 'en', 'repeat-more-slowly');
    await world.pass(8_000);
    const [cut, ...rest] = world.heard();
    expect(cut!.toMs - cut!.fromMs).toBeLessThan(1_500);
    expect(rest.map(({ phraseId, language }) => `${language}:${phraseId}`)).toEqual([
      'es:repeat-more-slowly',
    ]);
    expect(world.finals().map(({ translatedText, mark }) => [translatedText, mark])).toEqual([
      [world.rendering('en', 'we-need-more-time').text, 'cut'],
      [world.rendering('es', 'repeat-more-slowly').text, undefined],
    ]);
    expect(world.emitted.playback.map(({ speakerId, what }) => `${speakerId} ${what}`)).toEqual([
      'ana heard',
      'ana cut',
      'bob heard',
      'bob finished',
    ]);
  });

  it('a speaker who goes on does not silence their own words', async () => {
    await world.say('ana', 'es', 'share-my-screen');
    await world.pass(1_200);
    await world.say('ana', 'es', 'we-need-more-time');
    await world.pass(8_000);
    expect(world.heardTexts()).toEqual(['en:share-my-screen', 'en:we-need-more-time']);
  });

  it('someone who mutes or leaves right after the last word is still translated', async () => {
    await world.say('ana', 'es', 'where-is-the-station');
    world.person('ana').mute();
    await world.pass(6_000);
    await world.say('bob', 'en', 'the-meeting-starts');
    world.person('bob').leave();
    await world.pass(8_000);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station', 'es:the-meeting-starts']);
    expect(world.finals()).toHaveLength(2);
    expect(world.openSessions).toBe(0); // nobody hears Ana any more
  });

  it('one word and gone, while the session is still opening: nothing is lost', async () => {
    const phrase = world.rendering('es', 'see-you-next-week');
    world.person('ana').say(phrase.pcm24k, { sampleRateHz: 24_000 });
    world.clock.advanceBy(phrase.pcm24k.length / 24 + 10); // in one go: nothing is received meanwhile
    expect(world.emitted.route.map(({ state }) => state)).toEqual(['opening']);
    world.person('ana').leave();
    await world.pass(8_000);
    expect(world.heardTexts()).toEqual(['en:see-you-next-week']);
  });

  it('leaving in the middle of a phrase ends the turn and closes the session', async () => {
    await world.say('ana', 'es', 'where-is-the-station', false);
    await world.pass(1_000);
    world.person('ana').leave();
    await world.pass(10_000);
    expect(world.finals()).toHaveLength(1);
    expect(world.openSessions).toBe(0);
    expect(world.emitted.route.map(({ state }) => state)).toEqual(['opening', 'open', 'closed']);
  });

  it('a microphone switched 25 times in 30 s: every phrase once', async () => {
    const ana = world.person('ana');
    const phrases = [...world.book.keys()].slice(0, 6);
    let switches = 0;
    const flick = async (offMs: number) => {
      ana.mute();
      await world.pass(offMs);
      ana.unmute();
      switches += 2;
    };
    const startedMs = world.clock.nowMs();
    for (const phrase of phrases) {
      await world.say('ana', 'es', phrase);
      await flick(600); // off with the last sample
      await flick(20);
      await world.pass(700);
    }
    ana.mute();
    expect(switches + 1).toBe(25);
    expect(world.clock.nowMs() - startedMs).toBeLessThan(30_000);
    await world.pass(15_000);
    expect(world.heardTexts()).toEqual(phrases.map((phrase) => `en:${phrase}`));
    expect(world.finals()).toHaveLength(6);
    expect(world.sessions).toHaveLength(1); // and never a new session for it
  });

  it('the line to the meeting breaks and comes back: what was said is heard then, and people go on', async () => {
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(200);
    world.room.dropConnection(); // before anything of the translation was heard
    await world.pass(10_000);
    expect(world.heard()).toEqual([]);
    world.room.restoreConnection();
    await world.pass(4_000);
    await world.say('bob', 'en', 'the-meeting-starts');
    await world.pass(6_000);
    await world.say('ana', 'es', 'send-the-report');
    await world.pass(6_000);
    expect(world.heardTexts()).toEqual([
      'en:where-is-the-station',
      'es:the-meeting-starts',
      'en:send-the-report',
    ]);
    expect(world.sessions).toHaveLength(2);
  });

  it('lines that break are opened again: the host is told why, their readers that it happens and that it is over', async () => {
    const read: Record<string, string[]> = { ana: [], bob: [] };
    for (const [id, topic] of [
      ['ana', 'PARLEY_CAPTIONS_es'],
      ['bob', 'PARLEY_CAPTIONS_en'],
    ] as const) {
      world.person(id).subscribe(topic, ({ text, payload }) => {
        if (payload['interruption'] !== undefined)
          read[id]!.push(`${payload['final'] ? 'final' : 'now'}: ${text}`);
      });
    }
    await world.say('ana', 'es', 'where-is-the-station');
    await world.say('bob', 'en', 'the-meeting-starts');
    await world.pass(8_000);
    world.emitted.route.length = 0;
    world.server.faults.dropAll();
    await world.pass(3_000);
    // Two sockets break: which of them is noticed first is nobody's to say.
    for (const id of ['ana', 'bob']) {
      const { notice, route } = world.emitted;
      const kinds = notice.filter(({ participantId }) => participantId === id).map(({ kind }) => kind);
      expect(kinds).toEqual(['interruption', 'session_notice']);
      const states = route.filter(({ speakerId }) => speakerId === id).map(({ state }) => state);
      expect(states).toEqual(['reconnecting', 'open']);
    }
    expect([world.emitted.notice.length, world.emitted.route.length]).toEqual([4, 4]);
    expect(read).toEqual({
      ana: [
        'now: La interpretación de Bob se ha interrumpido: reconectando…',
        'final: Se vuelve a interpretar a Bob.',
      ],
      bob: [
        'now: The interpretation of Ana is interrupted: reconnecting…',
        'final: Ana is interpreted again.',
      ],
    });
    const notices = world.emitted.caption.filter(({ interruption }) => interruption !== undefined);
    expect(new Set(notices.map(({ segmentId }) => segmentId)).size).toBe(2); // each is replaced by what became of it
    expect(world.bot.status().counters.reconnects).toBe(2);
    await world.say('ana', 'es', 'send-the-report');
    await world.pass(6_000);
    expect(world.sessions).toHaveLength(2); // the sessions are the same
    expect(world.heardTexts()).toEqual([
      'en:where-is-the-station',
      'es:the-meeting-starts',
      'en:send-the-report',
    ]);
  });

  it('a server that refuses costs its route: readers are told, and again once it is interpreted', async () => {
    const emitted = () =>
      world.emitted.caption.flatMap(({ interruption, translatedText }) =>
        interruption === undefined ? [] : [translatedText],
      );
    world.server.faults.set({ refuseConnections: { status: 503, retryAfterSeconds: 90 } }); // too long to wait for
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(3_000);
    expect(world.emitted.notice.map(({ kind, participantId }) => [kind, participantId])).toContainEqual([
      'session_failed',
      'ana',
    ]);
    expect(emitted().slice(1)).toEqual(['Ana is not interpreted at present.']);
    world.server.faults.set({});
    world.clock.advanceBy(110_000);
    await world.say('ana', 'es', 'send-the-report');
    await world.pass(6_000);
    expect(emitted().slice(1)).toEqual(['Ana is not interpreted at present.', 'Ana is interpreted again.']);
    expect(world.heardTexts()).toEqual(['en:send-the-report']);
  });

  it('a server that is away when the first words are said: readers are told, and nothing is lost', async () => {
    world.server.faults.set({ refuseConnections: { status: 503 } });
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(3_000);
    const emitted = () => world.emitted.caption.flatMap(({ interruption }) => interruption ?? []);
    expect(emitted()).toEqual(['reconnecting']); // once, however often it is tried
    world.server.faults.set({});
    await world.pass(6_000);
    expect(emitted()).toEqual(['reconnecting', 'resumed']);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station']);
    expect(world.sessions).toHaveLength(1);
  });

  it('captions reach each by the topic of their language, partial ones at most four a second, and are never kept', async () => {
    const received: { atMs: number; final: boolean; text: string; payload: unknown }[] = [];
    world.person('bob').subscribe('PARLEY_CAPTIONS_en', ({ senderId, text, payload }) => {
      expect(senderId).toBe('parley-1');
      received.push({ atMs: world.clock.nowMs(), final: payload['final'] === true, text, payload });
    });
    const original: string[] = [];
    world.person('ana').subscribe('PARLEY_CAPTIONS_es', ({ text, payload }) => {
      if (payload['final'] === true) original.push(text);
    });
    await world.say('ana', 'es', 'customers-like-it');
    await world.pass(6_000);
    expect(received.at(-1)).toMatchObject({ final: true, payload: world.finals()[0] });
    expect(received.at(-1)?.text).toBe(world.rendering('en', 'customers-like-it').text);
    expect(original).toEqual([world.rendering('es', 'customers-like-it').text]);
    const partials = received.filter(({ final }) => !final);
    expect(partials.length).toBeGreaterThan(1);
    expect(partials.length).toBeLessThan(world.emitted.caption.length - 1);
    for (let n = 1; n < partials.length; n++) {
      expect(partials[n]!.atMs - partials[n - 1]!.atMs).toBeGreaterThanOrEqual(250);
    }
    expect(world.hall.history('PARLEY_CAPTIONS_en', 'eve')).toEqual([]);
  });

  it('stopping with time to drain says first what is still to be said', async () => {
    await world.say('ana', 'es', 'where-is-the-station');
    await world.whilePassing(world.bot.stop({ drainMs: 10_000 }));
    expect(world.heardTexts()).toEqual(['en:where-is-the-station']);
    expect(world.room.state.kind).toBe('left');
  });

  it('stopping in the middle of a translation: it is whole in captions, marked, and so it is sent', async () => {
    const sent: unknown[] = [];
    world.person('bob').subscribe('PARLEY_CAPTIONS_en', ({ payload }) => sent.push(payload));
    await world.say('ana', 'es', 'share-my-screen');
    await world.pass(1_500);
    expect(world.emitted.playback.map(({ what }) => what)).toEqual(['heard']);
    await world.whilePassing(world.bot.stop());
    expect(world.emitted.playback.map(({ what }) => what)).toEqual(['heard', 'cut']);
    const translatedText = world.rendering('en', 'share-my-screen').text;
    // Its text is whole: only part of it was spoken, and why stands in the event.
    expect(sent.at(-1)).toMatchObject({ final: true, mark: 'cut', translatedText });
    expect(world.emitted.playback.at(-1)).toMatchObject({ what: 'cut', why: 'gone' });
  });
});

describe('more people', () => {
  const pairs = () => world.sessions.map(({ route }) => `${route?.speakerId}>${route?.to}`).sort();

  it('three people, two languages: one session each, whoever listens', async () => {
    await open();
    for (const [id, language] of [
      ['ana', 'es'],
      ['bob', 'en'],
      ['eve', 'English'],
    ] as const)
      world.join(id, language);
    await world.say('ana', 'es', 'the-meeting-starts');
    await world.pass(6_000);
    await world.say('eve', 'en', 'customers-like-it');
    await world.pass(6_000);
    expect(world.heardTexts()).toEqual(['en:the-meeting-starts', 'es:customers-like-it']);
    expect(pairs()).toEqual(['ana>en', 'eve>es']); // Bob said nothing
  });

  it('three languages: each phrase in both others, transcribed once, captioned in both', async () => {
    await open({ voiceLanguages: ['es', 'en', 'de'] });
    world.join('ana', 'es');
    world.join('bob', 'en');
    world.join('kim', 'Deutsch');
    await world.say('ana', 'es', 'the-meeting-starts');
    await world.pass(12_000);
    expect(world.heardTexts().sort()).toEqual(['de:the-meeting-starts', 'en:the-meeting-starts']);
    expect(world.sessions.map(({ route }) => route?.transcribes).sort()).toEqual([false, true]);
    const said = world.rendering('es', 'the-meeting-starts').text;
    expect(
      world
        .finals()
        .map(({ sourceText, targetLanguage }) => [sourceText, targetLanguage])
        .sort(),
    ).toEqual([
      [said, 'de'],
      [said, 'en'],
    ]);
  });

  it('whoever transcribes hands over when its listener leaves: captions keep both sides', async () => {
    await open();
    world.join('ana', 'es');
    world.join('bob', 'fr');
    world.join('kim', 'de');
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(10_000);
    expect(world.sessions.map(({ route }) => [route?.to, route?.transcribes])).toEqual([
      ['fr', true], // it was there first
      ['de', false],
    ]);
    world.person('bob').leave();
    await world.say('ana', 'es', 'send-the-report');
    await world.pass(10_000);
    expect(world.sessions).toHaveLength(2);
    expect(world.finals().at(-1)).toMatchObject({
      targetLanguage: 'de',
      sourceText: world.rendering('es', 'send-the-report').text,
      translatedText: world.rendering('de', 'send-the-report').text,
    });
  });

  it('someone alone reads their own words, for five minutes, and nothing is said', async () => {
    await open();
    const ana = world.join('ana', 'es');
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(3_000);
    expect(world.sessions.map(({ route }) => [route?.to, route?.transcribes])).toEqual([[undefined, true]]);
    const own = { speakerId: 'ana', sourceLanguage: 'es', targetLanguage: '', translatedText: '' };
    expect(world.finals()).toEqual([
      expect.objectContaining({ ...own, sourceText: world.rendering('es', 'where-is-the-station').text }),
    ]);
    expect(world.heardTexts()).toEqual([]);
    await world.pass(291_000);
    expect(world.openSessions).toBe(0); // since she is silent
    await world.say('ana', 'es', 'send-the-report');
    await world.pass(6_000);
    expect(world.finals()).toHaveLength(2);
    await world.pass(3_000);
    expect(world.openSessions).toBe(0); // since five minutes are over
    await world.say('ana', 'es', 'share-my-screen');
    await world.pass(6_000);
    expect(world.finals()).toHaveLength(2);
    // Whoever is alone again begins anew.
    const bob = world.join('bob', 'es');
    bob.leave();
    await world.say('ana', 'es', 'share-my-screen');
    ana.mute();
    await world.pass(6_000);
    expect(world.finals()).toHaveLength(3);
  });

  it('someone who comes late hears what is said from then on', async () => {
    await open();
    world.join('ana', 'es');
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(3_000);
    expect(world.sessions.map(({ route }) => route?.to)).toEqual([undefined]); // alone: read by herself only
    world.join('bob', 'en');
    await world.say('ana', 'es', 'the-meeting-starts');
    await world.pass(6_000);
    expect(world.heardTexts()).toEqual(['en:the-meeting-starts']);
  });

  it('someone changes their language: only what depends on it changes', async () => {
    await open();
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.pass(3_000);
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(6_000);
    world.person('bob').change({ metadata: { preferredLanguage: 'fr', enableAgentEvents: true } });
    expect(world.emitted.changed.map(({ id, prefers }) => [id, prefers])).toEqual([['bob', 'fr']]);
    await world.say('ana', 'es', 'the-meeting-starts');
    await world.pass(6_000);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station', 'fr:the-meeting-starts']);
    expect(pairs()).toEqual(['ana>en', 'ana>fr']);
    expect(world.openSessions).toBe(1);
  });

  it('a change of name reaches the session that is open, and nothing restarts', async () => {
    await open();
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(6_000);
    world.person('ana').change({ name: 'Ana María' });
    await world.say('ana', 'es', 'send-the-report');
    await world.pass(6_000);
    expect(world.sessions).toHaveLength(1);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station', 'en:send-the-report']);
    expect(world.finals().map(({ speakerName }) => speakerName)).toEqual(['Ana', 'Ana María']);
  });

  it('two declared languages serve people who said nothing about theirs', async () => {
    await open({ languages: ['es', 'en'] });
    world.join('ana');
    world.join('bob');
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(6_000);
    await world.say('bob', 'en', 'the-meeting-starts');
    await world.pass(6_000);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station', 'es:the-meeting-starts']);
    expect(world.emitted.notice.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      'language_unknown: Ana has not chosen a language and hears español or English; they are asked in the meeting, and an app sets metaData.preferredLanguage',
      'language_unknown: Bob has not chosen a language and hears español or English; they are asked in the meeting, and an app sets metaData.preferredLanguage',
    ]);
  });

  it('another interpreter is not listened to, whatever it says of itself', async () => {
    await open();
    world.join('ana', 'es');
    world.join('parley-2', 'en');
    await world.say('parley-2', 'en', 'where-is-the-station');
    await world.pass(4_000);
    expect(world.sessions).toEqual([]);
    expect(world.bot.status().people.map(({ id }) => id)).toEqual(['ana']);
  });

  it('a session closes after a silence, and opens again with the next word, which is not lost', async () => {
    await open({ sessionIdleS: 5 });
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(10_000);
    expect(world.openSessions).toBe(0);
    await world.say('ana', 'es', 'send-the-report');
    await world.pass(4_000);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station', 'en:send-the-report']);
    expect(world.emitted.route.map(({ state }) => state)).toEqual([
      'opening',
      'open',
      'closed',
      'opening',
      'open',
    ]);
  });

  it('at the cap the longest silent session makes room; when all are in use, that is told', async () => {
    await open({ maxSessions: 1 });
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(6_000);
    await world.say('bob', 'en', 'the-meeting-starts', false);
    await world.pass(500);
    expect(world.emitted.notice).toEqual([]);
    expect(world.openSessions).toBe(1);
    await world.say('ana', 'es', 'send-the-report', false);
    await world.pass(1_000);
    expect(world.emitted.notice.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      'at_cap: Ana is not being interpreted into English: the only session (--max-sessions) is busy; it starts when another speaker goes quiet',
    ]);
    await world.pass(10_000);
    expect(world.heardTexts()).toEqual(['en:where-is-the-station', 'es:the-meeting-starts']);
  });
});

describe('joining and leaving', () => {
  it('a room that refuses us: joining rejects, nothing is left', async () => {
    await open();
    await world.whilePassing(world.bot.stop());
    world.hall.refusal = { kind: 'denied', message: 'not today' };
    await expect(world.whilePassing(world.secondInterpreter())).rejects.toThrow('not today');
    expect(world.sessions).toEqual([]);
  });

  it('removed by a moderator: the meeting is over, and its sessions with it', async () => {
    await open();
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.say('ana', 'es', 'where-is-the-station');
    world.hall.remove('parley-1', { kind: 'removed', message: 'by the host' });
    await world.pass(100);
    expect(world.emitted.state.at(-1)).toMatchObject({ kind: 'left', reason: { kind: 'removed' } });
    expect(world.openSessions).toBe(0);
  });
});
