/** What is published as `./client`: one small file that stands alone, and fits the real SDK. */
import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import type { VideoSDK } from '@videosdk.live/js-sdk';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { captionsTopic as interpretersTopic } from '../../src/captions/topics.js';
import {
  captionsTopic,
  type Meeting,
  type MeetingParticipant,
  parleyClient,
  parleyMetadata,
} from '../../src/client/index.js';
import { FakeMeeting } from './fake-meeting.js';

const BUILT = new URL('../../dist/client/parley-client.js', import.meta.url);

test('the built module has at most 6 KB gzipped and imports nothing', async () => {
  const code = await readFile(BUILT, 'utf8');
  expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(6 * 1_024);
  expect(code).not.toMatch(/\bimport\b|\brequire\(/);
});

test('the built module is what the package exports', async () => {
  const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as {
    exports: Record<string, unknown>;
  };
  expect(manifest.exports['./client']).toEqual({
    types: './dist/client/index.d.ts',
    default: './dist/client/parley-client.js',
  });
  const built = (await import(BUILT.href)) as Record<string, unknown>;
  expect(Object.keys(built).sort()).toEqual([
    'captionTexts',
    'captionsTopic',
    'isSameLanguage',
    'parleyClient',
    'parleyMetadata',
  ]);
});

test('a meeting of the real SDK fits', () => {
  type SdkMeeting = ReturnType<typeof VideoSDK.initMeeting>;
  type SdkParticipant = SdkMeeting['localParticipant'];
  expectTypeOf<SdkMeeting>().toExtend<Meeting>();
  expectTypeOf<SdkParticipant>().toExtend<MeetingParticipant>();
});

describe('what goes into metadata', () => {
  test('the language, and that one channel is played', () => {
    expect(parleyMetadata('fr')).toEqual({ preferredLanguage: 'fr', parley: { channels: true } });
  });
  test('languages that are spoken, where they are others', () => {
    expect(parleyMetadata('fr', { spokenLanguages: ['de', 'en'] })).toEqual({
      preferredLanguage: 'fr',
      spokenLanguages: ['de', 'en'],
      parley: { channels: true },
    });
  });
});

test.each([
  'es',
  'es-419',
  'es-US',
  'es-GQ',
  'pt',
  'pt-BR',
  'pt-MZ',
  'no',
  'nn',
  'zh-TW',
  'zh-Hans',
  'sr-Latn',
  'uz-Cyrl',
  'nb',
  'he',
  'pa-Arab',
  'fil',
])('the topic of %s is the one that the interpreter sends to', (language) => {
  expect(captionsTopic(language)).toBe(interpretersTopic(language));
});

test('a slip of the page is told at once', () => {
  const meeting = new FakeMeeting();
  expect(() => parleyClient(meeting, {} as never)).toThrow(TypeError);
  expect(() => parleyClient(meeting, undefined as never)).toThrow(/isInterpreter/);
  const isInterpreter = () => true;
  expect(() => parleyClient(meeting, { isInterpreter, language: 'not a language' })).toThrow(RangeError);
  expect(() => parleyClient(meeting, { isInterpreter, outputChannel: '<b>' })).toThrow(RangeError);
  expect(meeting.listenerCount).toBe(0);
});
