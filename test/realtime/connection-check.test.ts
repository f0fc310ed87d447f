import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import { startRealtimeServer, type RealtimeServer } from '../../src/embedded/realtime-server/index.js';
import { createEchoResponder } from '../../src/embedded/phrasebook/responders.js';
import { parseMeetingSettings } from '../../src/bot/meeting-settings.js';
import { conversationOf, translateSettingsOf } from '../../src/bot/settings/derived.js';
import { realtimeServer } from '../../src/realtime/providers/makers.js';
import type { SpeechRequest } from '../../src/realtime/speech-backend.js';

let server: RealtimeServer | undefined;
afterEach(() => server?.close());

const settings = parseMeetingSettings({});
const config = conversationOf(settings, undefined);
const COMMON = { name: 'check', speakerId: undefined, model: 'any', meetingId: 'abcd', clock: systemClock };
const REQUESTS = {
  conversation: { ...COMMON, engine: 'conversation', config, instructions: '' },
  translate: { ...COMMON, engine: 'translate', config: translateSettingsOf(settings, config) },
} satisfies Record<string, SpeechRequest>;

describe('a backend elsewhere, asked before a meeting is joined', () => {
  it.each(['conversation', 'translate'] as const)(
    'lets us in for %s, and is left at once',
    async (engine) => {
      server = await startRealtimeServer({ responder: createEchoResponder(), key: 'right' });
      const backend = realtimeServer({ url: server.url, key: 'right' });
      await expect(backend.check!(REQUESTS[engine])).resolves.toBeUndefined();
    },
  );

  it('refuses a wrong key', async () => {
    server = await startRealtimeServer({ responder: createEchoResponder(), key: 'right' });
    const backend = realtimeServer({ url: server.url, key: 'wrong' });
    await expect(backend.check!(REQUESTS.conversation)).rejects.toMatchObject({
      code: 'key_refused',
    });
  });

  it('is not there, also when it is asked again', async () => {
    server = await startRealtimeServer({ responder: createEchoResponder() });
    const backend = realtimeServer({ url: server.url, key: 'any' });
    await server.close();
    await expect(backend.check!(REQUESTS.conversation)).rejects.toMatchObject({
      code: 'service_unavailable',
    });
  });
});
