import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { cli } from '../run-cli.js';

describe('parley realtime', () => {
  it('serves until it is interrupted, and says what it is and how to reach it', async () => {
    const abort = new AbortController();
    let greeted = '';
    const running = cli(['realtime', '--port', '0'], {
      signal: abort.signal,
      onOut: (text) => {
        const url = /ws:\/\/127\.0\.0\.1:\d+\/v1\/realtime\?model=any/.exec(text)?.[0] ?? '';
        const socket = new WebSocket(url, { headers: { Authorization: 'Bearer any' } });
        socket.on('message', (data: Buffer) => {
          greeted = data.toString('utf8');
          socket.close();
          abort.abort();
        });
      },
    });
    const { exitCode, out } = await running;
    expect(JSON.parse(greeted)).toMatchObject({ type: 'session.created' });
    expect(out).toMatch(/a stand-in: parley-embedded/);
    expect(exitCode).toBe(130);
  });
});
