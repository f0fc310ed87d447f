import { describe, expect, it } from 'vitest';
import { cli } from '../run-cli.js';

describe('parley config', () => {
  it('prints values with their sources, flag over environment over default, keys redacted', async () => {
    const env = { PARLEY_VOICE: 'cedar', PARLEY_VAD_THRESHOLD: '0.7', OPENAI_API_KEY: 'sk-0123456789abcdef' };
    const { exitCode, out } = await cli(['config', '--vad-threshold', '0.6', '--json'], { env });
    expect(exitCode).toBe(0);
    const rows = JSON.parse(out) as { name: string; value: string; source: string }[];
    const row = (name: string) => rows.find((each) => each.name === name);
    expect(row('voice')).toMatchObject({ value: 'cedar', source: 'PARLEY_VOICE' });
    expect(row('vadThreshold')).toMatchObject({ value: '0.6', source: '--vad-threshold' });
    expect(row('uplinkChunkMs')).toMatchObject({ value: '20', source: 'default' });
    expect(row('openaiApiKey')).toMatchObject({ source: 'OPENAI_API_KEY' });
    const table = await cli(['config'], { env });
    for (const text of [out, table.out]) expect(text).not.toContain('sk-0123456789abcdef');
    expect(table.out).toMatch(/voice +cedar +PARLEY_VOICE/);
  });

  it('names the variable of a wrong value and what is allowed', async () => {
    const { exitCode, err } = await cli(['config'], { env: { PARLEY_UPLINK_CHUNK_MS: '5' } });
    expect([exitCode, err]).toEqual([2, expect.stringMatching(/PARLEY_UPLINK_CHUNK_MS is 5: .*10 to 100/)]);
  });
});
