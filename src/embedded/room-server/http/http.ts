/** What answers plain requests, by path. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../../../errors.js';
import { sendText } from '../../http/http-answers.js';
import {
  answerAsset,
  answerBots,
  answerLanguages,
  answerNewMeeting,
  answerPage,
  answerPageToken,
  answerPhrase,
  type PageServices,
  wantsPage,
} from './meeting-page.js';
import { Refusal, REFUSALS } from '../signalling/refusal.js';
import { sendRefusal } from '../signalling/replies.js';
import { answerCreateRoom, answerInitConfig, answerValidateRoom, type RestServices } from './rest.js';

export type HttpServices = RestServices & PageServices;

const ABOUT = `Parley's embedded room: a stand-in for tests and demos that speaks the protocol of VideoSDK.
Open / or /<meetingId> with a browser to join a meeting.
`;

/** Answers a request whose Host and Origin have been checked. Never rejects. */
export async function answerHttp(
  request: IncomingMessage,
  response: ServerResponse,
  services: HttpServices,
): Promise<void> {
  try {
    await route(request, response, services);
  } catch (error) {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    sendRefusal(response, error instanceof Refusal ? error : new Refusal(500, 5000, messageOf(error)));
  } finally {
    request.resume(); // what was not read is let go
  }
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  services: HttpServices,
): Promise<void> {
  const path = (request.url ?? '/').replace(/[?#].*$/s, '');
  const segments = path.split('/').slice(1);
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const posts = request.method === 'POST';
  const [first = '', second] = segments;
  if (reads && path === '/') {
    if (wantsPage(request)) answerPage(request, response, services.page);
    else sendText(response, 200, ABOUT);
  } else if (reads && path === '/ping') {
    sendText(response, 200, 'pong');
  } else if (posts && path === '/infra/v1/meetings/init-config') {
    await answerInitConfig(request, response, services);
  } else if (posts && path === '/v2/rooms') {
    await answerCreateRoom(request, response, services);
  } else if (reads && segments.length === 4 && path.startsWith('/v2/rooms/validate/')) {
    await answerValidateRoom(request, response, segments[3] ?? '', services);
  } else if (reads && segments.length === 2 && first === 'assets') {
    answerAsset(response, services.page, second ?? '');
  } else if (reads && segments.length === 3 && first === 'phrases') {
    await answerPhrase(response, services.page, second ?? '', segments[2] ?? '');
  } else if (posts && path === '/new') {
    await answerNewMeeting(request, response, services, services.clock.epochMs());
  } else {
    await routeMeeting(request, response, services, { first, second, length: segments.length });
  }
}

async function routeMeeting(
  request: IncomingMessage,
  response: ServerResponse,
  services: HttpServices,
  { first, second, length }: { first: string; second: string | undefined; length: number },
): Promise<void> {
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const record = services.registry.find(first);
  if (record === undefined) {
    if (!reads || !wantsPage(request)) throw REFUSALS.gone(length === 1 ? 'meeting' : 'page');
    answerPage(request, response, services.page, 404); // whatever is wrong with the link, the page says so
  } else if (reads && length === 2 && second === '' && wantsPage(request)) {
    response.writeHead(308, { location: `/${first}` }).end();
  } else if (reads && length === 1) {
    answerPage(request, response, services.page);
  } else if (request.method === 'POST' && length === 2 && second === 'token') {
    await answerPageToken(request, response, record, services);
  } else if (reads && length === 2 && second === 'bots') {
    answerBots(response, record, services);
  } else if (reads && length === 2 && second === 'languages') {
    answerLanguages(response, record, services);
  } else {
    throw REFUSALS.gone('page');
  }
}
