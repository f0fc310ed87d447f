import { z } from 'zod';
import { nameSchema, SESSIONS_KEEP_IT, settingMeta } from './setting.js';

const fixed = { live: false, reason: SESSIONS_KEEP_IT } as const;

/** Which engine interprets, by which models, and how its sessions listen. */
export const engineSettings = {
  engine: z
    .enum(['conversation', 'translate', 'live', 'auto'])
    .default('conversation')
    .register(settingMeta, {
      description:
        'what interprets: a model with instructions, turn by turn; a continuous interpreter; a full-duplex model (experimental); or which of the first two suits each speaker',
      allowed: 'conversation, translate, live or auto',
      live: true,
    }),
  model: nameSchema(128)
    .default('gpt-realtime-2.1')
    .register(settingMeta, {
      description: 'model that interprets',
      allowed: 'the name of a Realtime model',
      ...fixed,
    }),
  liveModel: nameSchema(128)
    .default('gpt-live-1.1')
    .register(settingMeta, {
      description: 'model of the live engine',
      allowed: 'the name of a GPT-Live model',
      ...fixed,
    }),
  translatePauseS: z.exactOptional(z.number().min(1.5).max(3_600)).register(settingMeta, {
    description:
      'send the translate engine nothing, which costs nothing, after so long a silence; without it, silence is sent and billed',
    allowed: 'a number of seconds from 1.5 to 3600',
    unit: 's',
    ...fixed,
  }),
  transcriptionModel: nameSchema(128)
    .default('gpt-realtime-whisper')
    .register(settingMeta, {
      description: 'model that transcribes what the speaker says',
      allowed: 'the name of a transcription model',
      ...fixed,
    }),
  transcriptionLanguage: z.exactOptional(z.string().refine(isTag)).register(settingMeta, {
    description: 'language that the transcription expects',
    allowed: 'a BCP 47 tag such as es or pt-BR',
    ...fixed,
  }),
  maxOutputTokens: z
    .union([z.int().min(1).max(4_096), z.literal('inf')])
    .default('inf')
    .register(settingMeta, {
      description: 'most tokens of one translation',
      allowed: 'a whole number from 1 to 4096, or inf',
      unit: 'tokens',
      ...fixed,
    }),
  vadThreshold: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .register(settingMeta, {
      description: 'how sure the server must be that it hears speech',
      allowed: 'a number from 0 to 1',
      ...fixed,
    }),
  vadPrefixPaddingMs: z
    .int()
    .min(0)
    .max(5_000)
    .default(300)
    .register(settingMeta, {
      description: 'audio kept from before speech began',
      allowed: 'a whole number of milliseconds from 0 to 5000',
      unit: 'ms',
      ...fixed,
    }),
  vadSilenceDurationMs: z
    .int()
    .min(50)
    .max(10_000)
    .default(500)
    .register(settingMeta, {
      description: 'silence that ends a turn',
      allowed: 'a whole number of milliseconds from 50 to 10000',
      unit: 'ms',
      ...fixed,
    }),
  responses: z
    .enum(['client', 'server'])
    .default('client')
    .register(settingMeta, {
      description: 'who asks for the translation of a turn: Parley (client) or the server',
      allowed: 'client or server',
      ...fixed,
    }),
  uplinkChunkMs: z
    .int()
    .min(10)
    .max(100)
    .default(100)
    .register(settingMeta, {
      description:
        'most audio in one message to the server; messages are shorter where a turn begins or may end',
      allowed: 'a whole number of milliseconds from 10 to 100',
      unit: 'ms',
      ...fixed,
    }),
};

function isTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
