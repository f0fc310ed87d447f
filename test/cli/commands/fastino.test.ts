import { describe, expect, it } from 'vitest';
import { startFastinoServer } from '../../../src/embedded/fastino-server/index.js';
import { cli } from '../run-cli.js';

describe('parley fastino', () => {
  it('serves until it is interrupted, says how to reach it, and logs no text', async () => {
    const abort = new AbortController();
    let registered = { exitCode: -1, out: '', err: '' };
    const running = cli(['fastino', '--port', '0', '--log-level', 'info'], {
      signal: abort.signal,
      onOut: (text) => {
        const [, url = '', key = ''] = /FASTINO_BASE_URL=(\S+) FASTINO_API_KEY=(\S+)/.exec(text)!;
        const env = { FASTINO_BASE_URL: url, FASTINO_API_KEY: key };
        void cli(['profile', 'register', '--email', 'ana@example.com', '--notes', 'A secret.'], { env })
          .then((run) => (registered = run))
          .finally(() => abort.abort());
      },
    });
    const { exitCode, out, err } = await running;
    expect(registered).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/^usr_[0-9a-f]{6}\n$/) as string,
    });
    expect(exitCode).toBe(130);
    expect(out).toMatch(/a stand-in: it knows what it is told/);
    expect(err).toMatch(/"call":"register","status":200/);
    expect(err).not.toMatch(/secret|ana@/);
  });

  it('keeps to loopback, and says when its port is taken', async () => {
    const open = await cli(['fastino', '--port', '0', '--host', '0.0.0.0']);
    expect([open.exitCode, open.err]).toEqual([2, expect.stringMatching(/^parley: .*loopback only.*\n$/)]);
    const server = await startFastinoServer();
    const taken = await cli(['fastino', '--port', String(server.port)]);
    expect([taken.exitCode, taken.err]).toEqual([69, expect.stringMatching(/choose another port\.\n$/)]);
    await server.close();
  });
});
