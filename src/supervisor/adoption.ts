/** Where meeting processes whose supervisor is gone find the next one: a socket in a folder of the owner's alone. */
import { chmod, mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { ParleyError } from '../errors.js';
import { type MessageChannel, socketChannel } from '../meeting-process/message-channel.js';
import { childMessage, type ChildMessage, type ParentMessage } from '../meeting-process/protocol.js';
import type { ChildHandle } from './child-handle.js';

/** Longest path of a unix socket, without its end. */
const MAX_PATH_BYTES = 103;
/** Whoever connects says at once who it is. */
const INTRODUCTION_MS = 5_000;

/** A process that asks to be taken over. */
export type AdoptRequest = ChildMessage & { type: 'adopt' };

/**
 * Listens at `path`; whoever listened before is gone. `onRequest` decides, and is called once whoever waits for the result has
 * it: a process may be there at once. Throws ParleyError `config` for a path that no socket can have, `service_unavailable` where
 * another supervisor listens.
 */
export async function listenForOrphans(
  path: string,
  onRequest: (request: AdoptRequest, child: ChildHandle) => void,
): Promise<{ close(): Promise<void> }> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES)
    throw new ParleyError(
      'config',
      `the folder for running meetings has too long a path for a socket: ${path}`,
    );
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await chmod(dirname(path), 0o700);
  const sockets = new Set<Socket>();
  let isReady = false;
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (isReady) introduce(socket, onRequest);
  });
  await listen(server, path);
  await chmod(path, 0o600);
  setImmediate(() => {
    isReady = true;
    for (const socket of sockets) introduce(socket, onRequest);
  });
  return {
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A socket file that nobody listens at is left over from a process that was killed. */
async function listen(server: Server, path: string): Promise<void> {
  if (await listenOnce(server, path)) return;
  if (await isHeld(path))
    throw new ParleyError('service_unavailable', `another supervisor runs in ${dirname(path)}`);
  await rm(path, { force: true });
  if (!(await listenOnce(server, path)))
    throw new ParleyError('service_unavailable', `another supervisor runs in ${dirname(path)}`);
}

/** False where the path is taken. */
function listenOnce(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else
        reject(
          new ParleyError('config', `no socket can be made at ${path}: ${error.message}`, { cause: error }),
        );
    };
    server.once('error', onError);
    server.listen(path, () => {
      server.off('error', onError);
      resolve(true);
    });
  });
}

function isHeld(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function introduce(socket: Socket, onRequest: (request: AdoptRequest, child: ChildHandle) => void): void {
  const timer = setTimeout(() => socket.destroy(), INTRODUCTION_MS);
  const channel = socketChannel<ParentMessage, ChildMessage>(socket, childMessage);
  channel.onMessage((message) => {
    if (message.type !== 'adopt') return;
    clearTimeout(timer);
    onRequest(message, adoptedChild(message.pid, channel, socket));
  });
  socket.resume();
}

function adoptedChild(
  pid: number,
  channel: MessageChannel<ParentMessage, ChildMessage>,
  socket: Socket,
): ChildHandle {
  return {
    pid,
    channel,
    exited: new Promise((resolve) => {
      socket.once('close', () => resolve({ code: undefined, signal: undefined }));
    }),
    kill: (signal) => {
      if (socket.destroyed) return; // the number may be somebody else's by now
      try {
        process.kill(pid, signal);
      } catch {
        // It is gone: the socket closes.
      }
    },
    output: () => '', // it goes to a pipe that nobody reads
  };
}
