/** Configuration of a `/v1/live/sessions` session and the `session.start` that makes it so. */
import { REALTIME_RATE_HZ } from '../../../audio/rates.js';
import { ParleyError } from '../../errors.js';
import type { LiveSession } from '../protocol/live-client-events.js';

/** What a live session can be told; its instructions go beside it. */
export type LiveConfig = {
  /** Such as `gpt-live-1.1`; on Azure, a deployment. */
  model: string;
  /** Taken where the service does not know the model; undefined: none is. */
  fallbackModel: string | undefined;
  /** One of the API's voices; undefined: one that suits the language. */
  voice: string | undefined;
  /** What it translates into, by primary subtag: for the voice alone, since any language may be asked for. */
  language: string;
  /** Stands for the end user, and tells nobody who that is; undefined: the service is not told. */
  safetyIdentifier?: string | undefined;
};

/** All of it but the language, by default. */
export const DEFAULT_LIVE_SETTINGS: Omit<LiveConfig, 'language'> = {
  model: 'gpt-live-1.1',
  fallbackModel: 'gpt-live-1',
  voice: undefined,
};

/** Voices made for a language, of those that the types of openai@7.55.0 name; the other one was seen to obey well. */
const VOICES: ReadonlyMap<string, string> = new Map([
  ['ja', 'shida'],
  ['pt', 'bossa'],
]);
const ANY_VOICE = 'sage';
/** Names of voices, those included that later versions of the service bring. */
const VOICE_NAME = /^[a-z][a-z0-9_-]{0,63}$/;

/**
 * No spoken acknowledgement of a delegation is asked for before this; the answer that cancels it goes out at once. The default is
 * none, and no bound is documented.
 */
const ACKNOWLEDGEMENT_DELAY_MS = 10_000;

/** Throws ParleyError `config` that says what is wrong. */
export function checkLiveConfig({ model, voice }: LiveConfig): void {
  if (model.trim() === '') throw new ParleyError('config', 'the live engine needs a model');
  if (voice !== undefined) checkLiveVoice(voice);
}

/** Throws ParleyError `config` for what cannot be the name of a voice. */
export function checkLiveVoice(voice: string): void {
  if (VOICE_NAME.test(voice)) return;
  throw new ParleyError('config', 'the voice of a live session is a name in small letters, such as sage');
}

/** The voice that a session speaks with. */
export function liveVoiceOf({ voice, language }: Pick<LiveConfig, 'voice' | 'language'>): string {
  return voice ?? VOICES.get(language) ?? ANY_VOICE;
}

/** The `session` of its `session.start`. Nothing of it can be changed later. */
export function liveSessionOf(config: LiveConfig, model: string, instructions: string): LiveSession {
  const { safetyIdentifier } = config;
  return {
    model,
    instructions,
    store: false,
    ...(safetyIdentifier === undefined ? {} : { safety_identifier: safetyIdentifier }),
    audio: {
      format: { type: 'audio/pcm', rate: REALTIME_RATE_HZ },
      output: { voice: liveVoiceOf(config) },
    },
    delegation: { type: 'client', acknowledgement_delay_ms: ACKNOWLEDGEMENT_DELAY_MS },
  };
}
