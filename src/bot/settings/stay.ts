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
      description: 'languages of the meeting (default: what people prefer)',
      allowed: 'a list of at least two languages, tags or names',
      live: true,
    }),
  announcement: z.boolean().default(true).register(settingMeta, {
    description: 'say on joining that the meeting is interpreted',
    allowed: 'true or false',
    live: false,
    reason: 'it is said on joining',
  }),
  leaveWhenEmptyS: z.exactOptional(z.int().min(1).max(86_400)).register(settingMeta, {
    description: 'leave when nobody has been there for so many seconds',
    allowed: 'a whole number of seconds from 1 to 86400',
    unit: 's',
    live: false,
    reason: 'it is set on joining',
  }),
  maxDurationMin: z.exactOptional(z.int().min(1).max(MAX_STAY_MIN)).register(settingMeta, {
    description: 'leave after so many minutes',
    allowed: `a whole number of minutes from 1 to ${MAX_STAY_MIN}`,
    unit: 'min',
    live: false,
    reason: 'the access token was made for this time',
  }),
  topology: z.enum(['per-speaker', 'shared']).default('per-speaker').register(settingMeta, {
    description:
      'a session for each speaker and language, or one for the whole room between two languages: cheaper, and weaker',
    allowed: 'per-speaker or shared',
    live: false,
    reason: 'all sessions would have to be replaced at once',
  }),
  maxSessions: z.int().min(1).max(200).default(24).register(settingMeta, {
    description: 'sessions open at a time; beyond them, those who have been silent longest make room',
    allowed: 'a whole number from 1 to 200',
    unit: 'sessions',
    live: false,
    reason: 'it is set on joining',
  }),
  sessionIdleS: z.int().min(5).max(3_600).default(120).register(settingMeta, {
    description:
      'a session closes after its speaker was silent for so many seconds, and opens again with the next word',
    allowed: 'a whole number of seconds from 5 to 3600',
    unit: 's',
    live: false,
    reason: 'it is set on joining',
  }),
  budgetUsd: z.exactOptional(z.number().gt(0).max(100_000)).register(settingMeta, {
    description:
      'what a meeting may cost, in US dollars by the table of prices; the host is warned at 80 % of it',
    allowed: 'a number of dollars such as 5',
    unit: 'USD',
    live: true,
  }),
  budgetPolicy: z.enum(['captions', 'stop']).default('captions').register(settingMeta, {
    description:
      'what follows when it is spent: translations are written only, which costs less, or interpreting ends',
    allowed: 'captions or stop',
    live: true,
  }),
};
