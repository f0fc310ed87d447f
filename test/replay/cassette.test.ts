import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenTransport, RealtimeTransport, TransportHandlers } from '../../src/realtime/transport.js';
import { CassetteRecorder, readCassette, type Cassette } from '../../src/replay/cassette/cassette-file.js';
import { CassettePlayer } from '../../src/replay/cassette/cassette-player.js';

const header = { recordedFrom: 'api.example', input: 'a.wav', options: { from: 'es', to: 'en' } };
const audio = (fill: number): string => Buffer.alloc(960, fill).toString('base64');
const append = (fill: number): string =>
  JSON.stringify({ type: 'input_audio_buffer.append', audio: audio(fill) });
const event = (type: string, fields: object = {}): string => JSON.stringify({ type, ...fields });
const client = (atMs: number, text: string) => ({ atMs, direction: 'client' as const, text });
const server = (atMs: number, text: string) => ({ atMs, direction: 'server' as const, text });

const update = event('session.update', {
  event_id: 'event_a',
  session: { type: 'realtime', instructions: 'es to en' },
});
const create = event('response.create', { event_id: 'event_b' });
const item = event('conversation.item.create', {
  event_id: 'event_c',
  item: { id: 'mine_1', type: 'message' },
});
const truncate = event('conversation.item.truncate', {
  item_id: 'item_S',
  content_index: 0,
  audio_end_ms: 480,
});

const entries: Cassette['entries'] = [
  server(0, event('session.created')),
  client(0, update),
  server(0, event('session.updated')),
  client(20, append(1)),
  client(40, append(2)),
  server(47, event('input_audio_buffer.committed', { item_id: 'item_S' })),
  client(47, create),
  server(50, event('response.created')),
  client(60, append(3)),
  client(60, item),
  server(60, event('conversation.item.added', { item: { id: 'mine_1' } })),
  server(61, event('error', { error: { event_id: 'event_c' } })),
  client(70, truncate),
  { atMs: 90, closed: { code: 1001, reason: 'expired' } },
];

function fail(error: unknown): void {
  throw error;
}

type Run = {
  player: CassettePlayer;
  connection: RealtimeTransport;
  heard: string[];
  at: (nowMs: number) => string[];
};

async function play(cassette: Cassette['entries'] = entries): Promise<Run> {
  let nowMs = 0;
  const heard: string[] = [];
  const player = new CassettePlayer(
    { header, entries: cassette },
    { nowMs: () => nowMs, stepMs: 10, onHandlerError: fail },
  );
  const connection = await player.open({
    message: (text) => heard.push(text),
    closed: (close) => heard.push(`closed ${close.code} ${close.reason}`),
  });
  const at = (time: number): string[] => {
    nowMs = time;
    heard.length = 0;
    player.releaseDue();
    return heard.map((text) => (text.startsWith('{') ? (JSON.parse(text) as { type: string }).type : text));
  };
  return { player, connection, heard, at };
}

/** The client's side of `entries`, with the given changes by recorded text. */
async function runWith(changes: Record<string, string | undefined> = {}): Promise<Run> {
  const run = await play();
  let stepMs = 0;
  for (const entry of entries) {
    if ('closed' in entry) break;
    while (stepMs <= entry.atMs) {
      run.at(stepMs);
      stepMs += 10;
    }
    if ('opened' in entry || entry.direction === 'server') continue;
    const text = entry.text in changes ? changes[entry.text] : entry.text;
    if (text !== undefined) run.connection.send(text);
    run.at(stepMs - 10);
  }
  return run;
}

describe('playing a cassette', () => {
  it('releases what the server did in order, after what preceded it and not before its step', async () => {
    const { at, connection } = await play();
    expect(at(0)).toEqual(['session.created']);
    connection.send(update);
    expect(at(0)).toEqual(['session.updated']);
    connection.send(append(1));
    expect(at(100)).toEqual([]);
    connection.send(append(2));
    expect(at(30)).toEqual([]); // too early
    expect(at(40)).toEqual(['input_audio_buffer.committed']); // arrived at 47: in the step that began at 40
  });

  it('leaves the interleaving of audio and other events free', async () => {
    const { at, connection, player } = await play();
    at(0);
    connection.send(update);
    for (const fill of [1, 2, 3]) connection.send(append(fill));
    expect(at(40)).toEqual(['session.updated', 'input_audio_buffer.committed']);
    connection.send(create);
    connection.send(item);
    expect(at(60)).toEqual(['response.created', 'conversation.item.added', 'error']);
    connection.send(truncate);
    expect(() => player.finish()).not.toThrow();
  });

  it('ends the line when the server did', async () => {
    const { at, connection, player, heard } = await runWith();
    at(90);
    await Promise.resolve();
    expect(heard).toEqual(['closed 1001 expired']);
    connection.send(append(9)); // after the end nothing is sent, so nothing differs
    player.finish();
  });

  it('hands recorded server events over with the identifiers of this run', async () => {
    const renamed = item.replace('event_c', 'event_z').replace('mine_1', 'mine_9');
    const run = await play();
    run.at(0);
    run.connection.send(update.replace('event_a', 'event_y'));
    for (const fill of [1, 2, 3]) run.connection.send(append(fill));
    run.at(60);
    run.connection.send(create.replace('event_b', 'event_x'));
    run.connection.send(renamed);
    run.at(60);
    expect(run.heard.map((text) => JSON.parse(text) as unknown).slice(1)).toEqual([
      { type: 'conversation.item.added', item: { id: 'mine_9' } },
      { type: 'error', error: { event_id: 'event_z' } },
    ]);
    run.connection.send(truncate);
    expect(() => run.player.finish()).not.toThrow();
  });

  it.each<[string, Record<string, string | undefined>, RegExp]>([
    [
      'a changed field',
      { [update]: update.replace('es to en', 'es to fr') },
      /client event 1, session\.update, differs in session\.instructions: recorded "es to en", now "es to fr"/,
    ],
    [
      'a field more',
      { [create]: event('response.create', { response: {} }) },
      /differs in response: recorded nothing/,
    ],
    [
      'other audio',
      { [append(2)]: append(7) },
      /audio chunk 2, .*differs in audio: recorded "<960 bytes sha256 .*now "<960 bytes sha256/,
    ],
    ['another server item', { [truncate]: truncate.replace('item_S', 'item_T') }, /differs in item_id/],
    [
      'other played time',
      { [truncate]: truncate.replace('480', '500') },
      /audio_end_ms: recorded 480, now 500/,
    ],
    [
      'an event too few',
      { [truncate]: undefined },
      /without client event 4 of the cassette, conversation\.item\.trunc/,
    ],
    ['an event of another kind', { [create]: item }, /client event 2, response\.create, differs in type/],
  ])('reports %s', async (_name, changes, message) => {
    const { player } = await runWith(changes);
    expect(() => player.finish()).toThrow(message);
  });

  it('reports an event too many and a second connection', async () => {
    const { player, connection } = await runWith();
    connection.send(create);
    expect(player.mismatch?.message).toMatch(/client event 5, response\.create, is not on the cassette/);
    expect(player.mismatch?.code).toBe('cassette_mismatch');
    const handlers: TransportHandlers = { message: () => undefined, closed: () => undefined };
    await expect(player.open(handlers)).rejects.toThrow(/one connection/);
  });

  it('takes the same stand-in for an identifier only once', async () => {
    const two = [client(0, item), client(0, item.replace('mine_1', 'mine_2').replace('event_c', 'event_d'))];
    const { player, connection } = await play(two);
    connection.send(item.replace('event_c', 'event_1'));
    connection.send(item.replace('event_c', 'event_2'));
    expect(player.mismatch?.message).toMatch(/differs in item\.id: recorded "mine_2", now "mine_1"/);
  });
});

describe('recording a cassette', () => {
  let dir: string;
  let path: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'parley-cassette-'));
    path = join(dir, 'session.cassette');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const scripted: OpenTransport = (handlers) =>
    Promise.resolve({
      bufferedAmountBytes: 7,
      sentCount: 3,
      receivedCount: 2,
      send: (text) => {
        handlers.message(`{"echo":${text}}`);
      },
      sendAudio: ({ text }) => {
        handlers.message(`{"echo":${text}}`);
      },
      close: (code = 1000, reason = '') => {
        handlers.closed({ code, reason });
      },
    });
  const listener: TransportHandlers = { message: () => undefined, closed: () => undefined };

  it('keeps both sides whole, for the owner only, and is read back as it was', async () => {
    writeFileSync(path, 'old', { mode: 0o644 });
    let nowMs = 0;
    const recorder = new CassetteRecorder(path, header, { atMs: () => nowMs, secrets: ['sk-not-in-here'] });
    const connection = await recorder.record(scripted)(listener);
    expect([connection.bufferedAmountBytes, connection.sentCount, connection.receivedCount]).toEqual([
      7, 3, 2,
    ]);
    nowMs = 12.5;
    connection.send(append(1));
    connection.close(1000, 'done');
    recorder.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readCassette(path)).toEqual({
      header: expect.objectContaining(header) as unknown,
      entries: [
        client(12.5, append(1)),
        server(12.5, `{"echo":${append(1)}}`),
        { atMs: 12.5, closed: { code: 1000, reason: 'done' } },
      ],
    });
  });

  it('is thrown away as soon as a message holds a configured key', async () => {
    const recorder = new CassetteRecorder(path, header, { atMs: () => 0, secrets: ['sk-secret-value', ''] });
    const connection = await recorder.record(scripted)(listener);
    connection.send(event('session.update', { note: 'sk-secret-value' }));
    connection.send(append(1));
    recorder.close();
    expect(recorder.refusal?.message).toMatch(/no cassette was kept/);
    expect(existsSync(path)).toBe(false);
  });

  it('refuses a second connection', async () => {
    const recorder = new CassetteRecorder(path, header, { atMs: () => 0, secrets: [] });
    const open = recorder.record(scripted);
    await open(listener);
    await expect(open(listener)).rejects.toThrow(/one connection/);
    recorder.close();
  });

  it('is refused with the reason when it is missing, no cassette, of another version or damaged', () => {
    expect(() => readCassette(path)).toThrow(/cannot read the cassette/);
    const good = JSON.stringify({ parleyCassette: 1, ...header });
    for (const content of ['', 'RIFF', good.replace(':1,', ':2,')]) {
      writeFileSync(path, content);
      expect(() => readCassette(path)).toThrow(/is not a cassette of version 1/);
    }
    for (const connection of [
      '{"atMs":-1,"direction":"client","text":""}',
      '{}',
      'x',
      '{"atMs":1,"direction":"up","text":""}',
    ]) {
      writeFileSync(path, `${good}\n${JSON.stringify(client(0, 'x'))}\n${connection}\n`);
      expect(() => readCassette(path)).toThrow(/damaged at line 3/);
    }
    expect(readFileSync(path, 'utf8')).toContain('parleyCassette');
  });
});
