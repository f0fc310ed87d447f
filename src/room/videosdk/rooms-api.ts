/** VideoSDK's REST API as far as Parley needs it: making rooms and asking whether one exists. */
import {
  AuthenticationError,
  DEFAULT_API_ENDPOINT,
  isVideoSDKError,
  PermissionError,
  RateLimitError,
  ResourceConflictError,
  TimeoutError,
  ValidationError,
  VideoSDK,
} from '@videosdk.live/server-sdk';
import { z } from 'zod';
import { type Clock, systemClock } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import { outgoingFetch } from '../../outgoing/fetch.js';
import { redactText } from '../../redaction.js';
import type { RoomInfo } from '../meeting-platform.js';
import { createApiToken, type VideoSdkCredentials } from './tokens.js';
import { SdkFetch } from './https-fetch.js';
import { oneLine } from '../../text.js';

const TIMEOUT_MS = 15_000;
const MAX_DETAIL_CHARS = 120;
/** A token of five minutes is replaced after four. */
const TOKEN_USED_MS = 4 * 60_000;
const ONCE_MORE_AFTER_MS = 1_000;

export type RoomsApiOptions = {
  credentials: VideoSdkCredentials;
  /** Default `https://api.videosdk.live`. */
  apiUrl?: string | undefined;
  /** A certificate authority (PEM) that is trusted for `apiUrl` only: the embedded room's. */
  ca?: string | undefined;
  timeoutMs?: number;
  /** How often a request that may be repeated is, one and two seconds later; default 2. */
  maxRetries?: number;
  clock?: Clock;
};

const roomSchema = z.object({ roomId: z.string().min(1), customRoomId: z.string().nullish() });

/** Errors are ParleyErrors: `key_refused`, `usage` (the service does not like the request), `service_unavailable`, `protocol`. */
export class RoomsApi {
  readonly #options: RoomsApiOptions;
  readonly #clock: Clock;
  readonly #apiUrl: string;
  readonly #host: string;
  #made: { client: VideoSDK; atEpochMs: number } | undefined;

  constructor(options: RoomsApiOptions) {
    const { apiUrl = DEFAULT_API_ENDPOINT, clock = systemClock } = options;
    this.#options = options;
    this.#clock = clock;
    this.#apiUrl = apiUrl;
    this.#host = new URL(apiUrl).host;
  }

  /**
   * Makes a room; with the custom id of one that exists, finds it. With a custom id it is asked for once more where the service
   * failed or the connection broke: it is the same room then.
   */
  async createRoom(customRoomId?: string): Promise<RoomInfo> {
    if (customRoomId === undefined) return this.#roomOf(await this.#ask((client) => client.rooms.create({})));
    const ask = (): Promise<unknown> => this.#ask((client) => client.rooms.create({ customRoomId }));
    try {
      return this.#roomOf(await ask());
    } catch (error) {
      if (!(error instanceof ParleyError) || !error.retryable) throw error;
      await new Promise<void>((resolve) => this.#clock.setTimer(resolve, ONCE_MORE_AFTER_MS));
      return this.#roomOf(await ask());
    }
  }

  /** The room of this id or custom id; undefined when the account has none. */
  async findRoom(id: string): Promise<RoomInfo | undefined> {
    const { valid, room } = await this.#ask((client) => client.rooms.validate(id));
    return valid ? this.#roomOf(room) : undefined;
  }

  #roomOf(answer: unknown): RoomInfo {
    const { data } = roomSchema.safeParse(answer);
    if (data === undefined) throw new ParleyError('protocol', `${this.#host} did not answer with a room`);
    const { roomId, customRoomId } = data;
    return { roomId, ...(customRoomId == null ? {} : { customRoomId }) };
  }

  /** With a token that is good for a while yet. */
  get #client(): VideoSDK {
    const { credentials, timeoutMs = TIMEOUT_MS, maxRetries = 2, ca } = this.#options;
    const nowMs = this.#clock.epochMs();
    if (this.#made !== undefined && nowMs - this.#made.atEpochMs < TOKEN_USED_MS) return this.#made.client;
    const client = new VideoSDK({
      token: credentials.kind === 'token' ? credentials.token : createApiToken(credentials),
      apiKey: '', // or the SDK takes keys from the environment by itself
      secret: '',
      apiEndpoint: this.#apiUrl,
      timeoutMs,
      maxRetries,
      fetch: ca === undefined ? fetchHere : fetchTrusting({ host: this.#host, ca }),
    });
    this.#made = { client, atEpochMs: nowMs };
    return client;
  }

  async #ask<Answer>(request: (client: VideoSDK) => Promise<Answer>): Promise<Answer> {
    try {
      return await request(this.#client);
    } catch (error) {
      throw parleyError(error, this.#host);
    }
  }
}

/** The SDK's `fetch` option. A token goes to the address that it is meant for, and nowhere else. */
const fetchHere: typeof fetch = (input, init) =>
  outgoingFetch(input instanceof Request ? input.url : input, { ...init, redirect: 'manual' });

/** The SDK's `fetch` option, with one more certificate trusted. */
function fetchTrusting(trusted: { host: string; ca: string }): typeof fetch {
  const { fetch: trustingFetch } = new SdkFetch({ trusted, telemetry: false });
  return trustingFetch as typeof fetch;
}

/** The SDK's errors by what one can do about them. */
function parleyError(error: unknown, host: string): ParleyError {
  const because = (code: ConstructorParameters<typeof ParleyError>[0], message: string, retryable = false) =>
    new ParleyError(code, message, { retryable, cause: error });
  if (error instanceof AuthenticationError)
    return because(
      'key_refused',
      `${host} refused the key: check VIDEOSDK_API_KEY and VIDEOSDK_SECRET_KEY, or VIDEOSDK_AUTH_TOKEN`,
    );
  if (error instanceof PermissionError)
    return because('key_refused', `${host} does not allow this with this key: ${detailOf(error)}`);
  if (error instanceof RateLimitError)
    return because('service_unavailable', `${host} takes no more requests just now; try again later`, true);
  if (error instanceof TimeoutError)
    return because('service_unavailable', `${host} did not answer in time; try again later`, true);
  if (error instanceof ValidationError || error instanceof ResourceConflictError)
    return because('usage', `${host} did not accept this: ${detailOf(error)}`);
  if (!isVideoSDKError(error)) return because('internal', messageOf(error));
  if (error.httpStatus === undefined)
    return because('service_unavailable', `${host} cannot be reached (${networkCause(error)})`, true);
  if (error.httpStatus >= 300 && error.httpStatus < 400)
    return because(
      'protocol',
      `${host} answered with HTTP ${error.httpStatus}: redirects are not followed, check VIDEOSDK_API_URL`,
    );
  if (error.httpStatus >= 500)
    return because(
      'service_unavailable',
      `${host} has a problem of its own (HTTP ${error.httpStatus})`,
      true,
    );
  return because('protocol', `${host} answered with HTTP ${error.httpStatus}: ${detailOf(error)}`);
}

/** What the service said. */
function detailOf(error: Error): string {
  return oneLine(redactText(error.message), MAX_DETAIL_CHARS);
}

/** `fetch failed` says nothing: the system's code, such as ENOTFOUND, is a cause or two below. */
function networkCause(error: Error): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  }
  return detailOf(error);
}
