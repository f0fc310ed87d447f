/** Which engines interpret a meeting, at what price, by its settings and what the backend offers. */
import { describe, expect, it } from 'vitest';
import { engineSettingsOf, modelsOf } from '../../src/bot/engine-settings.js';
import { DEFAULT_MEETING_SETTINGS } from '../../src/bot/meeting-settings.js';
import { LIST_PRICES } from '../../src/cost/prices.js';
import { ParleyError } from '../../src/errors.js';
import { ENGINES } from '../../src/realtime/engines.js';
import { azureOpenAi, openAi, realtimeServer } from '../../src/realtime/providers/makers.js';
import type { SpeechBackend, SpeechOffer } from '../../src/realtime/speech-backend.js';

const offerOf = (backend: SpeechBackend): SpeechOffer => backend.offer(DEFAULT_MEETING_SETTINGS);
const AZURE = { endpoint: 'https://r.openai.azure.com', apiKey: 'x', deployment: 'mine' };

describe('the engines of a meeting', () => {
  it('are both there with OpenAI, at list prices per hour', () => {
    const offer = offerOf(openAi({ apiKey: 'x' }));
    const engines = engineSettingsOf('conversation', offer, LIST_PRICES);
    expect([engines.asked, engines.missing.size]).toEqual(['conversation', 0]);
    expect(modelsOf(offer)).toEqual({
      conversation: 'gpt-realtime-2.1',
      translate: 'gpt-realtime-translate',
      live: 'gpt-live-1.1',
    });
    expect(engines.usdPerHour?.('live', true)).toBeCloseTo(3);
    expect(engines.usdPerHour?.('translate', false)).toBeCloseTo(2.04);
    expect(engines.usdPerHour?.('translate', true)).toBeCloseTo(3.06);
    expect(engines.usdPerHour?.('conversation', true)).toBeGreaterThan(5);
  });

  it('translate is missing on Azure without a deployment: told, or refused where it was asked for', () => {
    const offer = offerOf(azureOpenAi(AZURE));
    const { missing } = engineSettingsOf('auto', offer, LIST_PRICES);
    expect(missing.get('translate')).toContain('AZURE_OPENAI_TRANSLATE_DEPLOYMENT');
    expect(() => engineSettingsOf('translate', offer, LIST_PRICES)).toThrow(
      /AZURE_OPENAI_TRANSLATE_DEPLOYMENT/,
    );
    const deployed = offerOf(azureOpenAi({ ...AZURE, translateDeployment: 'ours' }));
    const both = engineSettingsOf('auto', deployed, LIST_PRICES);
    expect([modelsOf(deployed).translate, [...both.missing.keys()]]).toEqual(['ours', ['live']]);
    expect(both.missing.get('live')).toContain('AZURE_OPENAI_LIVE_DEPLOYMENT');
    expect(both.usdPerHour?.('translate', false)).toBeUndefined(); // the table does not know the deployment
  });

  it('nobody falls back to a compatible server’s translation sessions that were not asked for', () => {
    const offer = offerOf(realtimeServer({ url: 'ws://127.0.0.1:1/v1/realtime' }));
    expect(engineSettingsOf('conversation', offer, undefined).missing.has('translate')).toBe(true);
    expect(engineSettingsOf('auto', offer, undefined).missing.size).toBe(0);
  });

  it('have no price where nothing is billed', () => {
    const offer = offerOf(openAi({ apiKey: 'x' }));
    expect(engineSettingsOf('auto', offer, undefined)).not.toHaveProperty('usdPerHour');
  });

  it('speak what the backend says that they speak', () => {
    const own: SpeechOffer = {
      engines: {
        conversation: {
          kind: 'available',
          model: 'm',
          abilities: { ...ENGINES.conversation, outputLanguages: ['en', 'cy'] },
        },
        translate: { kind: 'missing', error: new ParleyError('config', 'there is none') },
      },
      transcriptionModel: undefined,
    };
    expect(engineSettingsOf('auto', own, undefined)).toEqual({
      asked: 'auto',
      missing: new Map([
        ['translate', 'is not there: there is none'],
        ['live', 'is not there: this backend has no such sessions'],
      ]),
      outputLanguages: { conversation: ['en', 'cy'], translate: undefined },
    });
    const openAiLanguages = engineSettingsOf('auto', offerOf(openAi({ apiKey: 'x' })), undefined);
    expect(openAiLanguages.outputLanguages?.translate).toContain('pt');
    expect(openAiLanguages.outputLanguages?.translate).not.toContain('nl');
  });
});
