/**
 * The port to whoever interprets: it opens sessions, and says what its engines can do, by which models, at which prices.
 * `connection-backend.ts` implements it for servers that speak the Realtime protocol.
 */
import type { Clock } from '../clock.js';
import type { PriceTable } from '../cost/prices.js';
import type { ParleyError } from '../errors.js';
import type { Logger } from '../log.js';
import type { ConversationConfig } from './conversation/conversation-config.js';
import type { EngineAbilities, PerEngine } from './engines.js';
import type { LiveConfig } from './live/live-config.js';
import type { InterpretingSession } from './session.js';
import type { TranslateConfig } from './translate/translate-config.js';
import type { OpenTransport } from './transport.js';

/** The models that the settings of a meeting name. A backend whose models have other names takes its own. */
export type ModelNames = {
  readonly model: string;
  readonly transcriptionModel: string;
  /** Of live sessions; absent: the backend's own. */
  readonly liveModel?: string;
};

/** What one session is opened with. */
export type SpeechRequest = {
  /** Unique in the process, and short: turn ids begin with it. */
  readonly name: string;
  /** The meeting that the session belongs to. */
  readonly meetingId: string;
  /** The participant who is heard; undefined where that is nobody, or everybody. */
  readonly speakerId: string | undefined;
  /** The model that the settings of the meeting name; the translate engine has its own. */
  readonly model: string;
  readonly clock: Clock;
  /** For how long the first connection is tried again where that may help; absent: not at all. */
  readonly patienceMs?: number;
  /** Notices of the connection go here. */
  readonly log?: Logger;
  /** Called when a listener of the session throws; the session goes on. */
  readonly onListenerError?: (error: unknown, eventName: string) => void;
} & (
  | {
      readonly engine: 'conversation';
      readonly config: ConversationConfig;
      readonly instructions: string;
    }
  | { readonly engine: 'translate'; readonly config: TranslateConfig }
  | { readonly engine: 'live'; readonly config: LiveConfig; readonly instructions: string }
);

/** One engine of a backend: the model that it is billed by and what it can do, or why it is not there. */
export type EngineOffer =
  | {
      readonly kind: 'available';
      readonly model: string;
      readonly abilities: EngineAbilities;
      /** Taken in place of the model where that is not there. */
      readonly fallbackModel?: string;
      /** It is used only where a meeting asks for it, never in place of the other engine. */
      readonly onlyIfAsked?: true;
    }
  | { readonly kind: 'missing'; readonly error: ParleyError };

/** What a backend interprets with. */
export type SpeechOffer = {
  readonly engines: PerEngine<EngineOffer>;
  /** The model that transcribes what people say; undefined: nothing does. */
  readonly transcriptionModel: string | undefined;
};

/** Whoever interprets. One backend can serve several meetings at a time. */
export interface SpeechBackend {
  /** For people: who interprets, without keys. */
  readonly description: string;
  /** What its models cost; undefined where nothing is billed. */
  readonly prices: PriceTable | undefined;
  /** What it interprets with when a meeting names these models. */
  offer(asked: ModelNames): SpeechOffer;
  /**
   * Makes a session that is not connected yet; `loadResampler` and `loadSpeechDetector` have resolved before. Throws a
   * ParleyError for an engine that is missing.
   */
  open(request: SpeechRequest): InterpretingSession;
  /**
   * How the connections of a conversation session are opened, for a program that speaks the Realtime protocol itself. Throws a
   * ParleyError where there are no such sessions. Absent: it speaks another protocol.
   */
  readonly connections?: (
    asked: Pick<SpeechRequest, 'name' | 'meetingId' | 'model' | 'clock' | 'log'>,
  ) => OpenTransport;
  /**
   * Asked before a meeting is joined: resolves when a session of this engine can be opened, and opens none; of `live`, where only
   * a start tells, it starts one of `liveModel` and ends it at once. Rejects with ParleyError `key_refused` or
   * `service_unavailable`. Absent: there is nothing to ask.
   */
  readonly check?: (
    asked: Pick<SpeechRequest, 'engine' | 'model' | 'meetingId'> & Pick<ModelNames, 'liveModel'>,
  ) => Promise<void>;
  /** An interpreter that was given this backend has ended. */
  readonly release?: () => Promise<void>;
}
