import { afterEach, describe, expect, it } from 'vitest';
import { startRealtimeServer, type RealtimeServer } from '../../src/embedded/realtime-server/index.js';
import { createEchoResponder } from '../../src/embedded/phrasebook/responders.js';
import { realtimeServer } from '../../src/realtime/providers/makers.js';

let server: RealtimeServer | undefined;
afterEach(() => server?.close());

const ASKED = { model: 'any', meetingId: 'abcd' };

describe('a backend elsewhere, asked before a meeting is joined', () => {
  it.each(['conversation', 'translate'] as const)(
    'lets us in for %s, and is left at once',
    async (engine) => {
      server = await startRealtimeServer({ responder: createEchoResponder(), key: 'right' });
      const backend = realtimeServer({ url: server.url, key: 'right' });
      await expect(backend.check!({ ...ASKED, engine })).resolves.toBeUndefined();
    },
  );

  it('starts a session for live, and ends it: that the connection opens tells nothing', async () => {
    server = await startRealtimeServer({ responder: createEchoResponder(), key: 'right' });
    const backend = realtimeServer({ url: server.url, key: 'right' });
    await expect(backend.check!({ ...ASKED, engine: 'live' })).resolves.toBeUndefined();
    server.faults.set({ refuseSessions: { code: 'invalid_model', count: 1 } });
    await expect(backend.check!({ ...ASKED, engine: 'live' })).resolves.toBeUndefined(); // the model before it is there
    server.faults.set({ refuseSessions: { code: 'invalid_model' } });
    await expect(backend.check!({ ...ASKED, engine: 'live', liveModel: 'gpt-live-9' })).rejects.toMatchObject(
      {
        code: 'service_unavailable',
        message: expect.stringContaining('does not know the model gpt-live-1,') as string,
      },
    );
  });

  it('refuses a wrong key', async () => {
    server = await startRealtimeServer({ responder: createEchoResponder(), key: 'right' });
    const backend = realtimeServer({ url: server.url, key: 'wrong' });
    await expect(backend.check!({ ...ASKED, engine: 'conversation' })).rejects.toMatchObject({
      code: 'key_refused',
    });
  });

  it('is not there, also when it is asked again', async () => {
    server = await startRealtimeServer({ responder: createEchoResponder() });
    const backend = realtimeServer({ url: server.url, key: 'any' });
    await server.close();
    await expect(backend.check!({ ...ASKED, engine: 'conversation' })).rejects.toMatchObject({
      code: 'service_unavailable',
    });
  });
});
