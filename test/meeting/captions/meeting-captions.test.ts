import { afterEach, describe, expect, it } from 'vitest';
import type { Caption } from '../../../src/captions/caption.js';
import { MeetingWorld } from '../meeting-world.js';

/** A record that keeps nothing. */
const forgetful = { write: () => undefined, close: () => Promise.resolve() };
let world: MeetingWorld;
afterEach(() => world.close());

/** Finals that somebody receives on a topic, as the message's text; what is told twice is here twice. */
function reads(id: string, topic: string): Caption[] {
  const captions: Caption[] = [];
  world.person(id).subscribe(topic, ({ senderId, payload }) => {
    if (senderId === 'parley-1' && payload['final'] === true) captions.push(payload as Caption);
  });
  return captions;
}

describe('captions of a meeting', () => {
  it('three languages: every speech is on every topic once, in its language where it is known in it', async () => {
    world = await MeetingWorld.open({ bargeIn: 'off' });
    for (const [id, language] of [
      ['ana', 'es-MX'],
      ['bob', 'en'],
      ['kim', 'de'],
      ['luis', 'es'],
    ] as const)
      world.join(id, language);
    const topics = { es: reads('ana', 'PARLEY_CAPTIONS_es'), en: reads('bob', 'PARLEY_CAPTIONS_en') };
    const german = reads('kim', 'PARLEY_CAPTIONS_de');
    const undecided = reads('luis', 'PARLEY_CAPTIONS_und');
    await world.say('ana', 'es', 'the-meeting-starts');
    await world.pass(8_000);
    await world.say('bob', 'en', 'send-the-report');
    await world.pass(12_000);
    const text = (language: string, phraseId: string) => world.rendering(language, phraseId).text;
    const inLanguage = (captions: readonly Caption[], language: string) =>
      captions.map((each) =>
        each.targetLanguage.startsWith(language) ? each.translatedText : each.sourceText,
      );
    expect(inLanguage(topics.es, 'es')).toEqual([
      text('es', 'the-meeting-starts'),
      text('es', 'send-the-report'),
    ]);
    expect(inLanguage(topics.en, 'en')).toEqual([
      text('en', 'the-meeting-starts'),
      text('en', 'send-the-report'),
    ]);
    expect(inLanguage(german, 'de')).toEqual([
      text('de', 'the-meeting-starts'),
      text('de', 'send-the-report'),
    ]);
    expect(undecided).toEqual([]);
    expect([world.metric('captions_failed'), world.metric('captions_dropped')]).toEqual([0, 0]);
  });

  it('whoever has not chosen a language reads what was said', async () => {
    world = await MeetingWorld.open();
    world.join('ana', 'es');
    world.join('bob', 'en');
    world.join('eve');
    const captions = reads('eve', 'PARLEY_CAPTIONS_und');
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(6_000);
    const speech = captions.filter(({ kind }) => kind === 'speech');
    expect(speech.map(({ sourceText, original }) => [sourceText, original])).toEqual([
      [world.rendering('es', 'where-is-the-station').text, true],
    ]);
  });

  it('who changes their language reads on from the topic of the new one', async () => {
    world = await MeetingWorld.open();
    world.join('ana', 'es');
    world.join('bob', 'en');
    const german = reads('bob', 'PARLEY_CAPTIONS_de');
    await world.pass(3_000);
    world.person('bob').change({ metadata: { preferredLanguage: 'de' } });
    await world.pass(3_000);
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(6_000);
    expect(
      german.filter(({ kind }) => kind === 'speech').map(({ translatedText }) => translatedText),
    ).toEqual([world.rendering('de', 'where-is-the-station').text]);
  });

  it('are kept by the meeting only where that was asked for, and then only the final ones', async () => {
    world = await MeetingWorld.open({ persistCaptions: true });
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.say('ana', 'es', 'customers-like-it');
    await world.pass(6_000);
    const kept = world.hall.history('PARLEY_CAPTIONS_en', 'eve');
    expect(kept.map(({ payload }) => [payload['final'], payload['translatedText']])).toEqual([
      [true, world.rendering('en', 'customers-like-it').text],
    ]);
  });

  it('in the chat each reads the others’ words, once, in their own language', async () => {
    world = await MeetingWorld.open({ chatCaptions: true, bargeIn: 'any' });
    const chat: string[] = [];
    for (const [id, language] of [
      ['ana', 'es'],
      ['bob', 'en'],
      ['luis', 'es'],
    ] as const)
      world.join(id, language).subscribe('CHAT', ({ text }) => chat.push(`${id} ← ${text}`));
    await world.say('ana', 'es', 'we-need-more-time');
    await world.pass(1_500);
    await world.say('luis', 'es', 'see-you-next-week'); // cuts it: the caption is corrected
    await world.pass(8_000);
    const line = (id: string, language: string, name: string, phraseId: string) =>
      `${id} ← ${name}: ${world.rendering(language, phraseId).text}`;
    expect(world.finals().map(({ mark, cutReason }) => [mark, cutReason])).toContainEqual([
      'cut',
      'barge_in',
    ]);
    expect(chat.sort()).toEqual(
      [
        line('bob', 'en', 'Ana', 'we-need-more-time'),
        line('luis', 'es', 'Ana', 'we-need-more-time'),
        line('bob', 'en', 'Luis', 'see-you-next-week'),
        line('ana', 'es', 'Luis', 'see-you-next-week'),
      ].sort(),
    );
  });

  it('where a message reaches everybody, what is for one person names them, and the chat is left alone', async () => {
    world = await MeetingWorld.open(
      { chatCaptions: true, persistCaptions: true },
      { capabilities: { directedData: false, keptData: false } },
    );
    world.join('ana', 'es');
    world.join('bob', 'en');
    world.join('luis'); // has said nothing of a language: is asked
    const seen: string[] = [];
    for (const topic of ['PARLEY_CAPTIONS_und', 'PARLEY_CAPTIONS_en', 'CHAT'])
      world.person('ana').subscribe(topic, ({ payload }) => {
        const { kind, final, recipientIds } = payload;
        if (final === true)
          seen.push(`${topic} ${String(kind)} for ${JSON.stringify(recipientIds ?? 'all')}`);
      });
    await world.pass(8_000);
    await world.say('ana', 'es', 'where-is-the-station');
    await world.pass(8_000);
    expect(seen).toContain('PARLEY_CAPTIONS_und notice for ["luis"]');
    expect(seen).toContain('PARLEY_CAPTIONS_en speech for "all"');
    expect(seen.filter((line) => line.startsWith('CHAT'))).toEqual([]);
    const said = world.emitted.notice.map(({ message }) => message);
    expect(said).toContainEqual(expect.stringContaining('captions are not posted to the chat'));
    expect(said).toContainEqual(expect.stringContaining('this meeting keeps no messages'));
  });

  it('where there is a record, everyone who comes is told so, they alone and in their language', async () => {
    world = await MeetingWorld.open({}, { record: () => Promise.resolve(forgetful) });
    const emitted: string[] = [];
    const come = (id: string, language: string | undefined, topic: string) => {
      world.join(id, language).subscribe(topic, ({ text, payload }) => {
        emitted.push(`${id}: ${text}`);
        expect(payload).toMatchObject({ kind: 'notice', speakerId: 'parley-1', translatedText: text });
      });
    };
    come('ana', 'es', 'PARLEY_CAPTIONS_es');
    await world.pass(5_000);
    come('luis', 'es-MX', 'PARLEY_CAPTIONS_es-419');
    come('bob', 'sw', 'PARLEY_CAPTIONS_sw'); // no text in Swahili
    await world.pass(5_000);
    expect(emitted).toEqual([
      'ana: Lo que se dice en esta reunión queda guardado por escrito.',
      'luis: Lo que se dice en esta reunión queda guardado por escrito.',
      'bob: What is said in this meeting is being kept in writing.',
    ]);
  });

  it('without a record nobody is told of one', async () => {
    world = await MeetingWorld.open();
    const emitted: string[] = [];
    world.join('ana', 'es').subscribe('PARLEY_CAPTIONS_es', ({ text }) => emitted.push(text));
    await world.pass(5_000);
    expect(emitted).toEqual([]);
  });
});
