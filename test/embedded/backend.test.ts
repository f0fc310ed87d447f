import { once } from 'node:events';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { loadResampler, loadSpeechDetector } from '../../audio/index.js';
import { systemClock } from '../../src/clock.js';
import { embedded } from '../../src/embedded/backend.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../src/realtime/conversation/conversation-config.js';
import { DEFAULT_TRANSLATE_SETTINGS } from '../../src/realtime/translate/translate-config.js';

const ABOUT = {
  meetingId: 'abcd',
  speakerId: 'ana',
  model: 'gpt-realtime-2.1',
  clock: systemClock,
} as const;

it('opens sessions of both engines, and stops with the interpreter that used it', async () => {
  await Promise.all([loadResampler(), loadSpeechDetector()]);
  const backend = await embedded();
  expect(backend.description).toBe(
    'embedded Realtime server, a stand-in that knows the phrases of a phrasebook',
  );
  expect(backend.prices).toBeUndefined();
  const config = DEFAULT_CONVERSATION_CONFIG;
  const conversation = backend.open({
    ...ABOUT,
    name: 'a',
    engine: 'conversation',
    config,
    instructions: '',
  });
  const translate = backend.open({
    ...ABOUT,
    name: 'b',
    engine: 'translate',
    config: { ...DEFAULT_TRANSLATE_SETTINGS, language: 'en' },
  });
  for (const session of [conversation, translate]) {
    await session.connect();
    expect(session.state.kind).toBe('ready');
    await session.close();
  }
  await backend.release?.();
  await backend.close();
  const socket = new WebSocket(`${backend.server.url}?model=x`, { headers: { Authorization: 'Bearer x' } });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNREFUSED');
});

it('goes on for other interpreters where that is asked for', async () => {
  const backend = await embedded({ keepOpen: true });
  expect(backend.release).toBeUndefined();
  await backend.close();
});
