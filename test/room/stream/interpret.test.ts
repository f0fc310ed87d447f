/** `interpret({ platform: stream(…) })`, on the fake of Stream's client and the embedded Realtime server, on one virtual clock. */
import { setImmediate as turn } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { loadResampler, loadSpeechDetector } from '../../../audio/index.js';
import type { JoinEvent } from '../../../src/bot/events.js';
import { interpret } from '../../../src/bot/interpret.js';
import { captionsTopic } from '../../../src/captions/topics.js';
import { createResponder } from '../../../src/embedded/responder.js';
import { loadLanguageDetector } from '../../../src/languages/language-detector.js';
import { createLogger } from '../../../src/log.js';
import { CustomEventReader } from '../../../src/room/stream/custom-events.js';
import { parseCallId } from '../../../src/room/stream/call-id.js';
import { streamOver } from '../../../src/room/stream/platform.js';
import { loadBook } from '../../embedded/phrasebook/book.js';
import { backendOver } from '../../realtime/backend-over.js';
import { MemoryServer } from '../../realtime/memory-server.js';
import { createService } from './world.js';

beforeAll(async () => {
  // In real time, which the virtual clock does not know.
  await Promise.all([loadLanguageDetector(), loadResampler(), loadSpeechDetector()]);
});

/** Resampled from 24 kHz by holding each sample: enough for a phrase to be known by. */
const to48k = (pcm24k: Int16Array): Int16Array =>
  Int16Array.from({ length: pcm24k.length * 2 }, (_, n) => pcm24k[n >> 1]!);

it.each(['one', 'per-language'] as const)(
  'a person speaks: the translation is heard in the call, and captions are sent (voices: %s)',
  async (voices) => {
    const { clock, service, createRoom } = createService();
    const server = new MemoryServer({ clock, responder: await createResponder('phrasebook') });
    const platform = streamOver(
      ({ meetingId, createToken, participantId, name, metadata = {}, hears = 'people' }) =>
        Promise.resolve(
          createRoom({ callId: parseCallId(meetingId), createToken, participantId, name, metadata, hears }),
        ),
      { apiKey: service.apiKey, apiSecret: service.secret },
    );
    const events: JoinEvent[] = [];
    const advance = async (durationMs: number, done = () => false): Promise<void> => {
      for (let passedMs = 0; passedMs < durationMs && !done(); passedMs += 10) {
        clock.advanceBy(10);
        await turn();
        await server.settle();
      }
    };
    const ben = service.enter({
      id: 'ben',
      name: 'Ben',
      metadata: { preferredLanguage: 'en' },
      micOn: false,
    });
    const ana = service.enter({ id: 'ana', name: 'Ana', metadata: { preferredLanguage: 'es' } });
    const joining = interpret({
      ...{ platform, meetingId: 'default:weekly-sync', participantId: 'parley-1', clock },
      backend: backendOver(() => server.conversation),
      settings: { languages: ['es', 'en'], voices, announcement: false },
      log: createLogger({ level: 'silent' }),
      beforeJoin: (each) => each.events.on('event', (event) => events.push(event)),
    });
    let bot: Awaited<typeof joining> | undefined;
    void joining.then((each) => (bot = each));
    await advance(60_000, () => bot !== undefined);
    await advance(2_000);
    const heardBefore = ben.heard().length;
    const phrase = (await loadBook()).get('share-my-screen')!;
    ana.say(to48k(phrase.get('es')!.pcm24k));
    const reader = new CustomEventReader(clock);
    const captions = () =>
      ben.events.flatMap(({ custom, senderId }) => {
        const message = reader.read(senderId, custom);
        return message?.topic === captionsTopic('en') ? [message] : [];
      });
    const isFinal = () => captions().some(({ payload }) => payload['final'] === true);
    await advance(30_000, isFinal);
    await advance(5_000);

    expect(events.find(({ type }) => type === 'started')).toMatchObject({ meetingId: 'default:weekly-sync' });
    const said = captions().findLast(({ payload }) => payload['final'] === true);
    expect(said?.text).toBe(phrase.get('en')!.text);
    const loud = ben
      .heard()
      .slice(heardBefore)
      .filter((sample) => Math.abs(sample) > 500).length;
    expect(loud).toBeGreaterThan(4_800);
    const users = [...new Set(service.clients.map(({ userId }) => userId))];
    expect(users.sort()).toEqual(
      voices === 'one' ? ['parley-1'] : ['parley-1', 'parley-1-en', 'parley-1-es'],
    );
    expect(service.callOf('parley-1').publishes).toBe(1);
    const notices = events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
    expect(notices.filter((text) => text.includes('keeps no messages')).length).toBeLessThanOrEqual(1);
    void bot!.stop();
    await advance(10_000);
    expect(await bot!.ended).toMatchObject({ askedBy: 'asked' });
    expect(service.clients.map(({ isConnected }) => isConnected)).not.toContain(true);
  },
);
