import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Responder } from '../../src/local/realtime-server/responder.js';
import { echo, FIXTURES, run, type LoggedEvent } from './replay-helpers.js';

/** Types that openai's package declares; it is a reference here and never runs. */
const TYPES = 'openai/resources/realtime/realtime';
const TYPE_OF = { client: 'RealtimeClientEvent', server: 'RealtimeServerEvent' } as const;

/**
 * Fields of `session` that the API sends in `session.created` and `session.updated` (its reference shows them there, and
 * clients need `expires_at`) although the declared type, which is that of a request, leaves them out.
 */
const SENT_BUT_UNDECLARED = `declare module '${TYPES}' {
  interface RealtimeSessionCreateRequest { id?: string; object?: 'realtime.session'; expires_at?: number }
}`;

/** A module in which each event is a literal of its declared type: no casts, so each field is checked. */
function moduleOf(events: readonly LoggedEvent[]): string {
  const lines = events.map(
    ({ direction, event }, index) =>
      `export const e${index}: ${TYPE_OF[direction]} = ${JSON.stringify(event)};`,
  );
  return [
    `import type { ${Object.values(TYPE_OF).join(', ')} } from '${TYPES}';`,
    SENT_BUT_UNDECLARED,
    ...lines,
  ].join('\n');
}

/** What tsc says about `source`, as if it lay beside this test. */
function complaints(source: string): string[] {
  const path = join(import.meta.dirname, 'events-under-test.ts');
  const options: ts.CompilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const fallback = ts.createCompilerHost(options);
  host.fileExists = (name) => name === path || fallback.fileExists(name);
  host.readFile = (name) => (name === path ? source : fallback.readFile(name));
  const program = ts.createProgram([path], options, host);
  const file = program.getSourceFile(path);
  expect(file).toBeDefined();
  return [
    ...program.getOptionsDiagnostics(),
    ...program.getSyntacticDiagnostics(file),
    ...program.getSemanticDiagnostics(file),
  ].map((diagnostic) => {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' / ');
    const line = source.slice(0, diagnostic.start ?? 0).split('\n').length - 1;
    return `${source.split('\n')[line]?.slice(0, 200) ?? ''}: ${text.slice(0, 600)}`;
  });
}

const forgetful: Responder = {
  ...echo,
  respondToAudio: () => ({ sourceText: 'hola', text: '', pcm24k: new Int16Array(0) }),
};

describe('events.jsonl against the types of the openai package', () => {
  let dir: string;
  let events: LoggedEvent[];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'parley-events-types-'));
    const fixture = (name: string): string => join(FIXTURES, name);
    const runs = [
      await run(fixture('es-two-phrases-pause.wav'), join(dir, 'a')),
      await run(fixture('es-overlap-answer.wav'), join(dir, 'b'), { bargeIn: 'any' }),
      await run(fixture('es-where-is-the-station.wav'), join(dir, 'c'), {}, forgetful),
    ];
    const conversation = {
      ...(await import('../../src/realtime/conversation-config.js')).DEFAULT_CONVERSATION_CONFIG,
    };
    runs.push(
      await run(fixture('es-overlap-answer.wav'), join(dir, 'd'), {
        conversation: { ...conversation, responses: 'server' },
        bargeIn: 'any',
      }),
    );
    events = runs.flatMap((each) => each.events);
  });
  afterAll(() => {
    rmSync(dir, { recursive: true });
  });

  it('are there, of many kinds, both ways', () => {
    const types = new Set(events.map(({ direction, event }) => `${direction} ${event.type}`));
    for (const type of [
      'client session.update',
      'client input_audio_buffer.append',
      'client response.create',
      'client conversation.item.truncate',
      'server session.created',
      'server session.updated',
      'server input_audio_buffer.speech_started',
      'server input_audio_buffer.committed',
      'server conversation.item.added',
      'server conversation.item.input_audio_transcription.completed',
      'server conversation.item.truncated',
      'server response.created',
      'server response.output_audio.delta',
      'server response.output_audio_transcript.done',
      'server response.done',
      'server rate_limits.updated',
    ]) {
      expect(types).toContain(type);
    }
  });

  it('compile as literals of their types', () => {
    expect(complaints(moduleOf(events))).toEqual([]);
  }, 120_000);

  it('do not compile with one field renamed, in either direction', () => {
    const renamed = (type: string, from: string, to: string): LoggedEvent => {
      const line = events.find(({ event }) => event.type === type)!;
      return JSON.parse(JSON.stringify(line).replace(`"${from}":`, `"${to}":`)) as LoggedEvent;
    };
    const wrong = [
      renamed('input_audio_buffer.speech_started', 'audio_start_ms', 'audio_started_ms'),
      renamed('response.done', 'output_modalities', 'modalities'),
      renamed('input_audio_buffer.append', 'audio', 'data'),
      renamed('session.update', 'turn_detection', 'vad'),
    ];
    const found = complaints(moduleOf(wrong));
    wrong.forEach((_line, index) => {
      expect(found).toContainEqual(expect.stringContaining(`const e${index}:`));
    });
  }, 120_000);
});
