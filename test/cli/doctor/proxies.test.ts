import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkProxies } from '../../../src/cli/doctor/network.js';

const VARIABLES = [
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'ALL_PROXY',
  'all_proxy',
  'NO_PROXY',
  'no_proxy',
];
const OPENAI = 'https://api.openai.com';
const VIDEOSDK = 'https://api.videosdk.live';

describe('what parley doctor says of proxies', () => {
  beforeEach(() => {
    for (const name of VARIABLES) vi.stubEnv(name, undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('names the one that is used, for what, and never its password', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://user:secret@proxy.test:3128');
    vi.stubEnv('NO_PROXY', 'api.videosdk.live');
    const finding = await checkProxies([OPENAI, VIDEOSDK]);
    expect(finding.kind).toBe('ok');
    expect(finding.text).toMatch(
      /^proxy\.test:3128 \(HTTPS_PROXY\) for api\.openai\.com; api\.videosdk\.live directly/,
    );
    expect(finding.text).not.toContain('secret');
  });

  it('names it before any service is set up', async () => {
    vi.stubEnv('HTTPS_PROXY', 'http://user:secret@proxy.test:3128');
    const finding = await checkProxies([]);
    expect([finding.kind, finding.text]).toEqual([
      'note',
      'proxy.test:3128 (HTTPS_PROXY), for the services that are set up: none is yet',
    ]);
  });

  it('says that there is none', async () => {
    for (const addresses of [[], [OPENAI]])
      expect((await checkProxies(addresses)).text).toMatch(/^none is used; set HTTPS_PROXY/);
  });
});
