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
import { messageOf, ParleyError } from '../../errors.js';
import { redactText } from '../../redaction.js';
import type { RoomInfo } from '../meeting-platform.js';
import { createApiToken, type VideoSdkCredentials } from './tokens.js';
import { SdkFetch } from './https-fetch.js';
import { oneLine } from '../../text.js';

const TIMEOUT_MS = 15_000;
const MAX_DETAIL_CHARS = 120;

export type RoomsApiOptions = {
  credentials: VideoSdkCredentials;
  /** Default `https://api.videosdk.live`. */
  apiUrl?: string | undefined;
  /** A certificate authority (PEM) that is trusted for `apiUrl` only: the embedded room's. */
  ca?: string | undefined;
  timeoutMs?: number;
  /** How often a request that may be repeated is, one and two seconds later; default 2. */
  maxRetries?: number;
};

const roomSchema = z.object({ roomId: z.string().min(1), customRoomId: z.string().nullish() });

/** Errors are ParleyErrors: `key_refused`, `usage` (the service does not like the request), `service_unavailable`, `protocol`. */
export class RoomsApi {
  readonly #client: VideoSDK;
  readonly #host: string;

  constructor(options: RoomsApiOptions) {
    const { credentials, apiUrl = DEFAULT_API_ENDPOINT, ca } = options;
    this.#host = new URL(apiUrl).host;
    this.#client = new VideoSDK({
      token: credentials.kind === 'token' ? credentials.token : createApiToken(credentials),
      apiKey: '', // or the SDK takes keys from the environment by itself
      secret: '',
      apiEndpoint: apiUrl,
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      maxRetries: options.maxRetries ?? 2,
      ...(ca === undefined ? {} : { fetch: fetchTrusting({ host: this.#host, ca }) }),
    });
  }

  /** Makes a room; with the custom id of one that exists, finds it. */
  async createRoom(customRoomId?: string): Promise<RoomInfo> {
    const request = customRoomId === undefined ? {} : { customRoomId };
    return this.#roomOf(await this.#ask(() => this.#client.rooms.create(request)));
  }

  /** The room of this id or custom id; undefined when the account has none. */
  async findRoom(id: string): Promise<RoomInfo | undefined> {
    const { valid, room } = await this.#ask(() => this.#client.rooms.validate(id));
    return valid ? this.#roomOf(room) : undefined;
  }

  #roomOf(answer: unknown): RoomInfo {
    const { data } = roomSchema.safeParse(answer);
    if (data === undefined) throw new ParleyError('protocol', `${this.#host} did not answer with a room`);
    const { roomId, customRoomId } = data;
    return { roomId, ...(customRoomId == null ? {} : { customRoomId }) };
  }

  async #ask<Answer>(request: () => Promise<Answer>): Promise<Answer> {
    try {
      return await request();
    } catch (error) {
      throw parleyError(error, this.#host);
    }
  }
}

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
