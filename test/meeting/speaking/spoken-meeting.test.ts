/** Whole meetings as they are heard: a voice per language, and people who talk over it. */
import { afterEach, describe, expect, it } from 'vitest';
import { StreamingResampler } from '../../../audio/index.js';
import { Recogniser } from '../../../src/embedded/phrasebook/recogniser.js';
import { MeetingWorld } from '../meeting-world.js';
import { channelMetadata } from '../../../src/meeting/speaking/channel-rooms.js';

let world: MeetingWorld;
afterEach(async () => {
  await world.close();
  expect(world.clock.nextDueMs() === undefined || world.hall.participants.size > 0).toBe(true);
});

/** What each participant of a name published, as frames of 10 ms. */
const published = new Map<string, Int16Array[]>();

async function open(): Promise<void> {
  published.clear();
  world = await MeetingWorld.open({}, { channels: true });
  world.hall.enter({
    id: 'parley-listener',
    name: 'listener of the test',
    metadata: channelMetadata('und'), // a voice of an interpreter, not another interpreter
    micOn: false,
    onAudio: (id, { samples }) => {
      const frames = published.get(id) ?? [];
      published.set(id, frames);
      frames.push(samples.slice());
    },
  });
}

/** Somebody whose app plays one channel. */
function join(id: string, preferredLanguage: string): void {
  world.join(id, preferredLanguage);
  world.person(id).change({ metadata: { preferredLanguage, parley: { channels: true } } });
}

/** The phrases that one participant published. */
function phrasesOf(id: string): string[] {
  const frames = published.get(id) ?? [];
  const downsampler = new StreamingResampler(48_000, 24_000);
  const all = new Int16Array(frames.length * 480 + 48_000);
  frames.forEach((frame, n) => all.set(frame, n * 480));
  const heard =
    new Recogniser(world.book, { takesConcealment: false }).recognise(downsampler.process(all).slice()) ?? [];
  downsampler.close();
  return heard.map(({ language, phraseId }) => `${language}:${phraseId}`);
}

describe('a voice per language', () => {
  it('three people, three languages: each voice speaks its language, and the interpreter itself is silent', async () => {
    await open();
    join('ana', 'es');
    join('bob', 'en');
    join('kim', 'de');
    await world.pass(500);
    expect(world.emitted.joined.filter(({ isBot }) => isBot).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Parley · es', 'Parley · en', 'Parley · de']),
    );
    await world.say('ana', 'es', 'where-is-the-station', false);
    await world.say('bob', 'en', 'the-meeting-starts');
    await world.pass(8_000);
    expect(phrasesOf('parley-en')).toEqual(['en:where-is-the-station']);
    expect(phrasesOf('parley-es')).toEqual(['es:the-meeting-starts']);
    expect(phrasesOf('parley-de').sort()).toEqual(['de:the-meeting-starts', 'de:where-is-the-station']);
    expect(world.heard()).toEqual([]);
    expect(world.emitted.playback.filter(({ what }) => what === 'cut')).toEqual([]);
  });

  it('whoever talks over the voice that they hear clears that one; the other languages are heard to their end', async () => {
    await open();
    join('ana', 'es');
    join('bob', 'en');
    join('kim', 'de');
    await world.pass(500);
    await world.say('ana', 'es', 'share-my-screen');
    await world.pass(1_500); // it is being spoken in English and German
    await world.say('bob', 'en', 'repeat-more-slowly');
    await world.pass(9_000);
    const ends = world.emitted.playback.filter(
      ({ speakerId, what }) => speakerId === 'ana' && what !== 'heard',
    );
    expect(ends.map(({ to, what }) => `${to} ${what}`).sort()).toEqual(['de finished', 'en cut']);
    expect(phrasesOf('parley-de')[0]).toBe('de:share-my-screen');
    const captions = world.finals().filter(({ speakerId }) => speakerId === 'ana');
    expect(
      captions
        .map(({ targetLanguage, translatedText, mark }) => [targetLanguage, translatedText, mark])
        .sort(),
    ).toEqual([
      ['de', world.rendering('de', 'share-my-screen').text, undefined],
      ['en', world.rendering('en', 'share-my-screen').text, 'cut'],
    ]);
  });

  it('an app that plays everybody makes it one voice, which says so where that leaves somebody out', async () => {
    await open();
    join('ana', 'es');
    join('bob', 'en');
    world.join('kim', 'de');
    await world.pass(500);
    await world.say('bob', 'en', 'the-meeting-starts');
    await world.pass(9_000);
    expect(world.heardTexts()).toEqual(['es:the-meeting-starts']);
    expect(
      world
        .finals()
        .map(({ targetLanguage }) => targetLanguage)
        .sort(),
    ).toEqual(['de', 'es']);
    expect(world.emitted.notice.map(({ kind, message }) => `${kind}: ${message}`)).toEqual([
      'voices: Deutsch is shown as captions only: there is one shared voice, since Kim’s app does not declare per-language playback (metaData.parley.channels), and it speaks the two most needed languages',
    ]);
  });
});

describe('talking over the interpreter', () => {
  /** The loudest sample of each frame that the interpreter published since `fromMs`. */
  const levels = (fromFrame: number) =>
    (published.get('parley-1') ?? [])
      .slice(fromFrame)
      .map((frame) => frame.reduce((most, s) => Math.max(most, Math.abs(s)), 0));
  /** Voiced audio for so long: the middle of a phrase. */
  const burst = (durationMs: number) => {
    const { pcm24k } = world.rendering('en', 'can-you-hear-me');
    return pcm24k.subarray(24 * 200, 24 * (200 + durationMs));
  };

  it('is turned down within 200 ms and silent within 550 ms of the first word', async () => {
    await open();
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.say('ana', 'es', 'share-my-screen');
    await world.pass(1_200);
    const fromFrame = published.get('parley-1')!.length;
    world.person('bob').say(burst(1_500), { sampleRateHz: 24_000 });
    await world.pass(1_000);
    const heard = levels(fromFrame);
    const last = heard.findLastIndex((level) => level > 8);
    expect(last * 10).toBeLessThanOrEqual(550);
    expect(Math.max(...heard.slice(20, last))).toBeLessThan(Math.max(...heard.slice(0, 5)) / 4);
    expect(world.emitted.playback.map(({ what }) => what)).toEqual(['heard', 'cut']);
    expect(world.emitted.playback.at(-1)).toMatchObject({ what: 'cut', why: 'barge_in' });
  });

  it('a cough of 150 ms does not cut it: the phrase is heard to its end', async () => {
    await open();
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.say('ana', 'es', 'share-my-screen');
    await world.pass(1_200);
    world.person('bob').say(burst(150), { sampleRateHz: 24_000 });
    await world.pass(5_000);
    expect(
      world.emitted.playback.filter(({ speakerId }) => speakerId === 'ana').map(({ what }) => what),
    ).toEqual(['heard', 'finished']);
  });
});
