import { connect } from 'node:net';
import { ParleyError } from '../errors.js';
import { packageVersion } from '../package-root.js';
import { MeetingProcess, type MeetingProcessOptions } from './meeting-process.js';
import { ipcChannel, socketChannel } from './message-channel.js';
import { parentMessage } from './protocol.js';
import type { ParentChannel } from './supervisor-link.js';

/** What decides where meetings are and who interprets, and what is loaded before the first one. */
type RunOptions = Pick<MeetingProcessOptions, 'openPlatform' | 'openBackend'> & {
  preload: () => Promise<void>;
};

/**
 * Makes this process a meeting process: it takes one assignment from whoever forked it, and ends with its meeting. Throws
 * ParleyError `usage` in a process that nobody forked.
 */
export async function runMeetingProcess({ preload, ...makers }: RunOptions): Promise<void> {
  if (process.send === undefined)
    throw new ParleyError('usage', 'a meeting process is started by parley serve or parley worker');
  process.title = 'parley meeting';
  // The supervisor that reads them may be gone.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const meeting = new MeetingProcess({
    ...makers,
    channel: ipcChannel(process, parentMessage),
    version: packageVersion(),
    findSupervisor,
    exit: (code) => process.exit(code),
  });
  process.on('SIGINT', () => undefined); // of a terminal, which asks the supervisor too
  process.on('SIGTERM', () => {
    meeting.terminate();
  });
  await preload();
  meeting.ready();
}

/** Undefined where nobody listens. */
function findSupervisor(path: string): Promise<ParentChannel | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      resolve(socketChannel(socket, parentMessage));
    });
    socket.once('error', () => resolve(undefined));
  });
}
