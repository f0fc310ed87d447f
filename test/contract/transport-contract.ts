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
  const withLine = async (
    script: readonly ScriptStep[],
    body: (line: RealtimeTransport, heard: Heard) => Promise<void>,
    onMessage: (text: string, line: () => RealtimeTransport | undefined) => void = () => undefined,
  ) => {
    const { open, dispose } = await adapt(script);
    const heard: Heard = { messages: [], closes: [] };
    let line: RealtimeTransport | undefined;
    try {
      line = await open({
        message: (text) => {
          heard.messages.push(text);
          onMessage(text, () => line);
        },
        closed: (close) => heard.closes.push(close),
      });
      expect(heard).toEqual({ messages: [], closes: [] });
      await body(line, heard);
    } finally {
      line?.close();
      await dispose();
    }
  };

  describe(`transport contract: ${name}`, () => {
    it('delivers nothing before the line is handed over, then all of it in order', async () => {
      const texts = Array.from({ length: 50 }, (_, n) => `{"n":${n}}`);
      await withLine(
        texts.map((server) => ({ server })),
        async (_line, heard) => {
          await until(() => heard.messages.length === 50);
          expect(heard.messages).toEqual(texts);
        },
        (_text, line) => {
          expect(line()).toBeDefined();
        },
      );
    });

    it('hands each message over once, unchanged: empty, any script, a megabyte', async () => {
      const texts = [
        '',
        '{"text":"¿Dónde está la estación? 中文 🙂 \\u0000"}',
        `{"audio":"${'A'.repeat(1 << 20)}"}`,
      ];
      await withLine(
        texts.map((server) => ({ server })),
        async (_line, heard) => {
          await until(() => heard.messages.length === texts.length);
          expect(heard.messages).toEqual(texts);
        },
      );
    });

    it('counts what was sent, and what was received once its handler has returned', async () => {
      const countsInHandler: (number | undefined)[] = [];
      await withLine(
        [{ server: 'a' }, { client: '1' }, { client: '2' }, { server: 'b' }],
        async (line, heard) => {
          await until(() => heard.messages.length === 1);
          expect([line.sentCount, line.receivedCount]).toEqual([0, 1]);
          line.send('1');
          line.send('2');
          expect(line.sentCount).toBe(2);
          await until(() => heard.messages.length === 2);
          expect(line.receivedCount).toBe(2);
          expect(countsInHandler).toEqual([0, 1]);
          await until(() => line.bufferedAmountBytes === 0);
        },
        (_text, line) => countsInHandler.push(line()?.receivedCount),
      );
    });

    it('sends audio as the text of its message, and counts it', async () => {
      const audio = new AudioMessage('input_audio_buffer.append', [
        new AudioChunk(Int16Array.from([1, -1, 256]), 0, false, 0),
      ]);
      const text = '{"type":"input_audio_buffer.append","audio":"AQD//wAB"}';
      await withLine(
        [{ client: text }, { server: 'a' }, { client: '1' }, { server: 'b' }],
        async (line, heard) => {
          line.sendAudio(audio);
          expect(line.sentCount).toBe(1);
          await until(() => heard.messages.length === 1);
          line.send('1');
          await until(() => heard.messages.length === 2);
          line.close();
          line.sendAudio(audio);
          expect(line.sentCount).toBe(2);
        },
      );
    });

    it('goes on after a handler that throws', async () => {
      await withLine(
        [{ server: 'a' }, { server: 'b' }, { client: '1' }, { server: 'c' }],
        async (line, heard) => {
          await until(() => heard.messages.length === 2);
          line.send('1');
          await until(() => heard.messages.length === 3);
          expect(line.receivedCount).toBe(3);
          expect(heard.closes).toEqual([]);
        },
        () => {
          throw new Error('a listener failed');
        },
      );
    });

    it('tells that the other side closed, once and last, and takes no more', async () => {
      await withLine(
        [{ server: 'a' }, { close: { code: 1001, reason: 'session expired' } }],
        async (line, heard) => {
          await until(() => heard.closes.length > 0);
          expect(heard).toEqual({ messages: ['a'], closes: [{ code: 1001, reason: 'session expired' }] });
          line.send('too late');
          line.close();
          await turns();
          expect(line.sentCount).toBe(0);
          expect(heard.closes).toHaveLength(1);
        },
      );
    });

    it('closes when it is told to, once, however often it is told', async () => {
      await withLine([{ server: 'a' }, { client: 'never' }], async (line, heard) => {
        await until(() => heard.messages.length === 1);
        line.close(1000, 'done');
        line.close();
        await until(() => heard.closes.length > 0);
        line.send('too late');
        await turns();
        expect(heard.closes).toHaveLength(1);
        expect(heard.closes[0]?.code).toBe(1000);
        expect(line.sentCount).toBe(0);
      });
    });

    it('opens several lines from one adapter, each with counts of its own', async () => {
      const { open, dispose } = await adapt([{ server: 'a' }, { client: '1' }, { server: 'b' }]);
      try {
        const lines = await Promise.all(
          [0, 1].map(async () => {
            const messages: string[] = [];
            const line = await open({ message: (text) => messages.push(text), closed: () => undefined });
            return { line, messages };
          }),
        );
        lines[0]!.line.send('1');
        await until(() => lines[0]!.messages.length === 2 && lines[1]!.messages.length === 1);
        expect(lines.map(({ line }) => [line.sentCount, line.receivedCount])).toEqual([
          [1, 2],
          [0, 1],
        ]);
        for (const { line } of lines) line.close();
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
