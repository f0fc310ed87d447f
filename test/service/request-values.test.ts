import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Problem } from '../../src/service/http/problem.js';
import { inviteBody, patchBody } from '../../src/service/http/bots/bot-schemas.js';
import { checked, jsonBodyOf } from '../../src/service/http/request-values.js';

function errorsOf(schema: Parameters<typeof checked>[0], value: unknown): Record<string, string> {
  try {
    checked(schema, value);
  } catch (error) {
    if (error instanceof Problem && error.code === 'invalid_request')
      return Object.fromEntries((error.details.errors ?? []).map(({ path, problem }) => [path, problem]));
    throw error;
  }
  return {};
}

it('what is wrong in a list of a query is told as wrong, and not as missing', () => {
  const list = z.strictObject({
    state: z.exactOptional(
      z.preprocess((text) => (text as string).split(','), z.array(z.enum(['active', 'ended']))),
    ),
  });
  expect(errorsOf(list, { state: 'active,nonsense' })).toEqual({
    'state[1]': 'Invalid option: expected one of "active"|"ended"',
  });
});

describe('an invitation', () => {
  it('needs no more than a meeting', () => {
    const invite = checked(inviteBody, { meetingId: 'abcd-efgh-ijkl' });
    expect(invite).toMatchObject({
      meetingId: 'abcd-efgh-ijkl',
      record: true,
      languages: [],
      engine: 'conversation',
    });
  });
  it('takes the link to a meeting', () => {
    expect(checked(inviteBody, { meetingId: 'https://localhost:8443/weekly-sync' }).meetingId).toBe(
      'weekly-sync',
    );
    expect(checked(inviteBody, { meetingId: 'https://app.example/call?meetingId=a-b-c' }).meetingId).toBe(
      'a-b-c',
    );
  });
  it('names every field that is wrong in one answer, with its path', () => {
    const errors = errorsOf(inviteBody, {
      meetingId: 'no meeting',
      languages: ['es', 'klingonish'],
      speed: 9,
      voicePerLanguage: { es: 'a voice' },
      metadata: { 'no key!': 'x' },
      webhooks: [{ url: 'https://a.example', events: ['bot.nothing'] }],
      langauges: ['en'],
    });
    expect(errors).toEqual({
      meetingId: 'is no meeting: give its id, made of letters, digits and . _ ~ -, or the link to it',
      'languages[1]': '"klingonish" is no language: use a tag such as es, or a name',
      speed: 'is 9: a number from 0.25 to 1.5 is allowed',
      'voicePerLanguage.es': expect.stringContaining('is "a voice"') as string,
      'metadata."no key!"': expect.any(String) as string,
      'webhooks[0].events[0]': expect.stringContaining('bot.state_changed') as string,
      'webhooks[0].secret': 'is missing',
      langauges: 'is not known here; did you mean languages?',
    });
  });
  it.each([undefined, null, 'text', 7, []])('%j is none', (value) => {
    expect(Object.keys(errorsOf(inviteBody, value))).toEqual(['']);
  });
  it('holds no text that no database keeps', () => {
    expect(errorsOf(inviteBody, { meetingId: 'a', metadata: { note: 'a\0b' } })).toEqual({
      'metadata.note': 'holds a NUL character or half of a character',
    });
    expect(errorsOf(inviteBody, { meetingId: 'a', name: 'x\ud800' })).toEqual({
      name: 'holds a NUL character or half of a character',
    });
  });
  it('is not nested for its own sake', () => {
    let deep: unknown = 'x';
    for (let n = 0; n < 10_000; n++) deep = [deep];
    expect(Object.values(errorsOf(inviteBody, { meetingId: 'a', glossary: deep }))).toContain(
      'is nested too deep',
    );
  });
});

describe('what is wrong with a field', () => {
  const codes = (schema: Parameters<typeof checked>[0], value: unknown): unknown => {
    try {
      return checked(schema, value);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return Object.fromEntries(
        (error.details.errors ?? []).map(({ path, code, limit }) => [
          path,
          limit === undefined ? code : [code, limit],
        ]),
      );
    }
  };
  it('has a code for programs, with what is allowed at most or at least', () => {
    expect(
      codes(inviteBody, {
        ...{ meetingId: 'no meeting', languages: ['es', 'klingonish'], speed: 9, budgetUsd: -1 },
        ...{ name: 'x'.repeat(500), deduplicationKey: '', engine: 'telepathy', langauges: [] },
        ...{ webhooks: [{ url: 'https://a.example' }], metadata: { a: '\0' } },
      }),
    ).toEqual({ 'metadata.a': 'not_text' });
    expect(
      codes(inviteBody, {
        ...{ meetingId: 'no meeting', languages: ['es', 'klingonish'], speed: 9, budgetUsd: -1 },
        ...{ deduplicationKey: '', engine: 'telepathy', langauges: [] },
        ...{ webhooks: [{ url: 'https://a.example' }] },
      }),
    ).toMatchObject({
      ...{ meetingId: 'no_meeting', 'languages[1]': 'no_language', speed: ['too_large', 1.5] },
      ...{ deduplicationKey: ['too_short', 1], engine: 'invalid', langauges: 'unknown' },
      'webhooks[0].secret': 'missing',
    });
    expect(
      codes(z.object({ email: z.email(), all: z.array(z.int()).max(1) }), { email: 'a', all: [1, 2] }),
    ).toEqual({ email: 'no_email', all: ['too_many', 1] });
  });
});

describe('a change', () => {
  it('holds what is named, and no defaults; null is a value', () => {
    expect(checked(patchBody, { speed: null, languages: ['es', 'en'] })).toEqual({
      speed: null,
      languages: ['es', 'en'],
    });
  });
  it('changes something', () => {
    expect(errorsOf(patchBody, {})).toEqual({ '': 'changes nothing: name at least one field' });
  });
  it('checks each field', () => {
    expect(errorsOf(patchBody, { speed: 'fast', meetingId: 'other' })).toEqual({
      speed: 'is "fast": a number from 0.25 to 1.5 is allowed',
      meetingId: 'is not known here; did you mean metadata?',
    });
  });
});

describe('a body', () => {
  const request = (body: string | Uint8Array<ArrayBuffer>, type = 'application/json'): Request =>
    new Request('http://localhost/', { method: 'POST', body, headers: { 'content-type': type } });
  it('is JSON', async () => {
    await expect(jsonBodyOf(request('{"a": 1}'))).resolves.toEqual({ a: 1 });
    await expect(jsonBodyOf(request('{"a": 1}', 'application/json; charset=utf-8'))).resolves.toEqual({
      a: 1,
    });
  });
  it.each([
    ['{', 'application/json', 'malformed_request'],
    ['a=1', 'application/x-www-form-urlencoded', 'unsupported_media_type'],
    ['{}', 'text/plain', 'unsupported_media_type'],
    [`"${'x'.repeat(1_048_576)}"`, 'application/json', 'payload_too_large'],
    [new Uint8Array([0x22, 0xff, 0x22]), 'application/json', 'malformed_request'],
  ])('%# is refused', async (body, type, code) => {
    await expect(jsonBodyOf(request(body, type))).rejects.toMatchObject({ code });
  });
});
