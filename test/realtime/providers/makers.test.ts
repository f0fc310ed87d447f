import { describe, expect, it } from 'vitest';
import { azureOpenAi, openAi, realtimeServer } from '../../../src/realtime/providers/makers.js';

const ASKED = { model: 'gpt-realtime-2.1-mini', transcriptionModel: 'gpt-realtime-whisper' };

describe('makers of backends', () => {
  it('OpenAI interprets with both engines, by the model that the meeting names, at list prices', () => {
    const backend = openAi({ apiKey: 'sk-test-1234567890' });
    expect(backend.description).toBe('api.openai.com');
    expect(backend.prices?.models['gpt-realtime-translate']).toEqual({ perAudioMinute: 0.034 });
    const { engines, transcriptionModel } = backend.offer(ASKED);
    expect(transcriptionModel).toBe('gpt-realtime-whisper');
    expect(engines.conversation).toMatchObject({ kind: 'available', model: 'gpt-realtime-2.1-mini' });
    expect(engines.translate).toMatchObject({
      kind: 'available',
      model: 'gpt-realtime-translate',
      abilities: { instructions: false, voice: false },
    });
  });

  it('a model that the maker was given goes before the meeting’s', () => {
    const backend = openAi({ apiKey: 'sk-test-1234567890', model: 'gpt-realtime-2' });
    expect(backend.offer(ASKED).engines.conversation).toMatchObject({ model: 'gpt-realtime-2' });
  });

  it('Azure interprets with its deployments; one that is not there is said with what to do', () => {
    const backend = azureOpenAi({
      endpoint: 'https://r.openai.azure.com',
      deployment: 'my-realtime',
      apiKey: 'azure-secret',
    });
    expect(backend.description).toBe('Azure OpenAI at r.openai.azure.com');
    const { engines, transcriptionModel } = backend.offer(ASKED);
    expect(engines.conversation).toMatchObject({ kind: 'available', model: 'my-realtime' });
    expect(engines.translate).toMatchObject({
      kind: 'missing',
      error: {
        code: 'config',
        message:
          'AZURE_OPENAI_TRANSLATE_DEPLOYMENT is not set: give the name of your deployment of gpt-realtime-translate',
      },
    });
    expect(transcriptionModel).toBeUndefined();
  });

  it('a compatible server bills nothing unless told so, and its translate engine is used only where it is asked for', () => {
    const backend = realtimeServer({ url: 'wss://speech.example/v1/realtime', key: 'pk-secret-12345' });
    expect(backend.description).toBe('speech.example');
    expect(backend.prices).toBeUndefined();
    const { translate } = backend.offer(ASKED).engines;
    expect(translate).toMatchObject({ kind: 'available', onlyIfAsked: true });
  });

  it.each([
    ['an empty key', () => openAi({ apiKey: '' }), 'key_refused'],
    ['an address that is none', () => realtimeServer({ url: 'nowhere' }), 'usage'],
    ['no encryption to another machine', () => realtimeServer({ url: 'ws://speech.example/' }), 'usage'],
    [
      'an Azure address that is none',
      () => azureOpenAi({ endpoint: '', deployment: 'd', apiKey: 'k' }),
      'config',
    ],
  ])('%s is refused at once', (_, make, code) => {
    expect(make).toThrow(expect.objectContaining({ code }));
  });

  it('no key stands in what a backend says of itself', () => {
    const shown = JSON.stringify([
      openAi({ apiKey: 'sk-test-1234567890' }),
      realtimeServer({ url: 'wss://speech.example/', key: 'pk-secret-12345' }),
    ]);
    expect(shown).not.toMatch(/sk-test|pk-secret/);
  });
});
