import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Responder } from '../../src/embedded/realtime-server/responses/responder.js';
import { literalTypeErrors } from '../openai-literals.js';
import { echo, FIXTURES, run, type LoggedEvent } from './replay-helpers.js';

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
      ...(await import('../../src/realtime/conversation/conversation-config.js')).DEFAULT_CONVERSATION_CONFIG,
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
    expect(literalTypeErrors(events)).toEqual([]);
  });

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
    const found = literalTypeErrors(wrong);
    wrong.forEach((_line, index) => {
      expect(found).toContainEqual(expect.stringMatching(new RegExp(`^${index} `)));
    });
  });
});
