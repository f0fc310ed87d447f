import { expect, it } from 'vitest';
import type { JoinEvent } from '../../../src/bot/events.js';
import { Conversation } from '../../../src/cli/demo/conversation.js';

const ACTORS = [
  { participantId: 'lucia', name: 'Lucía', language: 'es' },
  { participantId: 'emma', name: 'Emma', language: 'en' },
];
const talk = () => new Conversation(ACTORS, { greeting: 'hello', answers: ['one', 'two'] });
const joined = (id: string, prefers?: string, isBot = false): JoinEvent => ({
  type: 'joined',
  v: 1,
  atMs: 0,
  person: { id, name: id, isBot, speaks: [], ...(prefers === undefined ? {} : { prefers }) },
});
const said = (speakerId: string, sourceLanguage: string, more: object = {}): JoinEvent => ({
  ...{
    type: 'caption',
    v: 1,
    atMs: 0,
    kind: 'speech',
    segmentId: 's',
    turnId: 't1',
    part: 0,
    speakerName: '',
  },
  ...{
    targetLanguage: '',
    sourceText: 'x',
    translatedText: '',
    original: true,
    final: true,
    startMs: 0,
    endMs: 1,
  },
  speakerId,
  sourceLanguage,
  ...more,
});

it('whoever comes is greeted by the one who speaks another language; actors and interpreters are not', () => {
  const conversation = talk();
  expect(conversation.remarkTo(joined('guest', 'es'))).toEqual({ speakerId: 'emma', phraseId: 'hello' });
  expect(conversation.remarkTo(joined('guest', 'en'))).toEqual({ speakerId: 'lucia', phraseId: 'hello' });
  expect(conversation.remarkTo(joined('guest'))).toEqual({ speakerId: 'lucia', phraseId: 'hello' });
  expect(conversation.remarkTo(joined('emma', 'en'))).toBeUndefined();
  expect(conversation.remarkTo(joined('parley-2', undefined, true))).toBeUndefined();
});

it('each turn of theirs is answered once, when it is final, with one phrase after the other', () => {
  const conversation = talk();
  expect(conversation.remarkTo(said('guest', 'es', { final: false }))).toBeUndefined();
  expect(conversation.remarkTo(said('guest', 'es', { kind: 'notice' }))).toBeUndefined();
  expect(conversation.remarkTo(said('guest', 'es', { original: false }))).toBeUndefined();
  expect(conversation.remarkTo(said('lucia', 'es'))).toBeUndefined();
  expect(conversation.remarkTo(said('guest', 'es'))).toEqual({ speakerId: 'emma', phraseId: 'one' });
  expect(conversation.remarkTo(said('guest', 'es', { part: 1 }))).toBeUndefined();
  const later = [said('guest', 'en', { turnId: 't2' }), said('guest', '', { turnId: 't3' })];
  expect(later.map((event) => conversation.remarkTo(event)?.phraseId)).toEqual(['two', 'one']);
  expect(
    conversation.remarkTo({ type: 'speaking', v: 1, atMs: 0, participantId: 'guest', speaking: true }),
  ).toBeUndefined();
});
