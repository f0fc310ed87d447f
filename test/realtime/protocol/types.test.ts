/**
 * Our types against those of the openai package. tsc does the comparing: a field added, lost, renamed or retyped on
 * either side does not compile.
 */
import type * as OpenAI from 'openai/resources/realtime/realtime';
import { describe, expect, it } from 'vitest';
import type { RealtimeClientEvent } from '../../../src/realtime/protocol/client-events.js';
import type { ClientItem } from '../../../src/realtime/protocol/items.js';
import type { RealtimeResponse, ResponseUsage } from '../../../src/realtime/protocol/responses.js';
import type { RealtimeServerEvent } from '../../../src/realtime/protocol/server-events.js';
import type { AudioFormat, TurnDetection } from '../../../src/realtime/protocol/session-config.js';

/** The reference marks these optional even where an event is of no use without them; we ask for them. */
type Identified<T> = T extends string
  ? T
  : T extends readonly (infer Element)[]
    ? Identified<Element>[]
    : T extends object
      ? { [K in keyof T as K extends 'type' | 'id' | 'name' ? never : K]: Identified<T[K]> } & {
          [K in keyof T as K extends 'type' | 'id' | 'name' ? K : never]-?: Identified<T[K]>;
        }
      : T;

/** The reference says in prose, not in its types, where null is sent: clearing a setting, a value not there yet. */
type WithoutNull<T> = T extends string
  ? T
  : T extends readonly (infer Element)[]
    ? WithoutNull<Element>[]
    : T extends object
      ? { [K in keyof T]: Exclude<WithoutNull<T[K]>, null> }
      : T;

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Of<Event, Type> = Extract<Event, { type: Type }>;
type Keys<T> = T extends unknown ? keyof T : never;
/** Every entry true, or the names of those that are not. */
type Failing<Checks> = { [Name in keyof Checks]: Checks[Name] extends true ? never : Name }[keyof Checks];

/** The form of `response.create` that may refer to items is a type of its own in the reference. */
type OpenAIClientEvent =
  | Exclude<OpenAI.RealtimeClientEvent, { type: 'response.create' }>
  | OpenAI.ResponseCreateEventWithReferencesParam;
type OpenAISession = OpenAI.RealtimeSessionCreateRequest;

/** Parts of our events. */
type ServerError = Of<RealtimeServerEvent, 'error'>['error'];
type ServerItem = Of<RealtimeServerEvent, 'conversation.item.created'>['item'];
type ReportedSession = Of<Of<RealtimeServerEvent, 'session.created'>['session'], 'realtime'>;
type SessionUpdate = Of<Of<RealtimeClientEvent, 'session.update'>['session'], 'realtime'>;
type CreateParams = NonNullable<Of<RealtimeClientEvent, 'response.create'>['response']>;

type ServerTypes = OpenAI.RealtimeServerEvent['type'];
type ClientTypes = OpenAIClientEvent['type'];

type Checks = {
  serverEventNames: Same<ServerTypes, RealtimeServerEvent['type']>;
  clientEventNames: Same<ClientTypes, RealtimeClientEvent['type']>;
  audioFormats: Same<AudioFormat, Identified<OpenAI.RealtimeAudioFormats>>;
  turnDetection: Same<TurnDetection, OpenAI.RealtimeAudioInputTurnDetection>;
  error: Same<ServerError, OpenAI.RealtimeError>;
  usage: Same<ResponseUsage, OpenAI.RealtimeResponseUsage>;
  usageKeys: Same<keyof ResponseUsage, keyof OpenAI.RealtimeResponseUsage>;
  responseKeys: Same<keyof RealtimeResponse, keyof OpenAI.RealtimeResponse>;
  createKeys: Same<keyof CreateParams, keyof OpenAI.RealtimeResponseCreateParams>;
  sessionKeys: Same<keyof SessionUpdate, keyof OpenAISession>;
  inputKeys: Same<
    keyof NonNullable<NonNullable<SessionUpdate['audio']>['input']>,
    keyof OpenAI.RealtimeAudioConfigInput
  >;
  outputKeys: Same<
    keyof NonNullable<NonNullable<SessionUpdate['audio']>['output']>,
    keyof OpenAI.RealtimeAudioConfigOutput
  >;
  reportedKeys: Same<keyof ReportedSession, keyof OpenAISession | 'id' | 'object' | 'expires_at'>;
  itemTypes: Same<ServerItem['type'], OpenAI.ConversationItem['type']>;
};

/** What the reference lets a server say, our types take. */
type ServerSays = {
  [Type in ServerTypes]: Identified<Of<OpenAI.RealtimeServerEvent, Type>> extends Of<
    RealtimeServerEvent,
    Type
  >
    ? true
    : false;
};
/** What our types let us say, the reference takes. */
type WeSay = {
  [Type in ClientTypes]: WithoutNull<Of<RealtimeClientEvent, Type>> extends Of<OpenAIClientEvent, Type>
    ? true
    : false;
};
/** What the reference lets a client say, our server's types take. */
type ClientSays = {
  [Type in ClientTypes]: Identified<Of<OpenAIClientEvent, Type>> extends Of<RealtimeClientEvent, Type>
    ? true
    : false;
};
type ServerKeys = {
  [Type in ServerTypes]: Same<
    keyof Of<OpenAI.RealtimeServerEvent, Type>,
    keyof Of<RealtimeServerEvent, Type>
  >;
};
type ClientKeys = {
  [Type in ClientTypes]: Same<keyof Of<OpenAIClientEvent, Type>, keyof Of<RealtimeClientEvent, Type>>;
};
type ItemKeys = {
  [Type in OpenAI.ConversationItem['type']]: Same<
    Keys<Of<OpenAI.ConversationItem, Type>>,
    Keys<Of<ClientItem, Type>>
  >;
};

/** The comparison itself can fail: these are wrong on purpose. */
type Deliberate = {
  renamed: Same<keyof OpenAI.ResponseCancelEvent, 'type' | 'event_id' | 'responseId'>;
  retyped: { type: 'response.cancel'; response_id: number } extends Of<RealtimeClientEvent, 'response.cancel'>
    ? true
    : false;
  misspelt: Same<RealtimeServerEvent['type'], Exclude<ServerTypes, 'error'> | 'eror'>;
};
const deliberate: Failing<Deliberate>[] = ['renamed', 'retyped', 'misspelt'];

/** Compiles only without an argument where nothing differs; tsc's message names what does. */
function nothingDiffers<Names>(...differing: [Names] extends [never] ? [] : [Names]): number {
  return differing.length;
}

describe('our types and those of the openai package', () => {
  it('differ nowhere, by tsc', () => {
    const differing = [
      nothingDiffers<Failing<Checks>>(),
      nothingDiffers<Failing<ServerSays>>(),
      nothingDiffers<Failing<WeSay>>(),
      nothingDiffers<Failing<ClientSays>>(),
      nothingDiffers<Failing<ServerKeys>>(),
      nothingDiffers<Failing<ClientKeys>>(),
      nothingDiffers<Failing<ItemKeys>>(),
    ];
    expect(differing).toEqual([0, 0, 0, 0, 0, 0, 0]);
    expect(deliberate).toHaveLength(3);
  });
});
