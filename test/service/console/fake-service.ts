/** A stand-in for the service: answers the console as the API does, from memory, so that anything can be in a meeting. */
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { packageRoot } from '../../../src/package-root.js';

type Json = Record<string, unknown>;
type Answer = { status?: number; json?: unknown; text?: string; type?: string };
type Handle = (body: Json, match: RegExpExecArray, query: URLSearchParams) => Answer;

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};
/** As the service sends it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

export const BOT = 'bot_01900000-0000-7000-8000-000000000001';
export const PAST_BOT = 'bot_01900000-0000-7000-8000-000000000002';
const MINUTES_AGO = (n: number): string => new Date(Date.now() - n * 60_000).toISOString();

export function botRow(fields: Json = {}): Json {
  return {
    ...{ id: BOT, place: 'videosdk', meetingId: 'abcd-efgh-ijkl', name: 'Parley', state: 'active' },
    ...{ createdAt: MINUTES_AGO(13), joinedAt: MINUTES_AGO(12), metadata: {}, revision: 1, epoch: 1 },
    ...{
      participantId: 'parley-x',
      record: true,
      settings: { languages: ['en', 'es'], engine: 'conversation' },
    },
    ...fields,
  };
}

/** Who is signed in at first. */
const OWNER: Json = {
  kind: 'session',
  id: 'usr_1',
  name: 'Ada',
  workspace: 'ws_1',
  role: 'owner',
  scopes: ['admin'],
};

/** The stand-in. What tests change is public. */
export class FakeService {
  bots = new Map<string, Json>();
  transcripts = new Map<string, Json>();
  notes: Json[] = [];
  minutes: Json[] = [];
  keys: Json[] = [];
  webhooks: Json[] = [];
  deliveries: Json[] = [];
  workers: Json[] = [];
  users: Json[] = [];
  documents: Json[] = [];
  passages: Json[] = [];
  secrets: Json[] = [];
  tools: Json[] = [];
  servers: Json[] = [];
  /** What comes of trying a server. */
  serverTest: Json = { ok: true, tools: [] };
  hits: Json[] = [];
  workspace: Json = {
    id: 'ws_1',
    name: 'Iberia Robotics',
    createdAt: MINUTES_AGO(999),
    limits: { maxBots: 20 },
    defaults: {},
    standIn: false,
  };
  me: Json | undefined = OWNER;
  methods: Json | undefined = { passkeys: true, oidc: { name: 'Example ID', start: '/v1/sign-in/oidc' } };
  /** The beginning of a feed. */
  snapshot: Json = { people: [], speaking: [], captions: [], routes: [] };
  /** Answers that come instead of ours, by method and path. */
  readonly instead = new Map<string, Answer>();
  /** Every request for the API that changes something. */
  readonly requests: { method: string; path: string; body: Json; ifMatch: string | undefined }[] = [];
  feedRequests = 0;
  origin = '';
  readonly #feeds = new Map<ServerResponse, string>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #files = new Map<string, { body: Buffer; type: string }>();
  #seq = 0;

  static async start(port = 0): Promise<FakeService> {
    const fake = new FakeService();
    const folder = join(packageRoot(), 'dist', 'console');
    for (const name of await readdir(folder)) {
      const type = TYPES[extname(name)] ?? 'application/octet-stream';
      const file = { body: await readFile(join(folder, name)), type };
      for (const path of name === 'index.html' ? ['/', '/setup'] : [`/${name}`]) fake.#files.set(path, file);
    }
    await fake.listen(port);
    return fake;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    this.origin = `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  /** An event of a meeting, to everybody who follows it. */
  emit(botId: string, type: string, data: Json): void {
    if (type === 'bot') this.bots.set(botId, { ...this.bots.get(botId), ...data });
    const id = type === 'bot' || type === 'change' ? '' : `id: 1-${++this.#seq}\n`;
    for (const [response, bot] of this.#feeds)
      if (bot === botId) response.write(`${id}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  get feeds(): number {
    return this.#feeds.size;
  }

  /** All feeds break off. */
  breakFeeds(): void {
    for (const response of this.#feeds.keys()) response.destroy();
  }

  async close(): Promise<void> {
    this.breakFeeds();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    const method = request.method ?? 'GET';
    const file = this.#files.get(url.pathname);
    if (file !== undefined) {
      response.writeHead(200, {
        'content-type': file.type,
        'cache-control': 'no-cache',
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
      });
      response.end(file.body);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const written = Buffer.concat(chunks).toString();
    const isFile = request.headers['content-type'] === 'application/octet-stream';
    const body = (isFile ? { file: written } : written === '' ? {} : JSON.parse(written)) as Json;
    if (method !== 'GET')
      this.requests.push({ method, path: url.pathname, body, ifMatch: request.headers['if-match'] });
    const feed = /^\/v1\/bots\/([^/]+)\/events$/.exec(url.pathname);
    const instead = this.instead.get(`${method} ${url.pathname}`);
    if (feed !== null && instead === undefined) {
      this.#openFeed(feed[1]!, response);
      return;
    }
    const { status = 200, json, text, type } = instead ?? this.#handle(method, url, body);
    response.writeHead(status, {
      'content-type': type ?? (status >= 400 ? 'application/problem+json' : 'application/json'),
      'cache-control': 'no-store',
    });
    response.end(text ?? (json === undefined ? '' : JSON.stringify(json)));
  }

  #openFeed(botId: string, response: ServerResponse): void {
    this.feedRequests++;
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    response.write(
      `retry: 200\nid: 1-${this.#seq}\nevent: snapshot\ndata: ${JSON.stringify({ bot: this.bots.get(botId), ...this.snapshot })}\n\n`,
    );
    this.#feeds.set(response, botId);
    response.on('close', () => this.#feeds.delete(response));
  }

  #handle(method: string, url: URL, body: Json): Answer {
    if (url.pathname === '/v1/sign-in' && method === 'GET')
      return this.methods === undefined
        ? problem(404, 'not_found', 'there is nothing at this address')
        : { json: this.methods };
    if (url.pathname === '/v1/setup') {
      if (body['token'] !== 'right') return problem(401, 'setup_refused', 'this set-up link was used');
      this.me = {
        kind: 'session',
        id: 'usr_1',
        name: body['name'],
        workspace: 'ws_1',
        role: 'owner',
        scopes: ['admin'],
      };
      return { status: 201, json: { user: 'usr_1', workspace: 'ws_1' } };
    }
    if (url.pathname === '/v1/sign-in/link') {
      if (body['token'] !== 'owner-1') return problem(401, 'setup_refused', 'this sign-in link was used');
      this.me = OWNER;
      return { json: { user: 'usr_1' } };
    }
    if (this.me === undefined) return problem(401, 'unauthenticated', 'sign in');
    for (const [name, pattern, handle] of this.#routes) {
      const match = name === method ? pattern.exec(url.pathname) : null;
      if (match !== null) return handle(body, match, url.searchParams);
    }
    return problem(404, 'not_found', 'there is nothing at this address: see /docs');
  }

  readonly #routes: readonly (readonly [string, RegExp, Handle])[] = [
    ['GET', /^\/v1\/me$/, () => ({ json: this.me })],
    ['GET', /^\/v1\/workspace$/, () => ({ json: this.workspace })],
    ['PATCH', /^\/v1\/workspace$/, (body) => ({ json: (this.workspace = { ...this.workspace, ...body }) })],
    ['POST', /^\/v1\/sign-out$/, () => this.#signOut()],
    ['GET', /^\/v1\/bots$/, (_body, _match, query) => ({ json: { data: this.#listed(query) } })],
    ['POST', /^\/v1\/bots$/, (body) => this.#invite(body)],
    ['GET', /^\/v1\/bots\/([^/]+)$/, (_body, [, id]) => this.#bot(id!)],
    ['PATCH', /^\/v1\/bots\/([^/]+)$/, (body, [, id]) => this.#change(id!, body)],
    ['POST', /^\/v1\/bots\/([^/]+)\/leave$/, (_body, [, id]) => this.#leave(id!)],
    ['POST', /^\/v1\/bots\/[^/]+\/say$/, () => ({ status: 202, json: { accepted: true } })],
    ['POST', /^\/v1\/bots\/[^/]+\/mute$/, () => ({ status: 204 })],
    ['PATCH', /^\/v1\/bots\/[^/]+\/people\/[^/]+$/, () => ({ status: 204 })],
    [
      'GET',
      /^\/v1\/bots\/([^/]+)\/transcript$/,
      (_body, [, id]) => ({ json: this.transcripts.get(id!) ?? { speeches: [], people: [] } }),
    ],
    [
      'GET',
      /^\/v1\/bots\/[^/]+\/cost$/,
      () => ({ json: { usd: 1.234, data: [{ model: 'm', kind: 'k', units: 1, usd: 1.234 }] } }),
    ],
    ['GET', /^\/v1\/bots\/[^/]+\/notes$/, () => ({ json: { data: this.notes } })],
    [
      'POST',
      /^\/v1\/bots\/[^/]+\/notes$/,
      (body) =>
        this.#add(this.notes, {
          id: `note_${this.notes.length}`,
          kind: 'note',
          createdAt: MINUTES_AGO(0),
          ...body,
        }),
    ],
    ['GET', /^\/v1\/bots\/[^/]+\/minutes$/, () => ({ json: { data: this.minutes } })],
    ['POST', /^\/v1\/bots\/[^/]+\/agent\/ask$/, () => ({ json: { state: 'waiting' } })],
    ['POST', /^\/v1\/bots\/[^/]+\/agent\/(?:hush|approvals\/[^/]+)$/, () => ({ status: 204 })],
    ['DELETE', /^\/v1\/notes\/([^/]+)$/, (_body, [, id]) => this.#remove('notes', id!)],
    ['POST', /^\/v1\/bots\/[^/]+\/erase$/, () => ({ status: 204 })],
    [
      'DELETE',
      /^\/v1\/bots\/([^/]+)\/people\/([^/]+)\/words$/,
      (_body, [, id, who]) => this.#eraseWords(id!, who!),
    ],
    ['GET', /^\/v1\/search$/, () => ({ json: { data: this.hits } })],
    [
      'POST',
      /^\/v1\/rooms$/,
      () => ({
        status: 201,
        json: { place: 'embedded', roomId: 'try-it-now', page: 'https://localhost:8443/try-it-now' },
      }),
    ],
    [
      'GET',
      /^\/v1\/rooms\/([^/]+)$/,
      (_body, [, id]) =>
        id === 'lost-room'
          ? problem(404, 'not_found', 'there is no room lost-room')
          : { json: { place: 'embedded', roomId: id, page: `https://localhost:8443/${id}` } },
    ],
    ['GET', /^\/v1\/keys$/, () => ({ json: { data: this.keys } })],
    [
      'POST',
      /^\/v1\/keys$/,
      (body) =>
        this.#add(
          this.keys,
          { id: 'k2', prefix: 'pk_abcdefgh2345', createdAt: MINUTES_AGO(0), ...body },
          { key: 'pk_abcdefgh2345_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG' },
        ),
    ],
    ['DELETE', /^\/v1\/keys\/([^/]+)$/, (_body, [, id]) => this.#revoke(id!)],
    ['GET', /^\/v1\/webhooks$/, () => ({ json: { data: this.webhooks } })],
    ['POST', /^\/v1\/webhooks$/, (body) => this.#addWebhook(body)],
    ['GET', /^\/v1\/webhooks\/[^/]+\/deliveries$/, () => ({ json: { data: this.deliveries } })],
    [
      'POST',
      /^\/v1\/webhooks\/[^/]+\/(?:test|deliveries\/[^/]+\/redeliver)$/,
      () => ({ status: 202, json: { event: 'evt_1' } }),
    ],
    ['GET', /^\/v1\/documents$/, () => ({ json: { data: this.documents } })],
    ['GET', /^\/v1\/documents\/search$/, () => ({ json: { data: this.passages } })],
    ['POST', /^\/v1\/documents$/, (body, _match, query) => this.#addDocument(body, query)],
    ['DELETE', /^\/v1\/documents\/([^/]+)$/, (_body, [, id]) => this.#remove('documents', id!)],
    ['GET', /^\/v1\/(tools|mcp-servers)$/, (_body, [, kind]) => ({ json: { data: this.#toolsOf(kind!) } })],
    ['POST', /^\/v1\/(tools|mcp-servers)$/, (body, [, kind]) => this.#addTool(kind!, body)],
    [
      'PATCH',
      /^\/v1\/(tools|mcp-servers)\/([^/]+)$/,
      (body, [, kind, id]) => this.#changeTool(kind!, id!, body),
    ],
    ['DELETE', /^\/v1\/(tools|mcp-servers)\/([^/]+)$/, (_body, [, kind, id]) => this.#deleteTool(kind!, id!)],
    ['POST', /^\/v1\/mcp-servers\/[^/]+\/test$/, () => ({ json: this.serverTest })],
    ['GET', /^\/v1\/agent\/secrets$/, () => ({ json: { data: this.secrets } })],
    ['PUT', /^\/v1\/agent\/secrets\/([^/]+)$/, (_body, [, name]) => this.#setSecret(name!)],
    ['DELETE', /^\/v1\/agent\/secrets\/([^/]+)$/, (_body, [, name]) => this.#deleteSecret(name!)],
    ['GET', /^\/v1\/workers$/, () => ({ json: { data: this.workers } })],
    ['GET', /^\/v1\/users$/, () => ({ json: { data: this.users } })],
    [
      'GET',
      /^\/v1\/passkeys$/,
      () => ({ json: { data: [{ id: 'p1', name: 'MacIntel', createdAt: MINUTES_AGO(100) }] } }),
    ],
  ];

  #signOut(): Answer {
    this.me = undefined;
    return { status: 204 };
  }

  #bot(id: string): Answer {
    const bot = this.bots.get(id);
    return bot === undefined
      ? problem(404, 'not_found', `there is no bot ${id} in this workspace`)
      : { json: bot };
  }

  #listed(query: URLSearchParams): Json[] {
    const states = (query.get('state') ?? '').split(',');
    return [...this.bots.values()].filter(({ state }) => states.includes(state as string));
  }

  #invite(body: Json): Answer {
    const busy = [...this.bots.values()].find(
      ({ meetingId, state }) => meetingId === body['meetingId'] && state === 'active',
    );
    if (busy !== undefined) return problem(409, 'bot_exists', 'a bot is in this meeting', { bot: busy });
    const { meetingId, joinAt, ...settings } = body;
    const bot = botRow({
      meetingId,
      settings,
      state: joinAt === undefined ? 'joining' : 'scheduled',
      ...(joinAt === undefined ? {} : { joinAt }),
    });
    this.bots.set(BOT, bot);
    return { status: 201, json: bot };
  }

  #change(id: string, body: Json): Answer {
    const bot = this.bots.get(id)!;
    const revision = (bot['revision'] as number) + 1;
    this.bots.set(id, { ...bot, revision, settings: { ...(bot['settings'] as Json), ...body } });
    const changes = Object.fromEntries(Object.keys(body).map((name) => [name, 'applied']));
    return { status: 202, json: { revision, changes } };
  }

  #leave(id: string): Answer {
    const bot = { ...this.bots.get(id), state: 'leaving' };
    this.bots.set(id, bot);
    return { status: 202, json: bot };
  }

  #add(list: Json[], row: Json, secret: Json = {}): Answer {
    list.push(row);
    return { status: 201, json: { ...row, ...secret } };
  }

  #addWebhook(body: Json): Answer {
    if (!String(body['url']).startsWith('https:'))
      return problem(422, 'invalid_request', 'url: must be https', {
        errors: [{ path: 'url', problem: 'must be an https address' }],
      });
    return this.#add(
      this.webhooks,
      { id: 'wh_2', createdAt: MINUTES_AGO(0), ...body },
      { secret: 'whsec_MDEyMzQ1Njc4OWFiY2RlZg==' },
    );
  }

  #revoke(id: string): Answer {
    this.keys = this.keys.map((key) => (key['id'] === id ? { ...key, revokedAt: MINUTES_AGO(0) } : key));
    return { status: 204 };
  }

  #addDocument({ file }: Json, query: URLSearchParams): Answer {
    const name = query.get('name')!;
    if (file === '') return problem(422, 'invalid_request', 'the file is empty');
    const known = this.documents.find((document) => document['name'] === name);
    if (known !== undefined) return { status: 200, json: known };
    return this.#add(this.documents, {
      ...{ id: `doc_${this.documents.length + 1}`, name, format: 'text', bytes: (file as string).length },
      ...{ language: query.get('language') ?? 'en', passages: 1, warnings: [], addedAt: MINUTES_AGO(0) },
    });
  }

  #eraseWords(id: string, person: string): Answer {
    const transcript = this.transcripts.get(id)!;
    const speeches = (transcript['speeches'] as Json[]).filter(({ speakerId }) => speakerId !== person);
    this.transcripts.set(id, { ...transcript, speeches });
    return { status: 204 };
  }

  #toolsOf(kind: string): Json[] {
    return kind === 'tools' ? this.tools : this.servers;
  }

  #addTool(kind: string, body: Json): Answer {
    if (!String(body['url']).startsWith('https:'))
      return problem(422, 'invalid_request', 'url: not public', {
        errors: [{ path: 'url', problem: 'is not public', code: 'not_public' }],
      });
    const rows = this.#toolsOf(kind);
    return this.#add(rows, { id: `${kind === 'tools' ? 'tool' : 'mcp'}_${rows.length + 1}`, ...body });
  }

  #changeTool(kind: string, id: string, body: Json): Answer {
    const row = this.#toolsOf(kind).find((each) => each['id'] === id)!;
    for (const [name, value] of Object.entries(body)) {
      if (value === null) Reflect.deleteProperty(row, name);
      else row[name] = value;
    }
    return { json: row };
  }

  #deleteTool(kind: string, id: string): Answer {
    const rows = this.#toolsOf(kind);
    rows.splice(
      rows.findIndex((row) => row['id'] === id),
      1,
    );
    return { status: 204 };
  }

  #setSecret(name: string): Answer {
    const known = this.secrets.find((secret) => secret['name'] === name);
    const row = {
      ...{
        name,
        createdAt: known?.['createdAt'] ?? MINUTES_AGO(5),
        updatedAt: MINUTES_AGO(known === undefined ? 5 : 0),
      },
    };
    this.secrets = [...this.secrets.filter((secret) => secret !== known), row];
    return { json: row };
  }

  #deleteSecret(name: string): Answer {
    this.secrets = this.secrets.filter((secret) => secret['name'] !== name);
    return { status: 204 };
  }

  #remove(list: 'notes' | 'documents', id: string): Answer {
    this[list] = this[list].filter((row) => row['id'] !== id);
    return { status: 204 };
  }
}

function problem(status: number, code: string, detail: string, more: Json = {}): Answer {
  return {
    status,
    json: { type: 'about:blank', title: code, status, detail, code, requestId: 'req_1', ...more },
  };
}
