/** The messages of pubSub as bytes, by `pubsub.proto`, which is compiled when the first server starts. */
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { z } from 'zod';
import { assetPath } from '../http/assets.js';

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

const clientMessageSchema = z.object({
  subscribe: z.object({ topic: z.string(), oldMessageLimit: z.number(), requestId: z.string() }).optional(),
  unsubscribe: z.object({ topic: z.string(), requestId: z.string() }).optional(),
  publish: z
    .object({
      topic: z.string(),
      payload: bytes,
      message: z.string(),
      sendOnly: z.array(z.string()),
      persist: z.boolean(),
      messageId: z.string(),
      requestId: z.string(),
    })
    .optional(),
  getHistory: z.object({ requestId: z.string() }).optional(),
  pong: z.object({}).optional(),
});

/** What a client asks for: one of the fields. */
type PubSubClientMessage = z.infer<typeof clientMessageSchema>;
export type PublishRequest = NonNullable<PubSubClientMessage['publish']>;

/** A message as the server hands it on. `seqNum` 0: outside the numbering from which clients tell that they missed some. */
type PubSubServerMessage = {
  message: string;
  payload: Uint8Array;
  timestamp: string;
  senderId: string;
  senderName: string;
  persistMsgId: string;
  messageId: string;
  sendOnly: readonly string[];
  seqNum: number;
};

type PubSubEnvelope =
  | {
      batch: {
        topic: string;
        payloads: readonly Uint8Array[];
        batchType: 'realtime' | 'old-messages';
        startSeq?: number;
        endSeq?: number;
        isLast: boolean;
        batchSeq?: number;
        requestId?: string;
      };
    }
  | { ack: { requestId: string; ok: boolean; error?: string; messageId?: string } }
  | { welcome: { pingIntervalMs: number } }
  | { ping: { seq: number } };

type Types = { client: protobuf.Type; envelope: protobuf.Type; message: protobuf.Type };
let types: Types | undefined;

function loadTypes(): Types {
  const { root } = protobuf.parse(readFileSync(assetPath('pubsub.proto'), 'utf8'));
  const type = (name: string): protobuf.Type => root.lookupType(`pubsub.${name}`);
  return { client: type('ClientMessage'), envelope: type('ServerEnvelope'), message: type('ServerMessage') };
}

const loaded = (): Types => (types ??= loadTypes());

/** Undefined for bytes that are no such message. */
export function decodeClientMessage(data: Uint8Array): PubSubClientMessage | undefined {
  const { client } = loaded();
  try {
    const decoded: unknown = client.toObject(client.decode(data), { defaults: true, arrays: true });
    const parsed = clientMessageSchema.safeParse(decoded);
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export function encodeEnvelope(envelope: PubSubEnvelope): Uint8Array {
  const { envelope: type } = loaded();
  return type.encode(type.fromObject(envelope)).finish();
}

export function encodeServerMessage(message: PubSubServerMessage): Uint8Array {
  const { message: type } = loaded();
  return type.encode(type.fromObject(message)).finish();
}
