import { z } from 'zod';
import { languageSchema, languagesSchema } from '../../languages/language-schema.js';
import { nameSchema, settingMeta } from './setting.js';

const voiceName = nameSchema(64);
const speed = z.number().min(0.25).max(1.5);

/** Which voices speak, how, and when they give way. */
export const speakingSettings = {
  voice: voiceName.default('marin').register(settingMeta, {
    description: 'voice that speaks the translation',
    allowed: 'the name of a voice, such as marin or cedar',
    live: true,
  }),
  voicePerLanguage: z.exactOptional(z.record(languageSchema, voiceName)).register(settingMeta, {
    description: 'other voices for some languages',
    allowed: 'voices by language such as es=cedar,de=sage, in JSON {"es": "cedar"}',
    live: true,
  }),
  speed: speed.default(1).register(settingMeta, {
    description: 'how fast translations are spoken, 1 being the usual pace',
    allowed: 'a number from 0.25 to 1.5',
    live: true,
  }),
  speedPerLanguage: z.exactOptional(z.record(languageSchema, speed)).register(settingMeta, {
    description: 'other speeds for some languages',
    allowed: 'speeds by language such as ja=0.9,es=1.1, in JSON {"ja": 0.9}',
    live: true,
  }),
  voices: z.enum(['auto', 'one', 'per-language']).default('auto').register(settingMeta, {
    description:
      'one voice for everybody, or one per language; auto: per language where every app plays one channel only',
    allowed: 'auto, one or per-language',
    live: true,
  }),
  voiceLanguages: z.exactOptional(languagesSchema.min(1)).register(settingMeta, {
    description:
      'languages that one voice speaks, the others get captions only; without it, the two most needed',
    allowed: 'a list of languages such as es,en, in JSON ["es", "en"]',
    live: true,
  }),
  bargeIn: z.enum(['others', 'any', 'off']).default('others').register(settingMeta, {
    description: 'whose speech interrupts a translation: anyone but its speaker, anyone, or nobody',
    allowed: 'others, any or off',
    live: true,
  }),
  bargeInMinMs: z.int().min(0).max(5_000).default(500).register(settingMeta, {
    description: 'how long speech must last to interrupt a translation, which is turned down at once',
    allowed: 'a whole number of milliseconds from 0 to 5000',
    unit: 'ms',
    live: true,
  }),
  backchannelMaxMs: z.int().min(0).max(2_000).default(700).register(settingMeta, {
    description:
      'longest sound over the words of others that may say no more than mhm: it cuts nothing and is not interpreted; 0: none',
    allowed: 'a whole number of milliseconds from 0 to 2000',
    unit: 'ms',
    live: true,
  }),
  maxBacklogS: z.number().min(1).max(60).default(8).register(settingMeta, {
    description:
      'how long a translation may wait to be spoken; what would wait longer is shown as captions only',
    allowed: 'a number of seconds from 1 to 60',
    unit: 's',
    live: true,
  }),
};
