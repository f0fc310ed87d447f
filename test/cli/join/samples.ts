import type { JoinEvent, JoinEventOf } from '../../../src/bot/events.js';

export const LUCIA = { id: 'lucia', name: 'Lucía', isBot: false, speaks: ['es'], prefers: 'es' };
export const EMMA = { id: 'emma', name: 'Emma', isBot: false, speaks: ['en'], prefers: 'en' };

const at = (atMs: number): { v: 1; atMs: number } => ({ v: 1, atMs });

export const caption = (change: Partial<JoinEventOf<'caption'>>): JoinEventOf<'caption'> => ({
  type: 'caption',
  ...at(4_000),
  kind: 'speech',
  segmentId: `${change.turnId ?? 't1'}#0`,
  turnId: 't1',
  part: 0,
  speakerId: 'lucia',
  speakerName: 'Lucía',
  sourceLanguage: 'es',
  targetLanguage: 'en',
  sourceText: 'Hola',
  translatedText: 'Hello',
  original: true,
  final: true,
  startMs: 2_000,
  endMs: 3_000,
  ...change,
});

/** A short meeting, with one event of every type. */
export const MEETING: readonly JoinEvent[] = [
  {
    type: 'started',
    ...at(0),
    time: '2026-01-01T00:00:00.000Z',
    meetingId: 'abcd-efgh-ijkl',
    participantId: 'parley-1',
    name: 'Parley',
    place: 'the embedded room at https://localhost:8443',
    interpreter: 'a stand-in',
  },
  { type: 'state', ...at(10), state: 'connecting' },
  { type: 'state', ...at(500), state: 'connected' },
  { type: 'joined', ...at(600), person: LUCIA },
  { type: 'joined', ...at(700), person: EMMA },
  { type: 'route', ...at(1_900), speakerId: 'lucia', to: 'en', state: 'open' },
  {
    type: 'engine',
    ...at(1_900),
    speakerId: 'lucia',
    to: 'en',
    engine: 'translate',
    reason: 'asked for',
    usdPerHour: 3.06,
  },
  {
    type: 'instructions',
    ...at(1_990),
    speakerId: 'lucia',
    to: 'en',
    text: 'Translate.\n- Speaker: "Lucía\u202e"',
  },
  { type: 'speaking', ...at(2_000), participantId: 'lucia', speaking: true },
  { type: 'speaking', ...at(3_000), participantId: 'lucia', speaking: false },
  caption({ atMs: 3_500, translatedText: '', final: false }),
  {
    type: 'playback',
    ...at(3_900),
    turnId: 't1',
    speakerId: 'lucia',
    to: 'en',
    what: 'heard',
    firstAudioDelayMs: 900,
  },
  caption({}),
  {
    type: 'playback',
    ...at(4_100),
    turnId: 't1',
    speakerId: 'lucia',
    to: 'en',
    what: 'cut',
    why: 'barge_in',
  },
  {
    type: 'span',
    ...at(4_200),
    ...{ turnId: 't1', speakerId: 'lucia', to: 'en', engine: 'translate', spanMs: 1_250, byWord: true },
  },
  { type: 'changed', ...at(4_500), person: { ...EMMA, speaks: ['de'], prefers: 'de' } },
  {
    type: 'status',
    ...at(5_000),
    levelsDbfs: { lucia: -20 },
    latency: { turns: 1, lastMs: 900, medianMs: 900 },
    cost: { usd: 0.5, responses: 1, audioMs: 0, unpriced: 0, budgetUsd: 5 },
  },
  { type: 'notice', ...at(6_000), kind: 'room', message: 'something happened' },
  {
    type: 'agent',
    ...at(6_100),
    ...{ what: 'asked', askId: 'ask1', askedBy: 'lucia', how: 'voice', text: '¿Qué sala?', language: 'es' },
  },
  {
    type: 'tool',
    ...at(6_200),
    ...{ what: 'called', callId: 'call1', tool: 'find_room', arguments: '{"floor":2}' },
    ...{ level: 'read', askedBy: 'lucia' },
  },
  {
    type: 'note',
    ...at(6_500),
    ...{ what: 'taken', id: 'note_1', kind: 'action', text: 'Book the room.', who: 'Emma', due: 'Monday' },
    noteAtMs: 6_000,
  },
  {
    type: 'left',
    ...at(7_000),
    person: LUCIA,
    reason: { kind: 'removed', code: 1002, message: 'by the host' },
  },
  { type: 'state', ...at(8_000), state: 'reconnecting' },
  {
    type: 'ended',
    ...at(9_000),
    reason: { kind: 'asked', message: 'stopped by a signal' },
    latency: { turns: 1, lastMs: 900, medianMs: 900 },
  },
];
