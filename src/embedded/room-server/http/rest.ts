/** The HTTP half of VideoSDK that its SDKs use: init-config before a client connects, and rooms. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../clock.js';
import { sendBody, sendJson } from '../../http/http-answers.js';
import type { RoomFaultState } from '../faults.js';
import { Refusal, REFUSALS } from '../signalling/refusal.js';
import { readJson } from '../signalling/replies.js';
import type { RoomRecord, RoomRegistry } from '../room-registry.js';
import { requireRole, type TokenClaims, type TokenIssuer } from '../tokens.js';

export type RestServices = {
  clock: Clock;
  faults: RoomFaultState;
  registry: RoomRegistry;
  tokens: TokenIssuer;
};

/** The token stands in `Authorization` as it is, without `Bearer`. */
async function claimsOf(request: IncomingMessage, tokens: TokenIssuer): Promise<TokenClaims> {
  const token = request.headers.authorization;
  if (token === undefined || token === '') throw REFUSALS.invalidToken('there is none');
  return tokens.check(token);
}

/**
 * `POST /infra/v1/meetings/init-config`. Telemetry is off, and there are no ICE servers to tell: the SDK takes the empty
 * text, which is no valid cipher, as none.
 */
export async function answerInitConfig(
  request: IncomingMessage,
  response: ServerResponse,
  { faults, registry, tokens }: RestServices,
): Promise<void> {
  const garbled = faults.strike('garbleInitConfig');
  if (garbled !== undefined) {
    const body = garbled.kind === 'not_json' ? '<html>502 Bad Gateway</html>' : '{"data":{}}';
    sendBody(response, 200, body, { 'content-type': 'application/json' });
    return;
  }
  const failure = faults.strike('failInitConfig');
  if (failure !== undefined) {
    throw new Refusal(failure.status, failure.code ?? 5000, failure.message ?? 'Refused on request.');
  }
  if (faults.strike('refuseTokens') !== undefined) throw REFUSALS.invalidToken('it is refused on request');
  if (faults.strike('refuseMeetings') !== undefined) throw REFUSALS.invalidMeetingId();
  const claims = await claimsOf(request, tokens);
  requireRole(claims, 'rtc');
  const { roomId } = await readJson(request);
  const record = typeof roomId === 'string' ? registry.find(roomId) : undefined;
  if (record === undefined) throw REFUSALS.invalidMeetingId();
  if (claims.roomId !== undefined && registry.find(claims.roomId) !== record) throw REFUSALS.otherMeeting();
  const host = request.headers.host;
  sendJson(response, 200, {
    data: {
      baseUrl: host,
      socketUrl: host,
      socketPath: '',
      signalingUrl: null,
      iceServers: '',
      observability: {
        jwt: '',
        metaData: { userId: '', email: '' },
        traces: { enabled: false, endPoint: '' },
        logs: { enabled: false, endPoint: '' },
      },
    },
  });
}

function describe({ roomId, customRoomId, createdAtMs }: RoomRecord) {
  const createdAt = new Date(createdAtMs).toISOString();
  return {
    id: roomId,
    roomId,
    customRoomId: customRoomId ?? null,
    disabled: false,
    createdAt,
    updatedAt: createdAt,
  };
}

/** `POST /v2/rooms {customRoomId?}`; the same custom id gives the same room. */
export async function answerCreateRoom(
  request: IncomingMessage,
  response: ServerResponse,
  { clock, registry, tokens }: RestServices,
): Promise<void> {
  requireRole(await claimsOf(request, tokens), 'crawler');
  const { customRoomId } = await readJson(request);
  if (customRoomId !== undefined && typeof customRoomId !== 'string') {
    throw REFUSALS.badRequest('customRoomId must be a text.');
  }
  sendJson(response, 200, describe(registry.create(clock.epochMs(), customRoomId)));
}

/** `GET /v2/rooms/validate/<id>`: 404 when there is no such room. */
export async function answerValidateRoom(
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
  { registry, tokens }: RestServices,
): Promise<void> {
  requireRole(await claimsOf(request, tokens), 'crawler');
  const record = registry.find(id);
  if (record === undefined) throw new Refusal(404, 4003, 'There is no room of this id.');
  sendJson(response, 200, describe(record));
}
