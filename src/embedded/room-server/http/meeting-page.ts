/** The meeting page and what it asks for: its files, the SDK's browser bundle, one participant's token, the bots' ids. */
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { packageRoot } from '../../../package-root.js';
import { isBotId } from '../../../room/room.js';
import { parseLanguage } from '../../../languages/languages.js';
import { sendBody, sendJson } from '../../http/http-answers.js';
import { assetPath } from './assets.js';
import { REFUSALS } from '../signalling/refusal.js';
import { readJson } from '../signalling/replies.js';
import type { RoomRecord } from '../room-registry.js';
import type { Signalling } from '../signalling/signalling.js';
import type { TokenIssuer } from '../tokens.js';

const TOKEN_SECONDS = 3_600;
const MAX_NAME_CHARS = 80;
const PAGE = 'index.html';
const SDK_BUNDLE = 'videosdk.js';
/** The built `./client` of this package, which the page uses as any host's page does. */
const CLIENT_FOLDER = join(packageRoot(), 'dist', 'client');

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export type PageServices = { signalling: Signalling; tokens: TokenIssuer };

/** Files by name, read once. Only what is here is ever served. */
export async function loadPageFiles(): Promise<ReadonlyMap<string, Buffer>> {
  const bundle = createRequire(import.meta.url).resolve('@videosdk.live/js-sdk');
  return new Map([
    ...(await filesIn(assetPath('page'))),
    ...(await filesIn(CLIENT_FOLDER)),
    [SDK_BUNDLE, await readFile(bundle)],
  ]);
}

async function filesIn(folder: string): Promise<(readonly [name: string, content: Buffer])[]> {
  const names = (await readdir(folder)).filter((name) => extname(name) in CONTENT_TYPES);
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const));
}

/**
 * Scripts and styles are the server's own files, connections go back to it (`wss:` is spelled out for browsers that do
 * not take it for 'self'), and the SDK runs its pubSub in a worker that it makes from a blob.
 */
function securityHeaders(host: string): Readonly<Record<string, string>> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "media-src 'self' blob:",
      `connect-src 'self' wss://${host}`,
      'worker-src blob:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'permissions-policy': 'microphone=(self), camera=(), geolocation=(), display-capture=()',
  };
}

export function answerPage(
  request: IncomingMessage,
  response: ServerResponse,
  files: ReadonlyMap<string, Buffer>,
): void {
  answerFile(response, files, PAGE, securityHeaders(request.headers.host ?? ''));
}

export function answerAsset(
  response: ServerResponse,
  files: ReadonlyMap<string, Buffer>,
  name: string,
): void {
  if (name === PAGE) throw REFUSALS.gone('file'); // the page has its own address, and its own headers
  answerFile(response, files, name, {});
}

function answerFile(
  response: ServerResponse,
  files: ReadonlyMap<string, Buffer>,
  name: string,
  headers: Readonly<Record<string, string>>,
): void {
  const file = files.get(name);
  if (file === undefined) throw REFUSALS.gone('file');
  const contentType = CONTENT_TYPES[extname(name)] ?? 'application/octet-stream';
  sendBody(response, 200, file, { 'content-type': contentType, ...headers });
}

/** Only the page itself may ask: a foreign origin was refused before, and no origin at all is no page. */
function requireOwnPage(request: IncomingMessage): void {
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (origin !== `https://${host ?? ''}` || (site !== undefined && site !== 'same-origin')) {
    throw REFUSALS.notAllowed('Only the meeting page can ask for this.');
  }
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    throw REFUSALS.badRequest('Send JSON.');
  }
}

/**
 * `POST /<meetingId>/token {name, language}`: a token for one new participant of this room, an hour long. `language` may
 * be a tag or a name; the canonical tag comes back.
 */
export async function answerPageToken(
  request: IncomingMessage,
  response: ServerResponse,
  record: RoomRecord,
  { tokens }: PageServices,
): Promise<void> {
  requireOwnPage(request);
  const body = await readJson(request);
  const name = typeof body['name'] === 'string' ? body['name'].replace(/[\p{C}\s]+/gu, ' ').trim() : '';
  if (name === '' || name.length > MAX_NAME_CHARS) {
    throw REFUSALS.badRequest(`A name has 1 to ${MAX_NAME_CHARS} characters.`);
  }
  const language = typeof body['language'] === 'string' ? parseLanguage(body['language']) : undefined;
  if (language === undefined) throw REFUSALS.badRequest('Choose a language, such as "es" or "Spanish".');
  const participantId = `guest-${randomBytes(9).toString('hex')}`;
  sendJson(response, 200, {
    token: await tokens.signForParticipant(record.roomId, participantId, TOKEN_SECONDS),
    participantId,
    meetingId: record.roomId,
    signalingBaseUrl: request.headers.host,
    name,
    language,
  });
}

/** `GET /<meetingId>/bots`: the interpreters that are here now, `{botIds}`. */
export function answerBots(response: ServerResponse, record: RoomRecord, { signalling }: PageServices): void {
  sendJson(response, 200, { botIds: botIds(signalling, record) });
}

/**
 * Interpreters are told by ids that nobody else can have: the token says the id, and the tokens that this server hands
 * out to people never say such a one.
 */
function botIds(signalling: Signalling, { roomId }: RoomRecord): readonly string[] {
  const peers = signalling.rooms.get(roomId)?.joined() ?? [];
  return peers.filter(({ id, claims }) => isBotId(id) && claims.participantId === id).map(({ id }) => id);
}
