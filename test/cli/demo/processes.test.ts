import { expect, it } from 'vitest';
import { childEnvironment } from '../../../src/cli/demo/processes.js';

it('no key and no setting of the user’s reaches a process of the demo, and its own do', () => {
  const env = {
    PATH: '/usr/bin',
    XDG_CACHE_HOME: '/home/ana/.cache',
    UNSET: undefined,
    ...{
      PARLEY_RECORD: 'records',
      PARLEY_LEARN: '1',
      PARLEY_LANGUAGES: 'fr,de',
      PARLEY_REALTIME_URL: 'wss://x',
    },
    ...{ OPENAI_API_KEY: 'sk-1', AZURE_OPENAI_API_KEY: 'a', FASTINO_API_KEY: 'f', VIDEOSDK_SECRET_KEY: 'v' },
  };
  expect(childEnvironment({ env, settings: { PARLEY_REALTIME_KEY: 'embedded' } })).toEqual({
    PATH: '/usr/bin',
    XDG_CACHE_HOME: '/home/ana/.cache',
    PARLEY_REALTIME_KEY: 'embedded',
  });
});
