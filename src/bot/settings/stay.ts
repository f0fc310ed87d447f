import { z } from 'zod';
import { languagesSchema } from '../../languages/language-schema.js';
import { settingMeta } from './setting.js';

/** Longest stay: a token for a meeting lasts a day. */
const MAX_STAY_MIN = 24 * 60 - 5;
const MAX_LANGUAGES = 50;

/** What the bot is called, what the meeting's languages are, and how long the bot stays. */
export const staySettings = {
  name: z.string().trim().min(1).max(100).default('Parley').register(settingMeta, {
    description: 'what the interpreter is called in the meeting',
    allowed: 'a name of 1 to 100 characters',
    live: false,
    reason: 'participants keep the name that they joined with',
  }),
  languages: languagesSchema
    .max(MAX_LANGUAGES)
    .refine(({ length }) => length !== 1, 'this is one language: give at least two, or none')
    .default([])
    .register(settingMeta, {
      description: 'languages of the meeting; without it, those that people prefer',
      allowed: 'a list of at least two languages, such as es,en, in JSON ["es", "en"]',
      live: true,
    }),
  announcement: z.boolean().default(true).register(settingMeta, {
    description: 'say on joining that the meeting is interpreted',
    allowed: 'true or false',
    live: false,
    reason: 'it is said on joining',
  }),
  leaveWhenEmptyS: z.exactOptional(z.int().min(1).max(86_400)).register(settingMeta, {
    description: 'leave when nobody has been in the meeting for so long',
    allowed: 'a whole number of seconds from 1 to 86400',
    unit: 's',
    live: false,
    reason: 'it is set on joining',
  }),
  maxDurationMin: z.exactOptional(z.int().min(1).max(MAX_STAY_MIN)).register(settingMeta, {
    description: 'leave after so long',
    allowed: `a whole number of minutes from 1 to ${MAX_STAY_MIN}`,
    unit: 'min',
    live: false,
    reason: 'the access token was made for this time',
  }),
  topology: z.enum(['per-speaker', 'shared']).default('per-speaker').register(settingMeta, {
    description:
      'one session per speaker and language, or one for the whole room and two languages: cheaper, less accurate',
    allowed: 'per-speaker or shared',
    live: false,
    reason: 'all sessions would have to be replaced at once',
  }),
  mergeMicrophones: z.boolean().default(true).register(settingMeta, {
    description:
      'interpret once what two microphones in one room hear of one person, under the nearer one’s name',
    allowed: 'true or false',
    live: false,
    reason: 'microphones are compared from the beginning on',
  }),
  shareAudio: z.enum(['ignore', 'interpret']).default('ignore').register(settingMeta, {
    description:
      'what becomes of the sound of shared screens: interpreted as if its owner said it, or not heard',
    allowed: 'ignore or interpret',
    live: false,
    reason: 'what is received is set on joining',
  }),
  raiseQuiet: z.boolean().default(true).register(settingMeta, {
    description: 'raise the speech of very quiet microphones, by 24 dB at most, and tell their owners',
    allowed: 'true or false',
    live: false,
    reason: 'microphones are heard so from the beginning on',
  }),
  maxSessions: z.int().min(1).max(200).default(24).register(settingMeta, {
    description: 'sessions open at the same time; beyond it, the one that was silent longest is closed',
    allowed: 'a whole number from 1 to 200',
    unit: 'sessions',
    live: false,
    reason: 'it is set on joining',
  }),
  sessionIdleS: z.int().min(5).max(3_600).default(120).register(settingMeta, {
    description: 'close a session when its speaker was silent for so long; it opens again with the next word',
    allowed: 'a whole number of seconds from 5 to 3600',
    unit: 's',
    live: false,
    reason: 'it is set on joining',
  }),
  budgetUsd: z.exactOptional(z.number().gt(0).max(100_000)).register(settingMeta, {
    description: 'what a meeting may cost, in US dollars; you are warned at 80 % of it',
    allowed: 'a number of dollars such as 5',
    unit: 'USD',
    live: true,
  }),
  budgetPolicy: z.enum(['captions', 'stop']).default('captions').register(settingMeta, {
    description:
      'what happens when the budget is spent: captions only, which cost less, or no interpretation',
    allowed: 'captions or stop',
    live: true,
  }),
};
