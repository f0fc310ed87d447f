/** The three examples of Stream's page about OpenAI Realtime, word for word: only what `require` gives them is ours. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/clock.js';
import {
  connectRealtime,
  MeetingClient,
  type MeetingPlatform,
  type RealtimeClient,
} from '../../src/index.js';
import { createLogger } from '../../src/log.js';
import { FakeMeeting } from '../../src/room/testing/fake-meeting.js';
import { MemoryRoom } from '../../src/room/testing/memory-room.js';
import { backendOver } from '../realtime/backend-over.js';
import { ScriptedServer } from '../realtime/scripted-transport.js';
import { sentOf, settle } from './fixture.js';

const example = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'vendor-example', `${name}.txt`), 'utf8');

/** Runs an example, which finds these names; returns what `result` is then. */
function run(name: string, given: Readonly<Record<string, unknown>>, result: string): Promise<unknown> {
  const body = `return (async () => {\n${example(name)}\nreturn ${result};\n})();`;
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- the example is text
  return new Function(...Object.keys(given), body)(...Object.values(given)) as Promise<unknown>;
}

/** Meetings in memory, a scripted server in OpenAI's place, and what an example is given of them. */
function world() {
  const clock = new VirtualClock({ epochOriginMs: Date.UTC(2026, 10, 30) });
  const hall = new FakeMeeting({ clock });
  const server = new ScriptedServer();
  const logged: string[] = [];
  const log = createLogger({ level: 'warn', sink: { write: (line) => logged.push(line) } });
  const asked: { keys: string[]; models: string[]; places: unknown[] } = { keys: [], models: [], places: [] };
  const platform: Pick<MeetingPlatform, 'openRoom'> = {
    openRoom: ({ meetingId, name, participantId }) => {
      asked.places.push({ meetingId, name, participantId });
      return Promise.resolve(new MemoryRoom({ meeting: hall, participantId: participantId!, name }));
    },
  };
  class StreamClient extends MeetingClient {
    constructor(apiKey: string, secret: string) {
      super(apiKey, secret, {
        platform: platform as MeetingPlatform,
        clock,
        log,
        backend: (key) => {
          asked.keys.push(key);
          return backendOver(({ model }) => {
            asked.models.push(model);
            return server.open;
          });
        },
      });
    }
  }
  const require = (name: string): object => {
    expect(name).toBe('@stream-io/node-sdk');
    return { StreamClient };
  };
  return { clock, hall, server, asked, require, log, logged };
}

describe('the examples', () => {
  it('an agent is connected', async () => {
    const { asked, require, server, logged } = world();
    const client = (await run('connect', { require }, 'realtimeClient')) as RealtimeClient;
    expect(asked).toEqual({
      keys: ['your-openai-api-key'],
      models: ['gpt-realtime-2.1'], // the one that is named was shut down
      places: [{ meetingId: 'call-id', name: 'lucy', participantId: 'parley-lucy' }],
    });
    expect(logged).toEqual([
      expect.stringContaining('the model gpt-4o-realtime-preview was shut down on 2026-05-07'),
    ]);
    expect(sentOf(server, 'session.update').at(-1)).toMatchObject({
      session: { instructions: 'You are a helpful assistant that can answer questions and help with tasks.' },
    });
    await client.disconnect();
  });

  it('it is configured, and its tool runs', async () => {
    const { require, server } = world();
    const names = (await run(
      'connect',
      { require },
      '{ streamClient, call, openAiApiKey, realtimeClient }',
    )) as {
      realtimeClient: RealtimeClient;
    };
    await names.realtimeClient.disconnect();
    const rest = Object.fromEntries(Object.entries(names).filter(([name]) => name !== 'realtimeClient'));
    const tickets: unknown[] = [];
    const createTicketInSystem = (...ticket: unknown[]): Promise<{ id: string }> => {
      tickets.push(ticket);
      return Promise.resolve({ id: 'T-1' });
    };
    const client = (await run(
      'configure',
      { ...rest, createTicketInSystem },
      'realtimeClient',
    )) as RealtimeClient;
    const [, voice, instructions, tools] = sentOf(server, 'session.update');
    expect(voice).toMatchObject({ session: { audio: { output: { voice: 'alloy' } } } });
    expect(instructions).toMatchObject({
      session: { instructions: expect.stringContaining('named Nova') as string },
    });
    expect(tools).toMatchObject({
      session: { tools: [{ type: 'function', name: 'submit_support_ticket' }] },
    });
    expect(server.connection.sent.slice(-2)).toMatchObject([
      {
        type: 'conversation.item.create',
        item: { role: 'user', content: [{ type: 'input_text', text: 'How are you?' }] },
      },
      { type: 'response.create' },
    ]);

    const item = {
      id: 'item_1',
      type: 'function_call',
      call_id: 'call_1',
      name: 'submit_support_ticket',
      arguments: '',
    };
    server.connection.responseCreated('resp_1');
    server.connection.say({ type: 'conversation.item.added', item });
    server.connection.say({
      type: 'response.output_item.done',
      response_id: 'resp_1',
      output_index: 0,
      item: {
        ...item,
        status: 'completed',
        arguments: '{"customer_name":"Ana","email":"a@example.com","issue":"none"}',
      },
    });
    server.connection.responseDone('resp_1');
    await settle();
    expect(tickets).toEqual([['Ana', 'a@example.com', 'none']]);
    expect(server.connection.sent.slice(-2)).toMatchObject([
      {
        item: {
          type: 'function_call_output',
          call_id: 'call_1',
          output: '{"success":true,"ticket_id":"T-1"}',
        },
      },
      { type: 'response.create' },
    ]);
    await client.disconnect();
  });

  it('it tells what happens in the conversation and in the call', async () => {
    const { clock, hall, server, log, logged } = world();
    const room = new MemoryRoom({ meeting: hall, participantId: 'parley-lucy', name: 'lucy' });
    const backend = backendOver(() => server.open);
    const realtimeClient = await connectRealtime({ room, clock, log, backend });
    const printed: unknown[][] = [];
    const console = { log: (...what: unknown[]) => printed.push(what) };
    await run('listen', { realtimeClient, console }, 'undefined');
    const { item } = server.connection.of('conversation.item.create')[0]!;
    server.connection.say({ type: 'conversation.item.added', item: { id: 'item_1', ...(item as object) } });
    const ana = hall.enter({ id: 'ana', name: 'Ana' });
    clock.advanceBy(10);
    ana.leave();
    hall.remove('parley-lucy', { kind: 'room_closed', message: 'the meeting was ended' });
    expect(printed.map(([text]) => text)).toEqual([
      'received conversation.updated',
      'Participant joined: ana',
      'Participant left: ana',
      'Call ended, disconnecting...',
    ]);
    // One of its listeners names a variable that is not there: that is counted, and harms nothing.
    expect(realtimeClient.metrics().find(({ name }) => name === 'client_listener_errors')?.value).toBe(1);
    expect(logged).toEqual([expect.stringContaining('ReferenceError: event is not defined')]);
    expect(realtimeClient.isConnected()).toBe(false);
  });
});
