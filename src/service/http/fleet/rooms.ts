/** Rooms and access tokens of the services that have meetings. */
import { z } from 'zod';
import { isMeetingId } from '../../../room/meeting-id.js';
import { BOT_ID_PREFIX } from '../../../room/room.js';
import type { MeetingPlace } from '../../meetings/places.js';
import type { ServiceParts } from '../../service-parts.js';
import { present } from '../bots/bot-views.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';

const TAG = 'Rooms';
const MAX_MINUTES = 24 * 60;
const id = z.string().refine(isMeetingId, 'is made of 1 to 128 letters, digits and . _ ~ -');
const place = z
  .exactOptional(z.enum(['videosdk', 'embedded']))
  .meta({ description: 'Absent: the first that there is.' });
const room = z
  .object({
    place: z.string(),
    roomId: z.string(),
    customRoomId: z.string().optional(),
    page: z.string().optional().meta({ description: 'The page of the meeting, in the embedded room.' }),
  })
  .meta({ id: 'Room' });

export function roomRoutes({ places }: ServiceParts): Route[] {
  const placeOf = (name: MeetingPlace['name'] | undefined): MeetingPlace => {
    const found = name === undefined ? places.all[0] : places.all.find((each) => each.name === name);
    if (found === undefined)
      throw new Problem('invalid_request', `place: there is no ${name!} here`, {
        errors: [{ path: 'place', problem: `there is no ${name!} here` }],
      });
    return found;
  };
  const shown = (
    of: MeetingPlace,
    info: { roomId: string; customRoomId?: string },
  ): z.input<typeof room> => ({
    ...{ place: of.name, roomId: info.roomId },
    ...present({ customRoomId: info.customRoomId, page: of.pageOf(info.customRoomId ?? info.roomId) }),
  });
  return [
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/rooms',
          id: 'createRoom',
          tag: TAG,
          scope: 'bots:write',
          status: 201,
        },
        ...{
          summary: 'Makes a room, or finds the one of this custom id',
          answer: room,
          problems: ['key_refused'],
        },
        body: z.strictObject({ place, customRoomId: z.exactOptional(id) }),
      },
      async ({ body }) => {
        const of = placeOf(body.place);
        const info = await of.createRoom(body.customRoomId);
        return {
          headers: { location: `/v1/rooms/${encodeURIComponent(info.roomId)}` },
          json: shown(of, info),
        };
      },
    ),
    route(
      {
        ...{ method: 'GET', path: '/v1/rooms/{roomId}', id: 'getRoom', tag: TAG, scope: 'bots:read' },
        ...{
          summary: 'Looks a room up',
          answer: room,
          params: z.strictObject({ roomId: id }),
          problems: ['key_refused'],
        },
        query: z.strictObject({ place }),
      },
      async ({ params, query }) => {
        const wanted = query.place === undefined ? places.all : [placeOf(query.place)];
        for (const of of wanted) {
          const info = await of.findRoom(params.roomId);
          if (info !== undefined) return { json: shown(of, info) };
        }
        throw new Problem('not_found', `there is no room ${params.roomId}`);
      },
    ),
    route(
      {
        ...{
          method: 'POST',
          path: '/v1/tokens',
          id: 'createToken',
          tag: TAG,
          scope: 'bots:write',
          status: 201,
        },
        summary: 'Makes a token with which one participant can join one meeting',
        body: z.strictObject({
          meetingId: id,
          participantId: id.refine(
            (text) => !text.startsWith(BOT_ID_PREFIX),
            `cannot begin with ${BOT_ID_PREFIX}: bots are called so`,
          ),
          minutes: z.int().min(1).max(MAX_MINUTES).default(60),
          place,
        }),
        answer: z.object({ token: z.string(), meetingId: z.string(), participantId: z.string() }),
        ...{ secretAnswer: true, problems: ['key_refused'] },
      },
      async ({ body }) => {
        const { meetingId, participantId, minutes } = body;
        const token = await placeOf(body.place).createToken({
          meetingId,
          participantId,
          expiresInSeconds: minutes * 60,
        });
        return { json: { token, meetingId, participantId } };
      },
    ),
  ];
}
