/** A bot's events as they happen: server-sent events. */
import { z } from 'zod';
import { actorOf } from '../../auth/scopes.js';
import { positionOf, STREAM_TYPES } from '../../events/live-feed.js';
import { eventText } from '../../events/event-stream.js';
import type { ServiceParts } from '../../service-parts.js';
import { Problem } from '../problem.js';
import { type Route, route } from '../route.js';
import { botPath } from './bot-schemas.js';
import { botOf } from './bot-views.js';
import { botOfCall } from './bots.js';

const OVER = ['ended', 'failed', 'cancelled'];
const STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

const types = z
  .string()
  .max(300)
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(STREAM_TYPES)));

export function eventRoutes(parts: ServiceParts): Route[] {
  const { feeds } = parts;
  return [
    route(
      {
        ...{
          method: 'GET',
          path: '/v1/bots/{botId}/events',
          id: 'streamEvents',
          tag: 'Bots',
          scope: 'bots:read',
        },
        summary: 'Streams what happens in the meeting',
        description:
          'Server-sent events: `snapshot` first, then `bot` (a new state), `change` (what became of a change), and every event of the meeting, such as `caption`, `joined`, `playback`, `status`. Ids are `<epoch>-<seq>`; send the last one as `Last-Event-ID` to go on behind it. `lost` says that some are not kept any more. A reader that takes too long is closed with `slow`. When the bot is over, the stream ends, and asking again answers 204.',
        params: botPath,
        query: z.strictObject({
          types: z
            .exactOptional(types)
            .meta({ description: 'Which events, such as `caption,bot`; all by default.' }),
        }),
        answerTypes: ['text/event-stream'],
        otherStatuses: { 204: 'The bot is over, and nothing more comes.' },
        problems: ['too_many_streams'],
      },
      async (call) => {
        const found = await botOfCall(parts, call);
        await parts.followed?.follow(found);
        // As it is now: that may have taken a moment.
        const row = parts.followed === undefined ? found : await botOfCall(parts, call);
        const lastId = call.request.headers.get('last-event-id');
        const after = lastId === null ? undefined : positionOf(lastId);
        if (lastId !== null && lastId !== '' && after === undefined) {
          const problem = 'is no id of this stream';
          throw new Problem('invalid_request', `Last-Event-ID ${problem}`, {
            errors: [{ path: 'header.Last-Event-ID', problem }],
          });
        }
        const about = botOf(row);
        if (OVER.includes(row.state)) {
          // A browser connects again for ever, until it is told that there is nothing.
          if (lastId !== null) return new Response(null, { status: 204 });
          return new Response(eventText('snapshot', { bot: about }, '0-0'), { headers: STREAM_HEADERS });
        }
        const stream = feeds.open(row.id, {
          ...{ caller: actorOf(call.caller), about, after },
          types: call.query.types,
        });
        return new Response(stream, { headers: STREAM_HEADERS });
      },
    ),
  ];
}
