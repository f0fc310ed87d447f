/** What every adapter of OpenTransport must do, whether a server, a recording or a script is behind it. */
import { describe, expect, it } from 'vitest';
import { AudioChunk, AudioMessage } from '../../src/realtime/uplink/audio-chunk.js';
import type { OpenTransport, RealtimeTransport, TransportClose } from '../../src/realtime/transport.js';

/** One step of the other side: it says something, waits for the client's next message, or closes. */
export type ScriptStep = { server: string } | { client: string } | { close: TransportClose };

/** Makes an adapter whose other side follows the script, step by step, on each line that is opened. */
export type ScriptedAdapter = (
  script: readonly ScriptStep[],
) => Promise<{ open: OpenTransport; dispose: () => Promise<void> }>;

type Heard = { messages: string[]; closes: TransportClose[] };

/** Runs the suite for one adapter. */
export function transportContract(name: string, adapt: ScriptedAdapter): void {
  /** Opens a line, collecting what it tells, and hands it to `body`. */
  const withConnection = async (
    script: readonly ScriptStep[],
    body: (connection: RealtimeTransport, heard: Heard) => Promise<void>,
    onMessage: (text: string, connection: () => RealtimeTransport | undefined) => void = () => undefined,
  ) => {
    const { open, dispose } = await adapt(script);
    const heard: Heard = { messages: [], closes: [] };
    let connection: RealtimeTransport | undefined;
    try {
      connection = await open({
        message: (text) => {
          heard.messages.push(text);
          onMessage(text, () => connection);
        },
        closed: (close) => heard.closes.push(close),
      });
      expect(heard).toEqual({ messages: [], closes: [] });
      await body(connection, heard);
    } finally {
      connection?.close();
      await dispose();
    }
  };

  describe(`transport contract: ${name}`, () => {
    it('delivers nothing before the connection is handed over, then all of it in order', async () => {
      const texts = Array.from({ length: 50 }, (_, n) => `{"n":${n}}`);
      await withConnection(
        texts.map((server) => ({ server })),
        async (_line, heard) => {
          await until(() => heard.messages.length === 50);
          expect(heard.messages).toEqual(texts);
        },
        (_text, connection) => {
          expect(connection()).toBeDefined();
        },
      );
    });

    it('hands each message over once, unchanged: empty, any script, a megabyte', async () => {
      const texts = [
        '',
        '{"text":"¿Dónde está la estación? 中文 🙂 \\u0000"}',
        `{"audio":"${'A'.repeat(1 << 20)}"}`,
      ];
      await withConnection(
        texts.map((server) => ({ server })),
        async (_line, heard) => {
          await until(() => heard.messages.length === texts.length);
          expect(heard.messages).toEqual(texts);
        },
      );
    });

    it('counts what was sent, and what was received once its handler has returned', async () => {
      const countsInHandler: (number | undefined)[] = [];
      await withConnection(
        [{ server: 'a' }, { client: '1' }, { client: '2' }, { server: 'b' }],
        async (connection, heard) => {
          await until(() => heard.messages.length === 1);
          expect([connection.sentCount, connection.receivedCount]).toEqual([0, 1]);
          connection.send('1');
          connection.send('2');
          expect(connection.sentCount).toBe(2);
          await until(() => heard.messages.length === 2);
          expect(connection.receivedCount).toBe(2);
          expect(countsInHandler).toEqual([0, 1]);
          await until(() => connection.bufferedAmountBytes === 0);
        },
        (_text, connection) => countsInHandler.push(connection()?.receivedCount),
      );
    });

    it('sends audio as the text of its message, and counts it', async () => {
      const audio = new AudioMessage('input_audio_buffer.append', [
        new AudioChunk(Int16Array.from([1, -1, 256]), 0, false, 0),
      ]);
      const text = '{"type":"input_audio_buffer.append","audio":"AQD//wAB"}';
      await withConnection(
        [{ client: text }, { server: 'a' }, { client: '1' }, { server: 'b' }],
        async (connection, heard) => {
          connection.sendAudio(audio);
          expect(connection.sentCount).toBe(1);
          await until(() => heard.messages.length === 1);
          connection.send('1');
          await until(() => heard.messages.length === 2);
          connection.close();
          connection.sendAudio(audio);
          expect(connection.sentCount).toBe(2);
        },
      );
    });

    it('goes on after a handler that throws', async () => {
      await withConnection(
        [{ server: 'a' }, { server: 'b' }, { client: '1' }, { server: 'c' }],
        async (connection, heard) => {
          await until(() => heard.messages.length === 2);
          connection.send('1');
          await until(() => heard.messages.length === 3);
          expect(connection.receivedCount).toBe(3);
          expect(heard.closes).toEqual([]);
        },
        () => {
          throw new Error('a listener failed');
        },
      );
    });

    it('tells that the other side closed, once and last, and takes no more', async () => {
      await withConnection(
        [{ server: 'a' }, { close: { code: 1001, reason: 'session expired' } }],
        async (connection, heard) => {
          await until(() => heard.closes.length > 0);
          expect(heard).toEqual({ messages: ['a'], closes: [{ code: 1001, reason: 'session expired' }] });
          connection.send('too late');
          connection.close();
          await turns();
          expect(connection.sentCount).toBe(0);
          expect(heard.closes).toHaveLength(1);
        },
      );
    });

    it('closes when it is told to, once, however often it is told', async () => {
      await withConnection([{ server: 'a' }, { client: 'never' }], async (connection, heard) => {
        await until(() => heard.messages.length === 1);
        connection.close(1000, 'done');
        connection.close();
        await until(() => heard.closes.length > 0);
        connection.send('too late');
        await turns();
        expect(heard.closes).toHaveLength(1);
        expect(heard.closes[0]?.code).toBe(1000);
        expect(connection.sentCount).toBe(0);
      });
    });

    it('opens several lines from one adapter, each with counts of its own', async () => {
      const { open, dispose } = await adapt([{ server: 'a' }, { client: '1' }, { server: 'b' }]);
      try {
        const connections = await Promise.all(
          [0, 1].map(async () => {
            const messages: string[] = [];
            const connection = await open({
              message: (text) => messages.push(text),
              closed: () => undefined,
            });
            return { connection, messages };
          }),
        );
        connections[0]!.connection.send('1');
        await until(() => connections[0]!.messages.length === 2 && connections[1]!.messages.length === 1);
        expect(connections.map(({ connection }) => [connection.sentCount, connection.receivedCount])).toEqual(
          [
            [1, 2],
            [0, 1],
          ],
        );
        for (const { connection } of connections) connection.close();
      } finally {
        await dispose();
      }
    });
  });
}

/** Lets the event loop turn until `condition` holds. */
export async function until(condition: () => boolean, deadlineMs = 10_000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('the awaited condition did not come true');
    await turns(1);
  }
}

/** Lets whatever is under way in the event loop happen. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
