/** What happens in a meeting on another machine of the service. */
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:tls';
import { z } from 'zod';
import type { BotEvent } from '../../bot/event-log.js';
import type { FeedCopy, Position } from '../events/live-feed.js';
import { readServerSentEvents } from '../events/server-sent-events.js';
import { parsePeerAddress, peerClientTls } from './peer-connection.js';

/** The machine is pinged by its streams every 15 s. */
const SILENT_MS = 40_000;
const CONNECT_MS = 1_500;

/** What another machine tells, in its order; `copy` comes first. */
export type PeerMessage =
  | { readonly type: 'copy'; readonly copy: FeedCopy }
  | { readonly type: 'event'; readonly at: Position; readonly event: BotEvent }
  | { readonly type: 'bot' | 'change'; readonly data: object };

/** Opens the feed of a bot on a machine. The iteration rejects where the machine cannot be reached or the feed breaks. */
export type OpenPeerFeed = (
  address: string,
  botId: string,
  signal: AbortSignal,
) => AsyncIterable<PeerMessage>;

const position = z.object({ epoch: z.int().nonnegative(), seq: z.int().nonnegative() });
/** It comes from a process of ours, which has proved that: of what it says only the shape is looked at. */
const copyOf = z.object({
  snapshot: z.looseObject({
    people: z.array(z.looseObject({ id: z.string() })),
    speaking: z.array(z.string()),
    captions: z.array(z.looseObject({ segmentId: z.string() })),
    routes: z.array(z.looseObject({ speakerId: z.string() })),
  }),
  last: position,
  kept: z.array(position.extend({ event: z.looseObject({ type: z.string(), text: z.string() }) })),
});
const toldOf = z.looseObject({});
const eventOf = position.extend({ type: z.string() }).loose();

/** Feeds of other machines, with the service's secret. */
export function peerFeeds(serviceSecret: string): OpenPeerFeed {
  const tls = peerClientTls(serviceSecret);
  return async function* open(address, botId, signal) {
    const { host, port } = parsePeerAddress(address);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request({
        ...{ host, port, path: `/feeds/${botId}`, signal },
        createConnection: () => connect({ ...tls, host, port, timeout: CONNECT_MS }),
      });
      asked.setTimeout(CONNECT_MS, () => asked.destroy(new Error('the machine does not answer')));
      asked.once('response', resolve);
      asked.once('error', reject);
      asked.end();
    });
    response.setTimeout(SILENT_MS, () => response.destroy(new Error('the machine says nothing any more')));
    try {
      if (response.statusCode !== 200)
        throw new Error(`the machine answers ${response.statusCode ?? 0}: the meeting is not there`);
      for await (const { type, data } of readServerSentEvents(response)) {
        const json: unknown = JSON.parse(data);
        if (type === 'copy') yield { type, copy: copyOf.parse(json) as unknown as FeedCopy };
        else if (type === 'bot' || type === 'change') yield { type, data: toldOf.parse(json) };
        else if (type === 'slow') throw new Error('too much was waiting to be read');
        else {
          const { epoch, ...event } = eventOf.parse(json);
          yield { type: 'event', at: { epoch, seq: event.seq }, event: event as unknown as BotEvent };
        }
      }
    } finally {
      response.destroy();
    }
  };
}
