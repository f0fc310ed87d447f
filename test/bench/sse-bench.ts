/** From an event of a meeting to everyone who watches it: 300 readers of one feed over HTTP, on one machine. */
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { BotEvent } from '../../src/bot/event-log.js';
import { systemClock } from '../../src/clock.js';
import { LiveFeeds } from '../../src/service/events/live-feeds.js';
import { listen } from '../../src/service/listen.js';
import { quantile, rssMib, type Row } from './measure.js';

const READERS = 300;
const EVENTS = 100;
const EVERY_MS = 200;
const GROUP = 'live events';

/** Five captions a second for twenty seconds. Readers and service share one process: what is shown is an upper bound. */
export async function benchSse(): Promise<Row[]> {
  const feeds = new LiveFeeds(systemClock);
  const server = await listen(
    () =>
      new Response(feeds.open('bot_1', { caller: 'bench', about: {} }), {
        headers: { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' },
      }),
    { host: '127.0.0.1', port: 0 },
  );
  const delaysMs: number[] = [];
  const readers = await Promise.all(
    Array.from({ length: READERS }, () =>
      reader(server.port, (sentMs) => delaysMs.push(performance.now() - sentMs)),
    ),
  );
  const startMib = rssMib();
  for (let seq = 1; seq <= EVENTS; seq++) {
    feeds.push('bot_1', 1, caption(seq));
    await wait(EVERY_MS);
  }
  await wait(500);
  const { closedSlow } = feeds.counts;
  for (const each of readers) each.destroy();
  feeds.close();
  await server.close();
  const row = (name: string, value: number, unit: string, note = ''): Row => ({
    group: GROUP,
    name,
    value,
    unit,
    note,
  });
  return [
    row('caption to reader, median', quantile(delaysMs, 0.5), 'ms', `${READERS} readers, 5 captions/s each`),
    row('caption to reader, p95', quantile(delaysMs, 0.95), 'ms'),
    row('caption to reader, p99', quantile(delaysMs, 0.99), 'ms'),
    row(
      'events that arrived',
      delaysMs.length,
      '',
      `of ${READERS * EVENTS}; ${closedSlow} readers were closed as slow`,
    ),
    row('memory that they took', rssMib() - startMib, 'MiB'),
  ];
}

function caption(seq: number): BotEvent {
  const said = `${performance.now()}`;
  return {
    ...{ v: 1, type: 'caption', seq, atMs: seq, kind: 'speech', segmentId: `s${seq}`, turnId: 't', part: 0 },
    ...{ speakerId: 'ana', speakerName: 'Ana', sourceLanguage: 'es', targetLanguage: 'en', sourceText: said },
    ...{ translatedText: 'x'.repeat(120), original: true, final: true, startMs: 0, endMs: 1 },
  };
}

function reader(port: number, onCaption: (sentMs: number) => void): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, agent: false }, (response) => {
      response.setEncoding('utf8').on('data', (text: string) => {
        for (const [, sentMs] of text.matchAll(/"sourceText":"([\d.]+)"/g)) onCaption(Number(sentMs));
      });
      response.on('error', () => undefined);
      resolve(response);
    });
    request.once('error', reject);
  });
}
