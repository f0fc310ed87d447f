import { describe, expect, it } from 'vitest';
import { retirementWarnings, shutDownDateOf } from '../../../src/realtime/providers/models.js';
import { onBehalfOf, safetyIdentifier } from '../../../src/realtime/providers/safety-identifier.js';
import { DEFAULT_MEETING_SETTINGS as DEFAULTS } from '../../../src/bot/meeting-settings.js';

const warnings = (
  model: string,
  transcriptionModel: string | undefined,
  day: string,
  provider: 'openai' | 'azure' | 'compatible' = 'openai',
) => retirementWarnings({ provider, model, transcriptionModel }, DEFAULTS, Date.parse(day));

describe('models that retire', () => {
  it('the defaults do not', () => {
    expect(warnings(DEFAULTS.model, DEFAULTS.transcriptionModel, '2026-11-21')).toEqual([]);
  });

  it('each is told with its date and what to take instead', () => {
    expect(warnings('gpt-realtime', 'whisper-1', '2026-11-21')).toEqual([
      'the model gpt-realtime is shut down on 2027-01-20: use --model gpt-realtime-2.1',
      'the model whisper-1 is shut down on 2027-02-26: use --transcription-model gpt-realtime-whisper',
    ]);
    expect(warnings('gpt-realtime', undefined, '2027-01-20')).toEqual([
      'the model gpt-realtime was shut down on 2027-01-20: use --model gpt-realtime-2.1',
    ]);
  });

  it.each([
    ['gpt-4o-realtime-preview-2024-12-17', '2026-05-07'],
    ['gpt-4o-mini-realtime-preview', '2026-05-07'],
    ['gpt-realtime-2.1', undefined],
    ['gpt-realtime-2.1-mini', undefined],
    ['gpt-realtime-translate', undefined],
    ['my-gpt-realtime', undefined],
    ['__proto__', undefined],
  ])('%s: %s', (model, date) => {
    expect(shutDownDateOf(model, 'openai')).toBe(date);
  });
});

describe("models that retire on Azure, on days of Azure's own", () => {
  it.each([
    ['gpt-realtime-mini', '2026-12-15'],
    ['whisper', '2026-12-15'],
    ['gpt-realtime-1.5', '2027-02-23'],
    ['gpt-realtime', '2027-02-28'],
    ['gpt-realtime-2', '2027-05-06'],
    ['gpt-realtime-2.1-mini', '2027-06-25'],
    ['gpt-4o-transcribe', undefined],
    ['my-interpreter', undefined],
  ])('%s: %s', (model, date) => {
    expect(shutDownDateOf(model, 'azure')).toBe(date);
  });

  it('are told with what to do there, once the day is near', () => {
    expect(warnings('gpt-realtime', 'whisper', '2026-11-21', 'azure')).toEqual([
      'the model gpt-realtime is shut down on 2027-02-28: deploy another, and name it by --model',
      'the model whisper is shut down on 2026-12-15: deploy another, and name it by --transcription-model',
    ]);
    expect(warnings('gpt-realtime-2.1', undefined, '2026-11-21', 'azure')).toEqual([]);
    expect(warnings('gpt-realtime-2.1', undefined, '2027-03-01', 'azure')).toHaveLength(1);
  });

  it("nothing is known of anybody else's", () => {
    expect(warnings('gpt-realtime', 'whisper-1', '2026-11-21', 'compatible')).toEqual([]);
  });
});

describe('the safety identifier', () => {
  it('is stable, differs by person and by secret, and holds nothing of the name', () => {
    const maria = safetyIdentifier('Maria Silva', 'secret');
    expect(maria).toMatch(/^[\da-f]{64}$/);
    expect(safetyIdentifier('Maria Silva', 'secret')).toBe(maria);
    expect(safetyIdentifier('Maria Silva', 'another')).not.toBe(maria);
    expect(safetyIdentifier('Mario Silva', 'secret')).not.toBe(maria);
  });

  it('goes to OpenAI and to nobody else', () => {
    const at = { url: 'wss://a.test/', host: 'a.test', describe: 'a.test', headers: { 'api-key': 'k' } };
    const headersTo = (provider: 'openai' | 'azure' | 'compatible') =>
      onBehalfOf({ ...at, provider }, 'meeting a', 'secret').headers;
    const identifier = safetyIdentifier('meeting a', 'secret');
    expect(headersTo('openai')).toEqual({ 'api-key': 'k', 'OpenAI-Safety-Identifier': identifier });
    expect([headersTo('azure'), headersTo('compatible')]).toEqual([at.headers, at.headers]);
  });
});
