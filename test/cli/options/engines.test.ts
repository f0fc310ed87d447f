/** Which engines a command has, by its settings and its provider; and how a replay says which it took. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseMeetingSettings, type MeetingSettingsInput } from '../../../src/bot/meeting-settings.js';
import { translateSettingsOf } from '../../../src/bot/settings/derived.js';
import { enginesOf } from '../../../src/cli/options/engines.js';
import { LIST_PRICES } from '../../../src/cost/prices.js';
import { DEFAULT_CONVERSATION_CONFIG as CONVERSATION } from '../../../src/realtime/conversation/conversation-config.js';
import { resolveProvider } from '../../../src/realtime/providers/providers.js';
import { cli } from '../run-cli.js';

const loaded = (settings: MeetingSettingsInput = {}) => parseMeetingSettings(settings);
const billing = { conversation: CONVERSATION, prices: LIST_PRICES };
const OPENAI = { OPENAI_API_KEY: 'x' };
const AZURE = {
  AZURE_OPENAI_ENDPOINT: 'https://r.openai.azure.com',
  AZURE_OPENAI_API_KEY: 'x',
  AZURE_OPENAI_DEPLOYMENT: 'mine',
};
const providerOf = (environment: Record<string, string>, url?: string) =>
  resolveProvider({ url, model: 'gpt-realtime-2.1', environment });

describe('the engines of a command', () => {
  it('are both there with OpenAI, at list prices per hour', () => {
    const { engines, models } = enginesOf(loaded(), providerOf(OPENAI), billing);
    expect([engines.asked, engines.missing.size]).toEqual(['conversation', 0]);
    expect(models).toEqual({ conversation: 'gpt-realtime-2.1', translate: 'gpt-realtime-translate' });
    expect(engines.usdPerHour?.('translate', false)).toBeCloseTo(2.04);
    expect(engines.usdPerHour?.('translate', true)).toBeCloseTo(3.06);
    expect(engines.usdPerHour?.('conversation', true)).toBeGreaterThan(5);
  });

  it('translate is missing on Azure without a deployment: told, or refused where it was asked for', () => {
    const { engines } = enginesOf(loaded({ engine: 'auto' }), providerOf(AZURE), billing);
    expect(engines.missing.get('translate')).toContain('AZURE_OPENAI_TRANSLATE_DEPLOYMENT');
    expect(() => enginesOf(loaded({ engine: 'translate' }), providerOf(AZURE), billing)).toThrow(
      /AZURE_OPENAI_TRANSLATE_DEPLOYMENT/,
    );
    const deployed = providerOf({ ...AZURE, AZURE_OPENAI_TRANSLATE_DEPLOYMENT: 'ours' });
    const { models, engines: both } = enginesOf(loaded({ engine: 'auto' }), deployed, billing);
    expect([models.translate, both.missing.size]).toEqual(['ours', 0]);
    expect(both.usdPerHour?.('translate', false)).toBeUndefined(); // the table does not know the deployment
  });

  it('nobody falls back to a compatible server’s translation sessions that were not asked for', () => {
    const provider = providerOf({}, 'ws://127.0.0.1:1/v1/realtime');
    expect(enginesOf(loaded(), provider, billing).engines.missing.has('translate')).toBe(true);
    expect(enginesOf(loaded({ engine: 'auto' }), provider, billing).engines.missing.size).toBe(0);
  });

  it('cost nothing where the embedded interpreter is used', () => {
    const { engines } = enginesOf(loaded({ engine: 'auto' }), undefined, billing);
    expect([engines.missing.size, engines.usdPerHour]).toEqual([0, undefined]);
  });

  it('translation sessions transcribe as conversation sessions do, and pause as they are told', () => {
    expect(translateSettingsOf(loaded(), CONVERSATION)).toMatchObject({
      transcriptionModel: 'gpt-realtime-whisper',
      pauseAfterSilenceMs: undefined,
    });
    expect(
      translateSettingsOf(loaded({ translatePauseS: 10 }), { ...CONVERSATION, transcription: undefined }),
    ).toMatchObject({ transcriptionModel: undefined, pauseAfterSilenceMs: 10_000 });
  });
});

describe('parley replay --engine', () => {
  const STATION = join(import.meta.dirname, '../../..', 'fixtures', 'es-where-is-the-station.wav');
  const TWO_PEOPLE = join(import.meta.dirname, '../../..', 'fixtures', 'meetings', 'two-people');
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'parley-cli-engines-'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('says which engine interprets a recording, and why', async () => {
    const { exitCode, out } = await cli(['replay', STATION, '--engine', 'auto', '--out', dir]);
    expect(exitCode).toBe(0);
    expect(out.split('\n')[0]).toMatch(
      /^Interpreted by embedded .+, the translate engine \(it speaks English, and needs no instructions\)$/,
    );
    expect(out).toContain('Where is the');
  });

  it('says it of each route of a meeting', async () => {
    const { exitCode, out } = await cli(['replay', TWO_PEOPLE, '--engine', 'translate', '--out', dir]);
    expect(exitCode).toBe(0);
    expect(out).toContain('  Ana into English: the translate engine (asked for)\n');
    expect(out).toContain('  Ben into español: the translate engine (asked for)\n');
    expect(out).toMatch(/2 people, 4 phrases, 4 of 4 translations heard/);
  });

  it('a meeting’s own settings win over a variable, and a flag wins over them', async () => {
    const own = join(dir, 'own');
    mkdirSync(own);
    const text = readFileSync(join(TWO_PEOPLE, 'meeting.json'), 'utf8');
    const scenario = JSON.parse(
      text.replaceAll('../../', `${relative(own, join(TWO_PEOPLE, '../..'))}/`),
    ) as object;
    writeFileSync(
      join(own, 'meeting.json'),
      JSON.stringify({ ...scenario, settings: { engine: 'translate' } }),
    );
    const args = ['replay', own, '--out', join(dir, 'out')];
    const env = { PARLEY_ENGINE: 'conversation' };
    const byItsOwn = await cli(args, { env });
    expect(byItsOwn.out).toContain('  Ana into English: the translate engine (asked for)\n');
    const byFlag = await cli([...args, '--engine', 'auto'], { env });
    expect(byFlag.out).toContain('  Ana into English: the translate engine (it speaks English');
  });

  it('refuses what the engine does not speak in one line', async () => {
    const run = await cli(['replay', STATION, '--engine', 'translate', '--to', 'nl', '--out', dir]);
    expect([run.exitCode, run.err]).toEqual([
      2,
      'parley: the translate engine does not speak Dutch: use --engine conversation, or auto\n',
    ]);
  });
});
