import { z } from 'zod';
import { glossarySchema } from '../../interpreter/instructions/glossary.js';
import { profileIdsSchema } from '../../profiles/profile-ids.js';
import { profilesSchema } from '../../profiles/static-profiles.js';
import { settingMeta } from './setting.js';

const fixed = { live: false, reason: 'people are asked for their profiles as they join' } as const;

/** What sessions know of terms and people, and what becomes of captions. */
export const knowledgeSettings = {
  glossary: z.exactOptional(glossarySchema).register(settingMeta, {
    description: 'terms and how they are translated: {"es>en": {"acta": "minutes"}}',
    allowed:
      'terms by pair of languages, such as {"es>en": {"acta": "minutes"}, "*>*": {"Parley": "Parley"}}',
    live: true,
  }),
  profiles: z
    .union([z.enum(['none', 'fastino']), profilesSchema])
    .default('none')
    .register(settingMeta, {
      description:
        'who people are: fastino (a service that keeps profiles), none, or a file such as {"usr_1": {"summary": "Engineer."}}',
      allowed:
        'fastino, none, or profiles by id such as {"usr_1": {"summary": "Engineer.", "terms": ["BIM"]}}',
      ...fixed,
    }),
  profileIds: z.exactOptional(profileIdsSchema).register(settingMeta, {
    description: 'whose profile is whose: {"participant id": "usr_42af7c"}',
    allowed: 'profile ids by participant id, such as {"participant id": "usr_42af7c"}',
    ...fixed,
  }),
  refineProfiles: z
    .boolean()
    .default(false)
    .register(settingMeta, {
      description: 'ask Fastino while people speak for what fits their words',
      allowed: 'true or false',
      ...fixed,
    }),
  learn: z.boolean().default(false).register(settingMeta, {
    description:
      'let Fastino learn from what people say, each for their own profile; only of those who agree',
    allowed: 'true or false',
    live: false,
    reason: 'people agreed to what was said on joining',
  }),
  minutes: z.boolean().default(false).register(settingMeta, {
    description: 'write minutes after a meeting that is recorded; everyone is told',
    allowed: 'true or false',
    live: false,
    reason: 'people were told as they joined whether there will be minutes',
  }),
  persistCaptions: z.boolean().default(false).register(settingMeta, {
    description: 'let the meeting keep captions for those who come later',
    allowed: 'true or false',
    live: true,
  }),
  chatCaptions: z.boolean().default(false).register(settingMeta, {
    description: 'post captions to the meeting’s chat too, to each in their language',
    allowed: 'true or false',
    live: true,
  }),
};
