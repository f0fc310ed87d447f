import { loadResampler, loadSpeechDetector } from '../../../audio/index.js';
import { DEFAULT_CONVERSATION_CONFIG } from '../../../src/realtime/conversation/conversation-config.js';
import { ConversationConnection } from '../../../src/realtime/conversation/conversation-connection.js';
import { DEFAULT_TRANSLATE_SETTINGS } from '../../../src/realtime/translate/translate-config.js';
import { DEFAULT_LIVE_SETTINGS } from '../../../src/realtime/live/live-config.js';
import { LiveConnection } from '../../../src/realtime/live/live-connection.js';
import { TranslateConnection } from '../../../src/realtime/translate/translate-connection.js';
import { connectionContract } from '../../contract/connection-contract.js';

await Promise.all([loadResampler(), loadSpeechDetector()]);

const expiry = (expiresAtS: number | undefined) =>
  expiresAtS === undefined ? {} : { expires_at: expiresAtS };

connectionContract('conversation', {
  make: (options) =>
    new ConversationConnection({
      ...options,
      config: DEFAULT_CONVERSATION_CONFIG,
      instructions: 'translate to English',
      keyPrefix: 'ana.1',
      onVoiceRefused: () => undefined,
      replaces: false,
      mayProbe: () => false,
      onProbeUnanswered: () => undefined,
    }),
  created: (expiresAtS) => ({
    type: 'session.created',
    session: { type: 'realtime', ...expiry(expiresAtS) },
  }),
  updated: () => ({ type: 'session.updated', session: { type: 'realtime' } }),
  closed: undefined,
});

connectionContract('translate', {
  make: (options) =>
    new TranslateConnection({
      ...options,
      config: { ...DEFAULT_TRANSLATE_SETTINGS, language: 'en' },
      transcribes: () => true,
      keyPrefix: 'ana.1',
      onDropped: () => undefined,
      replaces: false,
    }),
  created: (expiresAtS) => ({
    type: 'session.created',
    session: { type: 'translation', ...expiry(expiresAtS) },
  }),
  updated: () => ({ type: 'session.updated', session: { audio: { output: { language: 'en' } } } }),
  closed: { type: 'session.closed' },
});

connectionContract('live', {
  make: (options) =>
    new LiveConnection({
      ...options,
      keyPrefix: 'ana.1',
      replaces: false,
      onDropped: () => undefined,
      knows: {
        config: { ...DEFAULT_LIVE_SETTINGS, language: 'en' },
        model: DEFAULT_LIVE_SETTINGS.model,
        instructions: 'translate into English',
        transcribes: true,
        writes: false,
        contentEnds: 0,
      },
    }),
  created: undefined,
  updated: (expiresAtS) => ({ type: 'session.started', session: { id: 'live_1', ...expiry(expiresAtS) } }),
  closed: { type: 'session.closed', reason: 'close_requested', usage: { seconds: 1 } },
});
