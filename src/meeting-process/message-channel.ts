/** A way for messages in both directions: between forked processes, or over a socket. */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';

/** A message that is not taken by the other side so fast: what can be read from the journal is not sent any more. */
const MAX_BACKLOG = 2_000;
const FLUSH_POLL_MS = 5;
/** A line longer than this is none of ours. */
const MAX_LINE_CHARS = 8 * 1024 * 1024;

/** The other side of a process: sends what it is given, tells what comes, and when nothing can come any more. */
export interface MessageChannel<Out, In> {
  /** Never throws. False: the other side is gone, or so far behind that the message was dropped. */
  send(message: Out): boolean;
  /** Called for each message that is understood, in place of the listener before. */
  onMessage(listener: (message: In) => void): void;
  /** Called once, when the other side is gone. Set once. */
  onClose(listener: () => void): void;
  /** Messages that were dropped because the other side was behind, and such as were not understood. */
  readonly counters: { readonly dropped: number; readonly refused: number };
  /** Resolves when all that was sent is taken, or after so long. */
  flush(timeoutMs: number): Promise<void>;
  close(): void;
}

/** What both `process` of a forked process and its handle in the parent have. */
type IpcPeer = {
  readonly connected: boolean;
  send?(
    message: unknown,
    handle: undefined,
    options: object,
    callback: (error: Error | null) => void,
  ): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  disconnect?(): void;
};

/** The channel of a forked process, seen from either side. */
export function ipcChannel<Out, In>(peer: IpcPeer, incoming: z.ZodType<In>): MessageChannel<Out, In> {
  const counters = { dropped: 0, refused: 0 };
  let waiting = 0;
  let onMessage: ((message: In) => void) | undefined;
  return {
    counters,
    send: (message) => {
      if (!peer.connected || peer.send === undefined) return false;
      if (waiting >= MAX_BACKLOG) {
        counters.dropped++;
        return false;
      }
      waiting++;
      peer.send(message, undefined, {}, () => waiting--);
      return true;
    },
    flush: async (timeoutMs) => {
      const untilMs = performance.now() + timeoutMs;
      while (waiting > 0 && peer.connected && performance.now() < untilMs) await sleep(FLUSH_POLL_MS);
    },
    onMessage: (listener) => {
      // From here on messages are read: none is lost before there is somebody to take it.
      if (onMessage === undefined)
        peer.on('message', (json) => {
          take(json, incoming, counters, onMessage!);
        });
      onMessage = listener;
    },
    onClose: (listener) => {
      // Whoever started us may be gone before we were ready to be told.
      if (peer.connected) peer.on('disconnect', once(listener));
      else queueMicrotask(listener);
    },
    close: () => {
      if (peer.connected) peer.disconnect?.();
    },
  };
}

/** Messages as lines of JSON over a socket. */
export function socketChannel<Out, In>(socket: Socket, incoming: z.ZodType<In>): MessageChannel<Out, In> {
  const counters = { dropped: 0, refused: 0 };
  let rest = '';
  let onMessage: (message: In) => void = () => undefined;
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    rest += text;
    if (rest.length > MAX_LINE_CHARS) socket.destroy();
    const lines = rest.split('\n');
    rest = lines.pop()!;
    for (const line of lines) take(parsed(line), incoming, counters, onMessage);
  });
  socket.on('error', () => undefined); // `close` follows
  return {
    counters,
    send: (message) => {
      if (socket.destroyed || !socket.writable) return false;
      if (socket.writableLength > MAX_LINE_CHARS) {
        counters.dropped++;
        return false;
      }
      socket.write(`${JSON.stringify(message)}\n`);
      return true;
    },
    flush: async (timeoutMs) => {
      const untilMs = performance.now() + timeoutMs;
      while (socket.writableLength > 0 && !socket.destroyed && performance.now() < untilMs)
        await sleep(FLUSH_POLL_MS);
    },
    onMessage: (listener) => {
      onMessage = listener;
    },
    onClose: (listener) => {
      socket.on('close', once(listener));
    },
    close: () => {
      socket.end();
    },
  };
}

function take<In>(
  json: unknown,
  incoming: z.ZodType<In>,
  counters: { refused: number },
  listener: (message: In) => void,
): void {
  const { data } = incoming.safeParse(json);
  if (data === undefined) counters.refused++;
  else listener(data);
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function once(listener: () => void): () => void {
  let isCalled = false;
  return () => {
    if (!isCalled) listener();
    isCalled = true;
  };
}
