import { setTimeout as wait } from 'node:timers/promises';
import type { Side, SideRoom } from './weight/side.js';
import type { CliProcess } from './weight/cli-process.js';

const START_TIMEOUT_MS = 60_000;
const STATE_TIMEOUT_MS = 60_000;
/** A key may ask 30 times a second. */
const POLL_MS = 100;

type Bot = { id: string; state: string; createdAt: string; joinedAt?: string; endedAt?: string };
type StateChange = { at: string; to?: string };

/** `parley serve` with its embedded room, and a client of its API. */
export class ServeProcess {
  readonly room: SideRoom;
  readonly #process: CliProcess;
  readonly #url: string;
  #key = '';

  private constructor(process: CliProcess, url: string, room: SideRoom) {
    this.#process = process;
    this.#url = url;
    this.room = room;
  }

  /** `realtimeUrl`: who interprets. */
  static async start(side: Side, realtimeUrl: string): Promise<ServeProcess> {
    const args = ['--port', '0', '--room-port', '0', '--data', side.dataFolder, '--max-meetings', '50'];
    const started = side.startWith({ PARLEY_URL: realtimeUrl }, 'serve', ...args);
    const url = await started.printed(/Parley serves at (\S+)/, START_TIMEOUT_MS);
    const token = await started.printed(/set up +\S+#(\S+)/, START_TIMEOUT_MS);
    const service = new ServeProcess(started, url, await side.roomOf(started));
    const { key } = await service.#ask<{ key: string }>('POST', '/v1/setup', {
      token,
      name: 'Bench',
      keyName: 'bench',
    });
    service.#key = key;
    return service;
  }

  get pid(): number {
    return this.#process.pid;
  }

  async createRoom(): Promise<string> {
    return (await this.#ask<{ roomId: string }>('POST', '/v1/rooms', {})).roomId;
  }

  async invite(meetingId: string, more: object = {}): Promise<string> {
    return (await this.#ask<Bot>('POST', '/v1/bots', { meetingId, ...more })).id;
  }

  async leave(id: string): Promise<void> {
    await this.#ask('POST', `/v1/bots/${id}/leave`, {});
  }

  /** Rejects where it does not come into this state in time. */
  async until(id: string, state: string): Promise<Bot> {
    const endMs = performance.now() + STATE_TIMEOUT_MS;
    for (;;) {
      const bot = await this.#ask<Bot>('GET', `/v1/bots/${id}`);
      if (bot.state === state) return bot;
      if (performance.now() > endMs) throw new Error(`${id} is ${bot.state}, and not ${state}`);
      await wait(POLL_MS);
    }
  }

  /** From the invitation until it was in the meeting. */
  async joinedAfterMs(id: string): Promise<number> {
    const { createdAt, joinedAt } = await this.until(id, 'active');
    return Date.parse(joinedAt!) - Date.parse(createdAt);
  }

  /** When it had ended. */
  async endedMs(id: string): Promise<number> {
    return Date.parse((await this.until(id, 'ended')).endedAt!);
  }

  /** When it was active after its last recovering, which is waited for. */
  async activeAgainMs(id: string): Promise<number> {
    const endMs = performance.now() + STATE_TIMEOUT_MS;
    for (;;) {
      const { data } = await this.#ask<{ data: StateChange[] }>('GET', `/v1/bots/${id}/states`);
      const lost = data.findLastIndex(({ to }) => to === 'recovering');
      const again = lost < 0 ? undefined : data.slice(lost).find(({ to }) => to === 'active');
      if (again !== undefined) return Date.parse(again.at);
      if (performance.now() > endMs) throw new Error(`${id} does not come back`);
      await wait(POLL_MS);
    }
  }

  /** Its present process. */
  async processOf(id: string): Promise<number> {
    const { data } = await this.#ask<{ data: { pid?: number }[] }>('GET', `/v1/bots/${id}/attempts`);
    const pid = data.at(-1)?.pid;
    if (pid === undefined) throw new Error(`${id} has no process`);
    return pid;
  }

  /** Asks it to end, as Ctrl+C does. */
  stop(): Promise<void> {
    return this.#process.stop();
  }

  async #ask<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        ...(this.#key === '' ? {} : { authorization: `Bearer ${this.#key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return (text === '' ? {} : JSON.parse(text)) as Answer;
  }
}
