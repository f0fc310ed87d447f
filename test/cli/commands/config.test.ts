import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    expect(row('uplinkChunkMs')).toMatchObject({ value: '100', source: 'default' });
    expect(row('openaiApiKey')).toMatchObject({ source: 'OPENAI_API_KEY' });
    const table = await cli(['config'], { env });
    for (const text of [out, table.out]) expect(text).not.toContain('sk-0123456789abcdef');
    expect(table.out).toMatch(/voice +cedar +PARLEY_VOICE/);
  });

  it('says of each setting what it means, its unit, its flag and its variable, in 80 columns', async () => {
    const { out } = await cli(['config', '--budget', '5'], {});
    expect(out).toContain(
      [
        '  budgetUsd                5 USD                    --budget',
        '      what a meeting may cost, in US dollars; you are warned at 80 % of it (a',
        '      number of dollars such as 5)',
        '      --budget-usd, PARLEY_BUDGET_USD',
      ].join('\n'),
    );
    expect(out).toMatch(/ {2}videoSdkApiKey +\(not set\)\n +API key [^\n]+\n +VIDEOSDK_API_KEY\n/);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('shows only the settings that have a word', async () => {
    const { out } = await cli(['config', 'budget', '--json'], {});
    expect((JSON.parse(out) as { name: string }[]).map(({ name }) => name)).toEqual([
      'budgetUsd',
      'budgetPolicy',
    ]);
    const none = await cli(['config', 'xyzzy'], {});
    expect([none.exitCode, none.err]).toEqual([2, 'parley: no setting has "xyzzy"; see parley config\n']);
  });

  it('takes languages from the file, and refuses a variable that is none, with a hint', async () => {
    const { exitCode, err } = await cli(['config'], { env: { PARLEY_BUDGET: '5' } });
    expect([exitCode, err]).toEqual([
      2,
      'parley: the variable PARLEY_BUDGET is no setting; did you mean PARLEY_BUDGET_USD? "parley config" lists every setting\n',
    ]);
    const folder = mkdtempSync(join(tmpdir(), 'parley-config-'));
    const file = join(folder, 'team.json');
    writeFileSync(file, '{"languages": ["es", "en"]}');
    const { out } = await cli(['--config', file, 'config', 'languages', '--json'], {});
    rmSync(folder, { recursive: true });
    expect(JSON.parse(out)).toContainEqual(
      expect.objectContaining({ name: 'languages', value: 'es,en', source: file }),
    );
  });

  it('names the variable of a wrong value and what is allowed', async () => {
    const { exitCode, err } = await cli(['config'], { env: { PARLEY_UPLINK_CHUNK_MS: '5' } });
    expect([exitCode, err]).toEqual([2, expect.stringMatching(/PARLEY_UPLINK_CHUNK_MS is 5: .*10 to 100/)]);
  });
});
