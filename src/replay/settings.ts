import type { PriceTable } from '../cost/prices.js';
import type { ResponderName } from '../embedded/responder.js';
import type { BargeInPolicy } from '../interpreter/playback/barge-in.js';
import type { LanguageTag } from '../languages/languages.js';
import type { Logger } from '../log.js';
import type { LiveSettings, TranslateSettings } from '../meeting/open-session.js';
import type { EngineSettings } from '../meeting/routes/route-engine.js';
import type { ConversationConfig } from '../realtime/conversation/conversation-config.js';
import type { ConnectionTap } from '../realtime/connection-backend.js';
import type { SpeechBackend } from '../realtime/speech-backend.js';

/** A server somewhere. */
export type ServerSettings = {
  kind: 'server';
  /** Its host, and for people which key goes there. */
  host: string;
  description: string;
  /** Its sessions, over connections that `tap` wraps. */
  open: (tap?: ConnectionTap) => SpeechBackend;
};

/** Who is at the other end of the connection. */
export type BackendSettings =
  | {
      kind: 'embedded';
      responder: ResponderName;
      /** Prices to try a budget with; absent: nothing is billed. */
      prices?: PriceTable;
    }
  | ServerSettings
  | {
      kind: 'cassette';
      /** Of a recording a file; of a meeting a folder, since it has several sessions. */
      path: string;
      /** What the recorded models cost; absent: nothing is billed. */
      prices?: PriceTable;
    };

/** How recordings are interpreted. */
export type ReplaySettings = {
  backend: BackendSettings;
  /** `max` needs a far end that keeps to the recording's clock: the embedded server or a cassette. */
  pace: 'realtime' | 'max';
  /** With `split` channels, numbers are put behind it. */
  speaker: string;
  /** Which channels are heard; absent: all, as one. */
  channels?: 'mix' | 'split' | 'left' | 'right';
  /** Which audio track, from 1 on; absent: the one with speech. */
  audioTrack?: number | undefined;
  from?: LanguageTag;
  to: LanguageTag;
  bargeIn: BargeInPolicy;
  conversation: ConversationConfig;
  /** How translation sessions are configured; absent: they are transcribed, and hear silence without end. */
  translate?: TranslateSettings;
  live?: LiveSettings;
  /** Which engines interpret; absent: the conversation engine. */
  engines?: EngineSettings;
  /** Folder for all results; made when it is missing. */
  outDir: string;
  /** Keeps the whole session of the one recording there. */
  saveCassette?: string;
  /** Configured keys: a cassette that would hold one is not kept. */
  secrets: readonly string[];
  /** What goes on behind the scenes; by default, nothing is logged. */
  log?: Logger;
};
