/**
 * A fake of the members of Stream's client that the adapter uses, and of the calls behind it, in memory: it obeys what is known of
 * 1.60.0. It checks tokens and the size and rate of custom events, is `joined` before it can publish, loses a published track when
 * it comes back in a new session, lists its own earlier session as somebody else's for a while, tries a refused token five times
 * unless told otherwise, and leaves a rejection behind. No code of the vendor's is in it.
 */
import { createHmac } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { VirtualClock } from '../../../src/clock.js';
import type { CreateStreamSdk, StreamBrowser } from '../../../src/room/stream/sdk-loader.js';
import type {
  StreamCall,
  StreamClient,
  StreamClientOptions,
  StreamSession,
} from '../../../src/room/stream/sdk-types.js';
import type {
  AudioSink,
  PeerConnection,
  SdkMediaStream,
  SdkTrack,
} from '../../../src/room/webrtc/wrtc-types.js';
import type { FakeConnection, FakeWrtc } from '../webrtc/fake-wrtc.js';

const AUDIO = 1;
const FRAME_SAMPLES = 480;
const FRAME_MS = 10;
const MAX_EVENT_BYTES = 5 * 1_024;
/** Our own earlier session is listed for so long after a rejoin. */
const GHOST_MS = 100;
/** The API's codes. */
const EXPIRED = 40;
const TOO_EARLY = 42;
const BAD_SIGNATURE = 43;
const NO_SUCH_CALL = 16;
const RATE_LIMIT = 9;
const WRONG_INPUT = 4;
/** Reasons in `callEnded`. */
const ENDED = 1;
const KICKED = 3;

/** What a service does to a client that it wants back: on the same session, on a new one, or on another machine. */
export type Comeback = 'fast' | 'rejoin' | 'migrate';

type Listener = (event: unknown) => void;
type Session = { -readonly [Field in keyof StreamSession]: StreamSession[Field] };

/** A value that is told at once and whenever it changes. */
class FakeSubject<Value> {
  readonly #listeners = new Set<(value: Value) => void>();
  #value: Value;

  constructor(value: Value) {
    this.#value = value;
  }

  get value(): Value {
    return this.#value;
  }

  next(value: Value): void {
    this.#value = value;
    for (const listener of [...this.#listeners]) listener(value);
  }

  subscribe(listener: (value: Value) => void): { unsubscribe(): void } {
    this.#listeners.add(listener);
    listener(this.#value);
    return { unsubscribe: () => this.#listeners.delete(listener) };
  }
}

/** As the API answers: the code is in the error, and in JSON where a connection was refused. */
function apiError(code: number, status: number, message: string): Error {
  return Object.assign(new Error(message), { name: 'ErrorFromResponse', code, status });
}

/** A person of a call, moved by the test. */
export class FakeStreamPerson {
  readonly userId: string;
  readonly sessionId: string;
  readonly events: { senderId: string; custom: Record<string, unknown> }[] = [];
  readonly #service: FakeStream;
  readonly #session: Session;
  readonly #source: InstanceType<FakeWrtc['nonstandard']['RTCAudioSource']>;
  readonly #stream: SdkMediaStream;
  readonly #heard: Int16Array[] = [];
  #said: Int16Array = new Int16Array(0);

  constructor(
    service: FakeStream,
    options: {
      id: string;
      name: string;
      metadata?: Record<string, unknown>;
      micOn?: boolean;
      sessionId: string;
    },
  ) {
    this.userId = options.id;
    this.sessionId = options.sessionId;
    this.#service = service;
    this.#source = new service.wrtc.nonstandard.RTCAudioSource();
    this.#stream = new service.wrtc.MediaStream([this.#source.createTrack()]);
    this.#session = {
      userId: options.id,
      sessionId: options.sessionId,
      name: options.name,
      custom: structOf(options.metadata ?? {}),
      publishedTracks: [],
    };
    if (options.micOn !== false) this.unmute();
  }

  get session(): StreamSession {
    return this.#session;
  }

  say(pcm: Int16Array): void {
    const rest = this.#said;
    this.#said = new Int16Array(rest.length + pcm.length);
    this.#said.set(rest);
    this.#said.set(pcm, rest.length);
  }

  /** The stream object stays. */
  mute(): void {
    this.#session.publishedTracks = [];
    this.#service.changed();
  }

  unmute(): void {
    this.#session.publishedTracks = [AUDIO];
    this.#session.audioStream = this.#stream;
    this.#service.changed();
  }

  change(change: { name?: string; metadata?: Record<string, unknown> }): void {
    if (change.name !== undefined) this.#session.name = change.name;
    if (change.metadata !== undefined) this.#session.custom = structOf(change.metadata);
    this.#service.changed();
  }

  leave(): void {
    this.#service.leaves(this);
  }

  send(custom: Record<string, unknown>): void {
    this.#service.deliver(this.userId, custom);
  }

  hear(samples: Int16Array): void {
    this.#heard.push(samples.slice());
  }

  heard(): Int16Array {
    const samples = new Int16Array(this.#heard.length * FRAME_SAMPLES);
    this.#heard.forEach((frame, n) => samples.set(frame, n * FRAME_SAMPLES));
    return samples;
  }

  /** 10 ms of an open microphone. */
  tick(): void {
    const frame = new Int16Array(FRAME_SAMPLES);
    frame.set(this.#said.subarray(0, FRAME_SAMPLES));
    this.#said = this.#said.subarray(Math.min(FRAME_SAMPLES, this.#said.length));
    if (!this.#session.publishedTracks.includes(AUDIO)) return;
    this.#source.onData({
      ...{ samples: frame, sampleRate: 48_000, bitsPerSample: 16 },
      ...{ channelCount: 1, numberOfFrames: FRAME_SAMPLES },
    });
  }
}

/** The service: one call, its people, and the clients that are in it. */
export class FakeStream {
  readonly clock: VirtualClock;
  readonly wrtc: FakeWrtc;
  readonly apiKey = 'an-app-key';
  readonly secret = 'an-app-secret-of-some-length';
  readonly people: FakeStreamPerson[] = [];
  readonly clients: FakeClient[] = [];
  /** How often a connection was asked for. */
  connects = 0;
  /** `type:id` of calls that are there. */
  readonly calls = new Set(['default:weekly-sync']);
  /** What the next joins are answered with. */
  joinError: Error | undefined;
  /** Nobody reaches the service. */
  isDown = false;
  /** Custom events that are taken in a second. */
  eventsPerSecond = 100;
  /** Those of the last second. */
  readonly eventTimes: number[] = [];
  #sessions = 0;

  constructor(options: { clock: VirtualClock; wrtc: FakeWrtc }) {
    this.clock = options.clock;
    this.wrtc = options.wrtc;
    const tick = (): void => {
      for (const person of [...this.people]) person.tick();
      this.clock.setTimer(tick, FRAME_MS);
    };
    this.clock.setTimer(tick, FRAME_MS);
  }

  /** Makes clients of this service. */
  readonly createSdk: CreateStreamSdk = (browser) => {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the class below has a `this` of its own
    const service = this;
    return {
      StreamVideoClient: class extends FakeClient {
        constructor(apiKey: string, options: StreamClientOptions) {
          super(service, browser, apiKey, options);
          service.clients.push(this);
        }
      },
    };
  };

  nextSessionId(): string {
    this.#sessions++;
    return `${String(this.#sessions).padStart(8, '0')}-session`;
  }

  enter(options: {
    id: string;
    name: string;
    metadata?: Record<string, unknown>;
    micOn?: boolean;
  }): FakeStreamPerson {
    const person = new FakeStreamPerson(this, { ...options, sessionId: this.nextSessionId() });
    this.people.push(person);
    this.changed();
    return person;
  }

  leaves(person: FakeStreamPerson): void {
    this.people.splice(this.people.indexOf(person), 1);
    this.changed();
  }

  callsOf(userId: string): readonly FakeCall[] {
    return this.clients.filter((client) => client.userId === userId).flatMap(({ joined }) => joined ?? []);
  }

  /** The call in which this user is. */
  callOf(userId: string): FakeCall {
    const call = this.callsOf(userId).at(-1);
    if (call === undefined) throw new Error(`${userId} is in no call`);
    return call;
  }

  /** Everyone's lists are brought up to date. */
  changed(): void {
    for (const { joined } of this.clients) joined?.update();
  }

  /** A custom event, to everybody who watches the call. */
  deliver(senderId: string, custom: Record<string, unknown>): void {
    const event = JSON.stringify({ type: 'custom', user: { id: senderId }, custom });
    for (const person of this.people)
      if (person.userId !== senderId)
        person.events.push({
          senderId,
          custom: JSON.parse(JSON.stringify(custom)) as Record<string, unknown>,
        });
    for (const { joined } of this.clients) joined?.emit('custom', JSON.parse(event));
  }

  kick(userId: string): void {
    const call = this.callOf(userId);
    call.emit('call.kicked_user', { type: 'call.kicked_user', user: { id: userId } });
    call.emit('callEnded', { reason: KICKED });
    void call.leave();
  }

  endCall(): void {
    for (const { joined } of this.clients) {
      joined?.emit('call.ended', { type: 'call.ended', user: { id: 'a-moderator' } });
      joined?.emit('callEnded', { reason: ENDED });
      void joined?.leave();
    }
  }
}

class FakeClient implements StreamClient {
  readonly options: StreamClientOptions;
  readonly service: FakeStream;
  readonly browser: StreamBrowser;
  userId: string | undefined;
  name = '';
  custom: Readonly<Record<string, unknown>> = {};
  joined: FakeCall | undefined;
  isConnected = false;
  readonly #apiKey: string;

  constructor(service: FakeStream, browser: StreamBrowser, apiKey: string, options: StreamClientOptions) {
    this.service = service;
    this.browser = browser;
    this.options = options;
    this.#apiKey = apiKey;
  }

  async connectUser(
    user: { id: string; name: string; custom: Readonly<Record<string, unknown>> },
    token: string,
  ): Promise<unknown> {
    const attempts = Math.max(1, this.options.maxConnectUserRetries);
    for (let attempt = 1; ; attempt++) {
      this.service.connects++;
      await turn();
      try {
        if (this.service.isDown) throw new Error('getaddrinfo ENOTFOUND video.stream-io-api.com');
        this.#authenticate(user.id, token);
        break;
      } catch (error) {
        // What nobody waits for, as in the client's own file.
        void Promise.reject(
          Object.assign(new Error('left behind'), {
            stack:
              'Error: left behind\n    at f (/x/node_modules/@stream-io/video-client/dist/index.cjs.js:1:1)',
          }),
        );
        if (attempt >= attempts) throw error;
      }
    }
    Object.assign(this, { userId: user.id, name: user.name, custom: { ...user.custom }, isConnected: true });
    return undefined;
  }

  disconnectUser(): Promise<void> {
    this.isConnected = false;
    return Promise.resolve();
  }

  call(type: string, id: string): FakeCall {
    return new FakeCall(this, `${type}:${id}`);
  }

  #authenticate(userId: string, token: string): void {
    const refused = (code: number, message: string): Error =>
      new Error(JSON.stringify({ code, StatusCode: 401, message, isWSFailure: false }));
    if (this.#apiKey !== this.service.apiKey) throw refused(2, 'api_key not found');
    const [head = '', body = '', signature] = token.split('.');
    const right = createHmac('sha256', this.service.secret).update(`${head}.${body}`).digest('base64url');
    if (signature !== right) throw refused(BAD_SIGNATURE, 'token signature is invalid');
    const payload = JSON.parse(Buffer.from(body, 'base64url').toString()) as {
      user_id?: string;
      iat?: number;
      exp?: number;
    };
    const nowSeconds = this.service.clock.epochMs() / 1_000;
    if (payload.exp !== undefined && payload.exp <= nowSeconds) throw refused(EXPIRED, 'token is expired');
    if ((payload.iat ?? 0) > nowSeconds) throw refused(TOO_EARLY, 'token used before issue at (iat)');
    if (payload.user_id !== userId) throw refused(5, 'the token is of somebody else');
  }
}

type Publication = { sink: AudioSink; connection: FakeConnection; stream: SdkMediaStream };

class FakeCall implements StreamCall {
  readonly state = {
    participants$: new FakeSubject<readonly StreamSession[]>([]),
    callingState$: new FakeSubject<string>('idle'),
  };
  disconnectionTimeoutSeconds = 0;
  readonly #client: FakeClient;
  readonly #cid: string;
  readonly #listeners = new Map<string, Set<Listener>>();
  #own: Session | undefined;
  #ghost: Session | undefined;
  #publication: Publication | undefined;
  #hasPublisher = false;
  #isCut = false;
  publishes = 0;

  constructor(client: FakeClient, cid: string) {
    this.#client = client;
    this.#cid = cid;
  }

  get sessionId(): string | undefined {
    return this.#own?.sessionId;
  }

  async join(): Promise<unknown> {
    const { service } = this.#client;
    this.state.callingState$.next('joining');
    await turn();
    if (service.joinError !== undefined) throw service.joinError;
    if (service.isDown) throw new Error('connect ECONNREFUSED');
    if (!service.calls.has(this.#cid))
      throw apiError(NO_SUCH_CALL, 404, `Can't find call with id ${this.#cid}`);
    this.#client.joined = this;
    this.#enterSession();
    this.state.callingState$.next('joined');
    await turn();
    this.#hasPublisher = true;
    return undefined;
  }

  async leave(): Promise<void> {
    if (this.state.callingState$.value === 'left')
      throw new Error('Cannot leave call that has already been left.');
    await turn();
    if (this.state.callingState$.value === 'left') return;
    this.#unpublish();
    this.#client.joined = undefined;
    this.state.callingState$.next('left');
    this.state.participants$.next([]);
    this.#listeners.clear();
  }

  async publish(stream: SdkMediaStream, trackType: number): Promise<void> {
    if (!this.#hasPublisher || this.#own === undefined)
      throw new Error('cannot publish: there is no publisher');
    const track = stream.getTracks().find(({ readyState }) => readyState === 'live');
    if (trackType !== AUDIO || track === undefined) throw new Error('no live track to publish');
    this.publishes++;
    const own = this.#own;
    this.#unpublish();
    const Connection = this.#client.browser.peerConnections
      .RTCPeerConnection as unknown as new () => PeerConnection & FakeConnection;
    const connection = new Connection();
    connection.addTransceiver(track as never, { direction: 'sendonly' } as never);
    this.#publication = { sink: this.#hearers(track), connection, stream };
    await turn();
    if (this.#own !== own) return;
    connection.become('connected');
    own.publishedTracks = [AUDIO];
    own.audioStream = stream;
    this.update();
  }

  async sendCustomEvent(custom: Record<string, unknown>): Promise<unknown> {
    const { service, userId } = this.#client;
    await turn();
    if (this.#isCut) throw new Error('Network Error');
    const bytes = Buffer.byteLength(JSON.stringify({ custom }));
    if (bytes > MAX_EVENT_BYTES) throw apiError(WRONG_INPUT, 400, 'custom event exceeds 5KB');
    const nowMs = service.clock.nowMs();
    while ((service.eventTimes[0] ?? Infinity) <= nowMs - 1_000) service.eventTimes.shift();
    if (service.eventTimes.length >= service.eventsPerSecond)
      throw apiError(RATE_LIMIT, 429, 'Too many requests');
    service.eventTimes.push(nowMs);
    service.deliver(userId ?? '', custom);
    return {};
  }

  setDisconnectionTimeout(seconds: number): void {
    this.disconnectionTimeoutSeconds = seconds;
  }

  on(name: string, listener: Listener): () => void {
    let listeners = this.#listeners.get(name);
    if (listeners === undefined) this.#listeners.set(name, (listeners = new Set()));
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  emit(name: string, event: unknown): void {
    if (this.#isCut) return;
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(event);
  }

  /** Whoever is there now, ourselves included. */
  update(): void {
    if (this.#isCut || this.#own === undefined) return;
    const { service } = this.#client;
    const others = service.clients.flatMap(({ joined }) =>
      joined === undefined || joined === this || joined.#own === undefined
        ? []
        : [{ ...joined.#own, isLocalParticipant: false }],
    );
    this.state.participants$.next([
      { ...this.#own, isLocalParticipant: true },
      ...(this.#ghost === undefined ? [] : [{ ...this.#ghost, isLocalParticipant: false }]),
      ...service.people.map(({ session }) => ({ ...session })),
      ...others,
    ]);
  }

  /** The connection breaks; with a timeout the client gives up after it. */
  cut(): void {
    this.#isCut = true;
    this.#publication?.sink.stop();
    this.state.callingState$.next('reconnecting');
    const seconds = this.disconnectionTimeoutSeconds;
    if (seconds === 0) return;
    this.#client.service.clock.setTimer(() => {
      if (this.#isCut) this.state.callingState$.next('reconnecting-failed');
    }, seconds * 1_000);
  }

  /** It is back. */
  async restore(how: Comeback): Promise<void> {
    this.#isCut = false;
    if (how === 'migrate') this.state.callingState$.next('migrating');
    if (how === 'fast') {
      const { stream } = this.#publication ?? {};
      const track = stream?.getTracks()[0];
      if (this.#publication !== undefined && track !== undefined)
        this.#publication.sink = this.#hearers(track);
    } else {
      // Only what the client's own microphone holds would be published again: nothing is told of what is lost.
      const lost = this.#publication?.stream;
      this.#unpublish();
      this.#hasPublisher = false;
      if (how === 'rejoin') {
        const before = this.#own;
        if (before !== undefined) this.#keepGhost({ ...before, publishedTracks: [AUDIO] }, lost);
        this.#enterSession();
      }
    }
    this.state.callingState$.next('joining');
    await turn();
    this.state.callingState$.next('joined');
    this.update();
    await turn();
    this.#hasPublisher = true;
  }

  /** A moderator mutes us: our track is taken off, the connection stays. */
  muteByModerator(): void {
    if (this.#own === undefined) return;
    this.#own.publishedTracks = [];
    this.#publication?.sink.stop();
    this.update();
  }

  #keepGhost(session: Session, ownStream: SdkMediaStream | undefined): void {
    this.#ghost = session;
    if (ownStream !== undefined) this.#ghost.audioStream = ownStream;
    this.#client.service.clock.setTimer(() => {
      this.#ghost = undefined;
      this.update();
    }, GHOST_MS);
  }

  #enterSession(): void {
    this.#own = {
      userId: this.#client.userId ?? '',
      sessionId: this.#client.service.nextSessionId(),
      name: this.#client.name,
      custom: structOf(this.#client.custom),
      publishedTracks: [],
    };
    this.#client.service.changed();
    this.update();
  }

  #unpublish(): void {
    this.#publication?.sink.stop();
    this.#publication?.connection.close();
    this.#publication = undefined;
    if (this.#own !== undefined) this.#own.publishedTracks = [];
  }

  /** Everyone in the call hears this track. */
  #hearers(track: SdkTrack): AudioSink {
    const { service } = this.#client;
    const sink = new service.wrtc.nonstandard.RTCAudioSink(track);
    sink.dispatchEvent = ({ samples }) => {
      for (const person of service.people) person.hear(samples);
    };
    return sink;
  }
}

/** Plain data as a protobuf Struct, as generated code holds it. */
export function structOf(data: Readonly<Record<string, unknown>>): unknown {
  return { fields: Object.fromEntries(Object.entries(data).map(([name, value]) => [name, valueOf(value)])) };
}

function valueOf(value: unknown): unknown {
  if (value === null) return { kind: { oneofKind: 'nullValue', nullValue: 0 } };
  if (typeof value === 'string') return { kind: { oneofKind: 'stringValue', stringValue: value } };
  if (typeof value === 'number') return { kind: { oneofKind: 'numberValue', numberValue: value } };
  if (typeof value === 'boolean') return { kind: { oneofKind: 'boolValue', boolValue: value } };
  if (Array.isArray(value))
    return { kind: { oneofKind: 'listValue', listValue: { values: value.map(valueOf) } } };
  return { kind: { oneofKind: 'structValue', structValue: structOf(value as Record<string, unknown>) } };
}
