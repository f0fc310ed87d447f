import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { monotonicMs } from '../child-process.js';
import type { ParticipantAddress } from '../children/messages.js';
import { CliProcess } from './cli-process.js';
import type { Usage } from './usage-probe.js';

const ROOM_TIMEOUT_MS = 30_000;
const JOIN_TIMEOUT_MS = 60_000;
/** An embedded server takes any key, as long as there is one. */
const ANY_KEY = 'bench';

/** Its embedded room, in a process of its own. */
export type SideRoom = { process: CliProcess; host: string; ca: string };

/** One of the two builds that are weighed beside each other, used by its command line alone. */
export class Side {
  readonly name: string;
  readonly #program: string;
  readonly #workFolder: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #started = new Set<CliProcess>();

  /**
   * @param folder of the package, built
   * @param workFolder where its processes run and keep their cache; it is made
   */
  constructor(name: string, folder: string, workFolder: string) {
    this.name = name;
    const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      bin: { parley: string };
    };
    this.#program = join(folder, bin.parley);
    this.#workFolder = workFolder;
    mkdirSync(workFolder, { recursive: true });
    this.#env = {
      PATH: process.env['PATH'] ?? '',
      HOME: workFolder,
      XDG_CACHE_HOME: join(workFolder, 'cache'),
      PARLEY_REALTIME_KEY: ANY_KEY,
    };
  }

  /** Starts a command. It ends with {@link Side.close} at the latest. */
  start(...args: readonly string[]): CliProcess {
    return this.startWith({}, ...args);
  }

  /** The same, with more in its environment. */
  startWith(env: Readonly<Record<string, string>>, ...args: readonly string[]): CliProcess {
    const started = new CliProcess({
      program: this.#program,
      args,
      env: { ...this.#env, ...env },
      cwd: this.#workFolder,
    });
    this.#started.add(started);
    void started.ended.then(() => this.#started.delete(started));
    return started;
  }

  /** Runs a command to its end; resolves with what it used. */
  async run(...args: readonly string[]): Promise<Usage> {
    return this.start(...args).usageAtEnd();
  }

  /** Runs a command to its end; resolves with the line that it printed. */
  async ask(...args: readonly string[]): Promise<string> {
    const asked = this.start(...args);
    await asked.usageAtEnd();
    return asked.stdout.trim();
  }

  async openRoom(): Promise<SideRoom> {
    const room = this.start('room', '--port', '0');
    return this.roomOf(room);
  }

  /** The room that this process has opened and names. */
  async roomOf(room: CliProcess): Promise<SideRoom> {
    const host = await room.printed(/https:\/\/([^/\s]+)\//, ROOM_TIMEOUT_MS);
    return { process: room, host, ca: await certificateOf(host) };
  }

  /** A folder of its own, where nothing is yet. */
  get dataFolder(): string {
    return join(this.#workFolder, 'data');
  }

  /** Another meeting in the room that runs. */
  createMeeting(): Promise<string> {
    return this.ask('room', 'create');
  }

  /** How this participant enters a meeting of the room. */
  async addressFor(room: SideRoom, meetingId: string, participantId: string): Promise<ParticipantAddress> {
    const token = await this.ask('token', meetingId, '--participant', participantId);
    return { signalingBaseUrl: room.host, ca: room.ca, roomId: meetingId, token };
  }

  /** Starts the bot, and resolves when it is in the meeting, with the time from its start until then. */
  async join(meetingId: string, ...args: readonly string[]): Promise<{ bot: CliProcess; tookMs: number }> {
    const bot = this.start('join', meetingId, '--json', ...args);
    await bot.printed(/("type":"state"[^\n]*"state":"connected")/, JOIN_TIMEOUT_MS);
    return { bot, tookMs: monotonicMs() - bot.startedAtMs };
  }

  /** Ends everything that runs. */
  close(): void {
    for (const started of this.#started) started.kill();
  }
}

/** The certificate that a server shows, as PEM: the embedded room's is its own authority. */
function certificateOf(host: string): Promise<string> {
  const { hostname, port } = new URL(`https://${host}`);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate();
      socket.end();
      const base64 = raw.toString('base64').replace(/.{64}/g, '$&\n');
      resolve(`-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`);
    });
    socket.on('error', reject);
  });
}
