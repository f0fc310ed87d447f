/** The meeting page and what it asks for: its files and texts, the SDK's browser bundle, tokens, languages, sample phrases. */
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
import { languageChoices, meetingLanguages } from './page-languages.js';
import { loadSamplePhrases, type SamplePhrases } from './sample-phrases.js';
import { REFUSALS } from '../signalling/refusal.js';
import { readJson } from '../signalling/replies.js';
import type { RoomRecord, RoomRegistry } from '../room-registry.js';
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
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export type PageServices = {
  signalling: Signalling;
  tokens: TokenIssuer;
  registry: RoomRegistry;
  page: PageFiles;
};

/** What the page is made of. */
export type PageFiles = {
  /** By name, read once. Only what is here is ever served. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly phrases: SamplePhrases;
};

type NamedFile = readonly [name: string, content: Buffer];

/** Reads everything but the recordings of sample phrases. */
export async function loadPage(): Promise<PageFiles> {
  const bundle = createRequire(import.meta.url).resolve('@videosdk.live/js-sdk');
  const texts = await filesIn(assetPath('page', 'texts'));
  const readers = texts.map(([name]) => name.replace(/\.json$/, ''));
  const phrases = await loadSamplePhrases();
  // What there is to choose: languages of the page's texts, languages of people, and phrases by language.
  const catalogue = {
    texts: readers,
    languages: languageChoices(readers),
    phrases: Object.fromEntries(phrases.byLanguage),
  };
  return {
    files: new Map<string, Buffer>([
      ...(await filesIn(assetPath('page'))),
      ...texts.map(([name, content]): NamedFile => [`texts-${name}`, content]),
      ...(await filesIn(CLIENT_FOLDER)),
      [SDK_BUNDLE, await readFile(bundle)],
      ['catalogue.json', Buffer.from(JSON.stringify(catalogue))],
    ]),
    phrases,
  };
}

async function filesIn(folder: string): Promise<NamedFile[]> {
  const names = (await readdir(folder)).filter(
    (name) => extname(name) in CONTENT_TYPES && name !== 'tsconfig.json',
  );
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

/** Whether a browser asks for a page to show: a program that asks without a word gets plain text and JSON. */
export function wantsPage({ headers }: IncomingMessage): boolean {
  return /\btext\/html\b/i.test(headers.accept ?? '');
}

/** The page, which finds out by itself what it is to show: where to start, a meeting, or that there is none. */
export function answerPage(
  request: IncomingMessage,
  response: ServerResponse,
  { files }: PageFiles,
  status = 200,
): void {
  answerFile(response, files, PAGE, securityHeaders(request.headers.host ?? ''), status);
}

export function answerAsset(response: ServerResponse, { files }: PageFiles, name: string): void {
  if (name === PAGE) throw REFUSALS.gone('file'); // the page has its own address, and its own headers
  answerFile(response, files, name, {});
}

/** `GET /phrases/<language>/<id>`: the recording of a sample phrase. */
export async function answerPhrase(
  response: ServerResponse,
  { phrases }: PageFiles,
  language: string,
  id: string,
): Promise<void> {
  const audio = await phrases.audio(language, id);
  if (audio === undefined) throw REFUSALS.gone('phrase');
  sendBody(response, 200, audio, { 'content-type': 'audio/wav' });
}

function answerFile(
  response: ServerResponse,
  files: ReadonlyMap<string, Buffer>,
  name: string,
  headers: Readonly<Record<string, string>>,
  status = 200,
): void {
  const file = files.get(name);
  if (file === undefined) throw REFUSALS.gone('file');
  const contentType = CONTENT_TYPES[extname(name)] ?? 'application/octet-stream';
  sendBody(response, status, file, { 'content-type': contentType, ...headers });
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

/** `POST /new`: makes a meeting for whoever opened the start page; `{ meetingId }`. */
export async function answerNewMeeting(
  request: IncomingMessage,
  response: ServerResponse,
  { registry }: PageServices,
  nowMs: number,
): Promise<void> {
  requireOwnPage(request);
  await readJson(request);
  sendJson(response, 200, { meetingId: registry.createForPage(nowMs).roomId });
}

/** `GET /<meetingId>/languages`: those of the meeting, as far as they are known now, `{ languages }`. */
export function answerLanguages(
  response: ServerResponse,
  record: RoomRecord,
  { signalling }: PageServices,
): void {
  sendJson(response, 200, { languages: meetingLanguages(signalling, record) });
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
