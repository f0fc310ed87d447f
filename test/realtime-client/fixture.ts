/** A client over a scripted server, without a room, with everything that it tells recorded. */
import { VirtualClock } from '../../src/clock.js';
import { createLogger } from '../../src/log.js';
import { connectRealtime, type ConnectRealtimeOptions } from '../../src/realtime-client/connect-realtime.js';
import type { RealtimeClient } from '../../src/realtime-client/client.js';
import type { RealtimeClientEvents } from '../../src/realtime-client/client-events.js';
import type { ItemDelta, RealtimeItem } from '../../src/realtime-client/items.js';
import { backendOver } from '../realtime/backend-over.js';
import { ScriptedServer, type ScriptedServerOptions } from '../realtime/scripted-transport.js';

export const NAMES = [
  'conversation.updated',
  'conversation.item.appended',
  'conversation.item.completed',
  'conversation.interrupted',
  'error',
  'close',
  'call.session_participant_joined',
  'call.session_participant_left',
  'call.session_ended',
  'call.ended',
  'custom',
] as const satisfies readonly (keyof RealtimeClientEvents)[];

/** What was told, in order: the event's name, and what is of interest in it. */
export type Told = readonly [name: string, what?: unknown];

export type ClientFixture = {
  client: RealtimeClient;
  server: ScriptedServer;
  clock: VirtualClock;
  told: Told[];
  logged: string[];
};

export async function makeClient(
  options: Omit<Partial<ConnectRealtimeOptions>, 'room' | 'platform' | 'meetingId'> = {},
  serverOptions: ScriptedServerOptions = {},
): Promise<ClientFixture> {
  const clock = new VirtualClock();
  const server = new ScriptedServer(serverOptions);
  const logged: string[] = [];
  const client = await connectRealtime({
    backend: backendOver(() => server.open),
    clock,
    log: collector(logged),
    ...options,
  });
  return { client, server, clock, told: tellingOf(client), logged };
}

/** Collects messages of log lines. */
export function collector(logged: string[]): ReturnType<typeof createLogger> {
  const sink = {
    write: (line: string): void => {
      logged.push((JSON.parse(line) as { msg: string }).msg);
    },
  };
  return createLogger({ level: 'warn', sink });
}

/** Everything that a client tells from now on. */
export function tellingOf(client: RealtimeClient): Told[] {
  const told: Told[] = [];
  for (const name of NAMES)
    client.on(name, (event: unknown) => {
      told.push(summaryOf(name, event));
    });
  return told;
}

function summaryOf(name: string, event: unknown): Told {
  if (typeof event !== 'object' || event === null || !('item' in event)) return [name, event];
  const { item, delta } = event as { item: RealtimeItem; delta?: ItemDelta | null };
  return [name, { ...itemOf(item), ...(delta === undefined ? {} : { delta: withoutSamples(delta) }) }];
}

/** An item as tests compare it: sound by its length. */
export function itemOf({ id, type, status, formatted }: RealtimeItem): object {
  return { id, type, status, formatted: withoutSamples(formatted) };
}

function withoutSamples(value: object | null): unknown {
  if (value === null) return null;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]: [string, unknown]) => [
      name,
      field instanceof Int16Array ? field.length : structuredClone(field),
    ]),
  );
}

/** Lets everything that is on its way arrive. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Client events of a type on the connection opened last, without their ids. */
export function sentOf(server: ScriptedServer, type: string): object[] {
  return server.connection
    .of(type)
    .map((event) => Object.fromEntries(Object.entries(event).filter(([name]) => name !== 'event_id')));
}
