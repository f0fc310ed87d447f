/** The checks of `parley doctor`. Each one ends within seconds, never throws, and asks only services that are set up. */
import { X509Certificate } from 'node:crypto';
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { systemClock } from '../../clock.js';
import { messageOf, ParleyError } from '../../errors.js';
import { roomAddresses } from '../../embedded/room-server/http/addresses.js';
import { loadCertificate } from '../../embedded/room-server/http/certificate.js';
import { loadSecret } from '../../installation.js';
import { outgoingFetch } from '../../outgoing/fetch.js';
import { FastinoClient } from '../../profiles/fastino/client.js';
import { DEFAULT_LIVE_SETTINGS } from '../../realtime/live/live-config.js';
import { checkLiveStart } from '../../realtime/live/live-start.js';
import type { Endpoint } from '../../realtime/providers/endpoint.js';
import { openEndpoint } from '../../realtime/providers/open-endpoint.js';
import type { Provider } from '../../realtime/providers/providers.js';
import { RoomsApi } from '../../room/videosdk/rooms-api.js';
import type { VideoSdkCredentials } from '../../room/videosdk/tokens.js';
import { tokenProblem, readClaims } from '../../room/videosdk/token-claims.js';
import type { ProcessSettings } from '../../settings/process-settings.js';
import { streamCredentialsOf } from '../embedded/meeting-location.js';
import { findRunningRooms } from '../embedded/running-rooms.js';
import { oidcOf } from '../options/oidc.js';
import { note, ok, problem, type Finding } from './finding.js';

const TIMEOUT_MS = 10_000;
export const VIDEOSDK_API_URL = 'https://api.videosdk.live';
/** No room has this id: asking for it shows that the service answers and takes the key. */
const NO_ROOM = 'parley-doctor';
const NOBODY = 'parley-doctor';

/** Ends by process.exit, as everything must that has loaded wrtc. */
const LOAD_WRTC = `
const { RTCPeerConnection, nonstandard } = require(process.argv[1]);
const connection = new RTCPeerConnection();
connection.addTrack(new nonstandard.RTCAudioSource().createTrack());
connection.createOffer().then(
  ({ sdp }) => process.exit(/opus/i.test(sdp) ? 0 : 3),
  (error) => { console.error(String(error)); process.exit(3); },
);`;

/** Loads WebRTC in a process of its own: where it does not fit the machine, it may take its process with it. */
export function checkWebRtc(): Promise<Finding> {
  const platform = `${process.platform}-${process.arch}`;
  let path: string;
  try {
    path = createRequire(import.meta.url).resolve('wrtc');
  } catch {
    return Promise.resolve(problem('wrtc is not installed: run npm ci'));
  }
  return new Promise((resolve) => {
    execFile(process.execPath, ['-e', LOAD_WRTC, path], { timeout: TIMEOUT_MS }, (error, _out, err) => {
      if (error === null) resolve(ok(`wrtc loads on ${platform}`));
      const line = err.split('\n').find((each) => /error/i.test(each)) ?? error?.message.split('\n', 1)[0];
      resolve(
        problem(`wrtc does not load on ${platform} (${line?.trim() ?? 'no reason given'}): run npm ci again`),
      );
    });
  });
}

/** Whether this installation's certificate can be made and kept, and whether running embedded rooms answer under it. */
export function checkCertificate(cacheFolder: string, epochMs: number): Promise<Finding> {
  return attempt(async () => {
    const names = roomAddresses('127.0.0.1').certificateNames;
    const { certificatePem } = await loadCertificate(cacheFolder, names, epochMs);
    const until = new Date(new X509Certificate(certificatePem).validTo).toISOString().slice(0, 10);
    const rooms = await findRunningRooms(cacheFolder);
    for (const { apiKey, apiUrl, ca } of rooms) {
      const credentials = { kind: 'keys', apiKey, secret: await loadSecret(cacheFolder) } as const;
      const api = new RoomsApi({ credentials, apiUrl, ca, timeoutMs: TIMEOUT_MS, maxRetries: 0 });
      await api.findRoom(NO_ROOM);
    }
    const running = rooms.map(({ origin }) => origin).join(', ');
    return ok(
      `the embedded room's is good until ${until}; ${running === '' ? 'no room runs here now' : `${running} answers under it`}`,
    );
  });
}

/** Whether keys or a token are set and can serve. Nothing is asked. */
export function checkToken(credentials: VideoSdkCredentials | undefined, epochMs: number): Finding {
  const source = 'VIDEOSDK_AUTH_TOKEN';
  if (credentials === undefined)
    return note(
      'none for VideoSDK: set VIDEOSDK_API_KEY and VIDEOSDK_SECRET_KEY to join meetings there; the embedded room needs none',
    );
  if (credentials.kind === 'keys') return ok('made with VIDEOSDK_API_KEY and its secret when needed');
  const { token } = credentials;
  const wrong = tokenProblem({ token, epochMs, source });
  if (wrong !== undefined) return problem(wrong);
  const { exp } = readClaims(token) ?? {};
  return ok(
    `${source}, ${exp === undefined ? 'without an end' : `until ${new Date(exp * 1000).toISOString()}`}`,
  );
}

/** Whether calls of Stream can be joined: keys, and the package that the host installs. Nothing is asked. */
export function checkStream(config: ProcessSettings): Promise<Finding> {
  return attempt(async () => {
    const credentials = streamCredentialsOf(config);
    if (credentials === undefined && config.platform !== 'stream')
      return note('not looked at: set STREAM_API_KEY and STREAM_API_SECRET for calls of Stream');
    if (credentials === undefined)
      return problem('no keys: set STREAM_API_KEY and STREAM_API_SECRET, or STREAM_USER_TOKEN');
    const { INSTALL_HINT, installedVersion, STREAM_PACKAGE } =
      await import('../../room/stream/sdk-loader.js');
    const version = installedVersion();
    if (version === undefined) return problem(`${STREAM_PACKAGE} is not installed: ${INSTALL_HINT}`);
    if (credentials.kind === 'keys')
      return ok(
        `tokens are made with STREAM_API_SECRET when needed; ${STREAM_PACKAGE} ${version} is installed`,
      );
    const { userIdOf } = await import('../../room/stream/tokens.js');
    const userId = userIdOf(credentials.token, { source: 'STREAM_USER_TOKEN', epochMs: Date.now() });
    return ok(`STREAM_USER_TOKEN is for ${userId}; ${STREAM_PACKAGE} ${version} is installed`);
  });
}

/** Whether VideoSDK answers and takes the key. */
export async function checkVideoSdk(
  credentials: VideoSdkCredentials | undefined,
  config: ProcessSettings,
): Promise<Finding> {
  if (credentials === undefined) return note('not asked: no key for it is set');
  const { videoSdkApiUrl: apiUrl = VIDEOSDK_API_URL } = config;
  return attempt(async () => {
    const api = new RoomsApi({ credentials, apiUrl, timeoutMs: TIMEOUT_MS, maxRetries: 0 });
    await api.findRoom(NO_ROOM);
    return ok(`${new URL(apiUrl).host} answers and takes the key`);
  });
}

/** Whether the Realtime server that is set up lets us in: a session is opened and closed at once. */
export async function checkRealtime(config: ProcessSettings, provider: () => Provider): Promise<Finding> {
  if (!namesRealtime(config))
    return note('not asked: set OPENAI_API_KEY for --live; the embedded server needs no key');
  return attempt(() => openSession(provider().conversation, 'a session'));
}

/** Whether it has translation sessions too; meetings go on without them. */
export async function checkTranslation(config: ProcessSettings, provider: () => Provider): Promise<Finding> {
  if (!namesRealtime(config)) return note('not asked: the embedded server has translation sessions');
  const finding = await attempt(() => openSession(provider().translation(), 'a translation session'));
  return finding.kind === 'problem' ? note(`none, for --engine translate: ${finding.text}`) : finding;
}

/** Whether it starts live sessions of `liveModel`, or of the model that would take its place: one is started, and ended at once. */
export async function checkLive(
  config: ProcessSettings,
  provider: () => Provider,
  liveModel: string,
): Promise<Finding> {
  if (!namesRealtime(config)) return note('not asked: the embedded server has live sessions');
  return attempt(async () => {
    const { endpoint, model } = provider().live();
    const { fallbackModel } = DEFAULT_LIVE_SETTINGS;
    await checkLiveStart(openEndpoint(endpoint, { connectTimeoutMs: TIMEOUT_MS }), {
      ...DEFAULT_LIVE_SETTINGS,
      model: model ?? liveModel,
      fallbackModel: model === undefined ? fallbackModel : undefined,
      language: 'en',
    });
    return ok(`${endpoint.describe} starts a live session`);
  });
}

function namesRealtime({ url, openaiApiKey, azureOpenaiEndpoint }: ProcessSettings): boolean {
  return url !== undefined || openaiApiKey !== undefined || azureOpenaiEndpoint !== undefined;
}

async function openSession(endpoint: Endpoint, what: string): Promise<Finding> {
  const open = openEndpoint(endpoint, { connectTimeoutMs: TIMEOUT_MS });
  const transport = await open({ message: () => undefined, closed: () => undefined });
  transport.close();
  return ok(`${endpoint.describe} opens ${what}`);
}

/** Whether Fastino answers and takes the key: nobody has the id that is asked for. */
export async function checkFastino({ fastinoApiKey, fastinoBaseUrl }: ProcessSettings): Promise<Finding> {
  if (fastinoApiKey === undefined)
    return note('not asked: set FASTINO_API_KEY for profiles from there; meetings need none');
  return attempt(async () => {
    const options = { apiKey: fastinoApiKey, baseUrl: fastinoBaseUrl, clock: systemClock };
    const fastino = new FastinoClient(options);
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      await fastino.summary({ user_id: NOBODY, max_chars: 1, purpose: 'conversation' }, { signal });
    } catch (error) {
      if (signal.aborted) return problem(`${fastino.description} does not answer; meetings go on without it`);
      throw error;
    }
    return ok(`${fastino.description} answers and takes the key`);
  });
}

/** Whether the OpenID provider that people sign in to the service by answers, and is set up. */
export async function checkSignIn(config: ProcessSettings): Promise<Finding> {
  return attempt(async () => {
    const settings = oidcOf({ oidcAllow: [] }, config);
    if (settings === undefined)
      return note('not asked: set PARLEY_OIDC_ISSUER for people of a service to sign in by a provider');
    const { OidcProvider } = await import('../../service/auth/oidc/oidc-provider.js');
    await new OidcProvider(settings).check();
    return ok(
      `${settings.name} answers; it must know <address of the service>/v1/sign-in/oidc/callback as where to send people back`,
    );
  });
}

/** The `Date` of the first service that is set up; undefined when none is, or it does not answer. */
export async function askTheTime(
  addresses: readonly string[],
): Promise<{ date: string | undefined; host: string; roundTripMs: number } | undefined> {
  const [address] = addresses;
  if (address === undefined || !URL.canParse(address)) return undefined;
  const { host, origin } = new URL(address);
  const startMs = performance.now();
  const date = await outgoingFetch(origin, {
    method: 'HEAD',
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).then(
    ({ headers }) => headers.get('date') ?? undefined,
    () => undefined,
  );
  return { date, host, roundTripMs: performance.now() - startMs };
}

/** An error is a finding: its one line says what to do. */
export async function attempt(check: () => Promise<Finding>): Promise<Finding> {
  try {
    return await check();
  } catch (error) {
    return problem(error instanceof ParleyError ? error.message : `unexpected: ${messageOf(error)}`);
  }
}
