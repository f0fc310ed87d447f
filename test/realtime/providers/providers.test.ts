import { describe, expect, it } from 'vitest';
import { ParleyError } from '../../../src/errors.js';
import type { EndpointEnvironment } from '../../../src/realtime/providers/endpoint.js';
import { resolveProvider, type ProviderRequest } from '../../../src/realtime/providers/providers.js';

const OPENAI_KEY = 'sk-openai-0123456789';
const AZURE_KEY = 'azure-key-0123456789';
const SECRET = 'entra-secret-0123456789';
const AZURE: EndpointEnvironment = {
  AZURE_OPENAI_ENDPOINT: 'https://my-resource.openai.azure.com/',
  AZURE_OPENAI_API_KEY: AZURE_KEY,
  AZURE_OPENAI_DEPLOYMENT: 'my-realtime',
  AZURE_OPENAI_TRANSLATE_DEPLOYMENT: 'my-translate',
};
const ENTRA = { AZURE_TENANT_ID: 'tenant', AZURE_CLIENT_ID: 'app', AZURE_CLIENT_SECRET: SECRET };

const resolve = (environment: EndpointEnvironment, request: Partial<ProviderRequest> = {}) =>
  resolveProvider({ model: 'gpt-realtime-2.1', environment, ...request });

function refusal(run: () => unknown): ParleyError {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ParleyError);
    expect((error as ParleyError).message).not.toMatch(/0123456789|\n/);
    return error as ParleyError;
  }
  throw new Error('was not refused');
}

describe('which provider', () => {
  it('is OpenAI, with translation sessions below the conversations', () => {
    const provider = resolve({ OPENAI_API_KEY: OPENAI_KEY });
    expect(provider.name).toBe('openai');
    expect(provider.conversation.wireForm).toBeUndefined();
    expect(provider.conversation.url).toBe('wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1');
    expect(provider.translation()).toMatchObject({
      url: 'wss://api.openai.com/v1/realtime/translations?model=gpt-realtime-translate',
      headers: { Authorization: `Bearer ${OPENAI_KEY}` },
    });
  });

  it('is Azure where only Azure is set, and otherwise when asked for', () => {
    const both = { ...AZURE, OPENAI_API_KEY: OPENAI_KEY };
    expect(resolve(AZURE).name).toBe('azure');
    expect(resolve({ ...AZURE, OPENAI_API_KEY: ' ' }).name).toBe('azure');
    expect(resolve(both).name).toBe('openai');
    expect(resolve(both, { provider: 'azure' }).name).toBe('azure');
    expect(refusal(() => resolve(AZURE, { provider: 'openai' })).code).toBe('key_refused');
  });

  it('is a compatible server at any other address, in the form that was asked for', () => {
    const wireForm = { sessionShape: 'flat', inputRateHz: 16_000 } as const;
    const provider = resolve(AZURE, { url: 'wss://speech.example.test/v1/realtime', wireForm });
    expect(provider.name).toBe('compatible');
    expect(provider.conversation).toMatchObject({ headers: {}, wireForm });
    expect(provider.translation()).toMatchObject({
      url: 'wss://speech.example.test/v1/realtime/translations?model=gpt-realtime-translate',
    });
    expect(provider.translation().wireForm).toBeUndefined();
  });
});

describe('Azure OpenAI', () => {
  it('has its GA address, the deployment as the model, and its key in api-key', () => {
    const { conversation, translation } = resolve(AZURE);
    expect(conversation).toEqual({
      url: 'wss://my-resource.openai.azure.com/openai/v1/realtime?model=my-realtime',
      headers: { 'api-key': AZURE_KEY },
      host: 'my-resource.openai.azure.com',
      describe: 'Azure OpenAI at my-resource.openai.azure.com (key from AZURE_OPENAI_API_KEY)',
      provider: 'azure',
    });
    expect(translation().url).toBe(
      'wss://my-resource.openai.azure.com/openai/v1/realtime/translations?model=my-translate',
    );
  });

  it.each([
    ['https://r.openai.azure.com', 'wss://r.openai.azure.com/openai/v1/realtime'],
    ['https://r.openai.azure.com/openai', 'wss://r.openai.azure.com/openai/v1/realtime'],
    ['https://r.openai.azure.com/openai/v1/', 'wss://r.openai.azure.com/openai/v1/realtime'],
    ['wss://r.services.ai.azure.com/', 'wss://r.services.ai.azure.com/openai/v1/realtime'],
    ['https://gateway.corp.test/speech/', 'wss://gateway.corp.test/speech/openai/v1/realtime'],
    ['http://127.0.0.1:8787', 'ws://127.0.0.1:8787/openai/v1/realtime'],
  ])('%s leads to %s', (AZURE_OPENAI_ENDPOINT, address) => {
    expect(resolve({ ...AZURE, AZURE_OPENAI_ENDPOINT }).conversation.url).toBe(
      `${address}?model=my-realtime`,
    );
  });

  it('takes a model that was asked for as the deployment, and never the default', () => {
    expect(resolve(AZURE, { model: 'other', modelAsked: true }).conversation.url).toMatch(/\?model=other$/);
    const unnamed = { ...AZURE, AZURE_OPENAI_DEPLOYMENT: undefined };
    expect(refusal(() => resolve(unnamed)).message).toMatch(/^AZURE_OPENAI_DEPLOYMENT is not set/);
  });

  it('takes no deployment for conversations as one for translations', () => {
    const unnamed = { ...AZURE, AZURE_OPENAI_TRANSLATE_DEPLOYMENT: undefined };
    const provider = resolve(unnamed, { model: 'other', modelAsked: true });
    expect(refusal(() => provider.translation()).message).toMatch(
      /^AZURE_OPENAI_TRANSLATE_DEPLOYMENT is not set/,
    );
  });

  it('asks Microsoft Entra for a token where there is no key', () => {
    const keyless = { ...AZURE, AZURE_OPENAI_API_KEY: undefined };
    expect(resolve({ ...keyless, ...ENTRA }).conversation).toMatchObject({
      headers: {},
      entra: { tenantId: 'tenant', clientId: 'app', clientSecret: SECRET },
      describe: 'Azure OpenAI at my-resource.openai.azure.com (token from Microsoft Entra)',
    });
    expect(resolve({ ...AZURE, ...ENTRA }).conversation.entra).toBeUndefined();
    expect(refusal(() => resolve(keyless)).code).toBe('key_refused');
    expect(refusal(() => resolve({ ...keyless, ...ENTRA, AZURE_CLIENT_ID: '' })).message).toMatch(
      /go together: set all three$/,
    );
  });

  it.each([
    [undefined, 'config', /^AZURE_OPENAI_ENDPOINT is not set/],
    ['nonsense', 'config', /^AZURE_OPENAI_ENDPOINT is no URL/],
    [
      'https://r.openai.azure.com/openai/realtime?api-version=2025-04-01-preview',
      'config',
      /no api-version$/,
    ],
    ['https://me:hunter0123456789@r.openai.azure.com', 'config', /^AZURE_OPENAI_ENDPOINT holds credentials/],
    ['http://r.openai.azure.com', 'usage', /without encryption/],
  ] as const)('refuses %j', (AZURE_OPENAI_ENDPOINT, code, message) => {
    const error = refusal(() => resolve({ ...AZURE, AZURE_OPENAI_ENDPOINT }, { provider: 'azure' }));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });
});
