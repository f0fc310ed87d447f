import type { Clock } from '../clock.js';
import type { Logger } from '../log.js';
import { openAi } from '../realtime/providers/makers.js';
import type { SpeechBackend } from '../realtime/speech-backend.js';
import type { MeetingPlatform } from '../room/meeting-platform.js';
import { videoSdk } from '../room/videosdk/platform.js';
import type { RealtimeClient } from './client.js';
import { connectRealtime, type ConnectRealtimeOptions } from './connect-realtime.js';

/** A call by its id: a meeting of the client's platform. */
export type MeetingCall = { readonly type: string; readonly id: string; readonly cid: string };

/** How an agent is brought into a call. */
export type ConnectOpenAiOptions = Omit<
  ConnectRealtimeOptions,
  'room' | 'platform' | 'meetingId' | 'backend'
> & {
  call: MeetingCall;
  /** It goes to OpenAI over TLS and nowhere else; it stands in no log, error or event. */
  openAiApiKey: string;
  agentUserId: string;
};

/** Where a client's calls and models are, if not at VideoSDK and OpenAI. */
export type MeetingClientOptions = {
  platform?: MeetingPlatform;
  backend?: (openAiApiKey: string) => SpeechBackend;
  clock?: Clock;
  log?: Logger;
};

/**
 * Brings agents into calls, with the calls of Stream's server client: a program that was written against `StreamClient` and
 * `connectOpenAi` runs in VideoSDK meetings with this class in its place. It is {@link connectRealtime} in other words. Keys
 * are VideoSDK's, or those of the platform that is given.
 */
export class MeetingClient {
  readonly #options: MeetingClientOptions;
  readonly #apiKey: string;
  readonly #secret: string;
  #platform: MeetingPlatform | undefined;

  constructor(apiKey: string, secret: string, options: MeetingClientOptions = {}) {
    this.#apiKey = apiKey;
    this.#secret = secret;
    this.#options = options;
    this.#platform = options.platform;
  }

  /** The calls of the platform. */
  readonly video = {
    /** A call by its id; its type means nothing here. */
    call: (type: string, id: string): MeetingCall => ({ type, id, cid: `${type}:${id}` }),

    /** Joins a call with a Realtime session. Rejects as {@link connectRealtime} does. */
    connectOpenAi: ({ call, openAiApiKey, ...options }: ConnectOpenAiOptions): Promise<RealtimeClient> => {
      this.#platform ??= videoSdk({ apiKey: this.#apiKey, secret: this.#secret });
      const { backend = (apiKey: string) => openAi({ apiKey }), clock, log } = this.#options;
      return connectRealtime({
        ...(clock === undefined ? {} : { clock }),
        ...(log === undefined ? {} : { log }),
        ...options,
        platform: this.#platform,
        meetingId: call.id,
        backend: backend(openAiApiKey),
      });
    },
  };
}
