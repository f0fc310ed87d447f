import { z } from 'zod';

/** What is known of a setting beside its type and default. */
export type SettingMeta = {
  /** What it does: a phrase without a full stop. */
  description: string;
  /** What a wrong value is answered with. */
  allowed: string;
  /** Unit of a number. */
  unit?: 's' | 'ms' | 'min' | 'USD' | 'tokens' | 'sessions';
} & (
  | {
      /** Can be changed in a running meeting. */
      live: true;
    }
  | {
      live: false;
      /** Why it cannot be changed in a running meeting: a sentence without a full stop. */
      reason: string;
    }
);

/** The meta data of every field of the meeting settings. */
export const settingMeta = z.registry<SettingMeta>();

/** Why a setting of sessions stays as it is in a running meeting. */
export const SESSIONS_KEEP_IT = 'sessions keep what they were opened with';

/** The name of a model or a voice: one line without spaces. */
export const nameSchema = (maxChars: number) => z.string().regex(new RegExp(`^[\\w.:/-]{1,${maxChars}}$`));
