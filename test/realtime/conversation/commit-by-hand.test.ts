/** Speech without a pause that the client commits piece by piece, with servers that take this differently. */
import { describe, expect, it } from 'vitest';
import type { ConversationConfig } from '../../../src/realtime/conversation/conversation-config.js';
import { FakeVad } from '../fake-vad.js';
import { tone } from '../scripted-transport.js';
import { connected, speak } from '../session-fixture.js';

const CONGESTED_BYTES = 32_768;

const LOUD = tone(10);
const SILENT = new Int16Array(240);
const COMMIT = 'input_audio_buffer.commit';

async function listening(
  afterCommit: FakeVad['afterCommit'] = 'goes_on',
  config: Partial<ConversationConfig> = {},
) {
  const vad = new FakeVad();
  vad.afterCommit = afterCommit;
  const fixture = await connected(config, { onEvent: vad.onEvent });
  return { ...fixture, vad };
}

const STYLES = ['goes_on', 'starts_anew', 'keeps_item'] as const;

describe('a commit by hand', () => {
  it.each(STYLES)(
    'makes turns of speech that goes on, without gap or overlap (server: %s)',
    async (style) => {
      const { session, server, emitted, clock } = await listening(style);
      const { connection } = server;
      speak({ session, clock }, 300, () => SILENT);
      for (let piece = 0; piece < 3; piece++) {
        speak({ session, clock }, 4_000, () => LOUD);
        if (piece < 2) session.commitTurn();
      }
      speak({ session, clock }, 700, () => SILENT);
      const expected = [
        [300, 4_300],
        [4_300, 8_300],
        [8_300, 12_300],
      ];
      expect(emitted.turnCommitted).toHaveLength(3);
      emitted.turnCommitted.forEach(({ startMs, endMs }, index) => {
        // A server that finds a start anew tells it with its padding, which reaches back to the commit at most.
        const toleranceMs = style === 'starts_anew' && index > 0 ? 310 : 20;
        expect(Math.abs(startMs - expected[index]![0]!)).toBeLessThanOrEqual(toleranceMs);
        expect(Math.abs(endMs - expected[index]![1]!)).toBeLessThanOrEqual(20);
      });
      expect(emitted.speechStarted.map(({ turnId }) => turnId).sort()).toEqual(
        emitted.turnCommitted.map(({ turnId }) => turnId).sort(),
      );
      // Each is asked for once, by its name where another may come in between.
      const asked: unknown[] = [];
      for (let n = 0; n < 3; n++) {
        const { metadata } = connection.of('response.create')[n]!['response'] as {
          metadata: { turn: string };
        };
        asked.push(metadata.turn);
        connection.respond(`r${n}`, metadata.turn, `out_${n}`, 100);
      }
      expect(asked.map((item) => `maria.1/${String(item)}`)).toEqual(
        emitted.turnCommitted.map(({ turnId }) => turnId),
      );
      expect(emitted.turnDone.map(({ outcome }) => outcome)).toEqual(['completed', 'completed', 'completed']);
      expect(emitted.notice).toEqual([]);
      expect(session.idle).toBe(true);
    },
  );

  it('names the turn it asks for while the speech goes on', async () => {
    const { session, server, clock } = await listening();
    speak({ session, clock }, 2_000, () => LOUD);
    session.commitTurn();
    expect(server.connection.of('response.create')[0]?.['response']).toMatchObject({
      input: [{ type: 'item_reference', id: 'item_1' }],
    });
  });

  it('covers all that was appended, the chunk being filled too', async () => {
    const { session, server, clock } = await listening('goes_on', { uplinkChunkMs: 100 });
    speak({ session, clock }, 1_050, () => LOUD);
    const before = server.connection.appendedMs;
    session.commitTurn();
    expect(server.connection.appendedMs - before).toBe(50);
    expect(server.connection.appendedMs).toBe(1_050 + 300); // with the lead
  });

  it('translates nothing where only silence came behind it', async () => {
    const { session, server, emitted, clock } = await listening();
    speak({ session, clock }, 2_000, () => LOUD);
    speak({ session, clock }, 120, () => SILENT);
    session.commitTurn();
    speak({ session, clock }, 1_000, () => SILENT);
    expect(emitted.turnCommitted).toHaveLength(1);
    expect(server.connection.of('conversation.item.delete')).toMatchObject([{ item_id: 'item_2' }]);
    server.connection.respond('r1', 'item_1', 'out_1', 100);
    expect(server.connection.of('response.create')).toHaveLength(1);
    expect(session.idle).toBe(true);
    speak({ session, clock }, 1_000, () => LOUD);
    speak({ session, clock }, 700, () => SILENT);
    expect(emitted.turnCommitted).toHaveLength(2);
    expect(Math.abs(emitted.turnCommitted[1]!.startMs - 3_120)).toBeLessThanOrEqual(20);
  });

  it.each(STYLES)('leaves the rest to the silence that follows a mute (server: %s)', async (style) => {
    const { session, emitted, clock } = await listening(style);
    speak({ session, clock }, 2_000, () => LOUD);
    session.commitTurn();
    speak({ session, clock }, 1_000, () => LOUD);
    session.endOfSpeech();
    clock.advanceBy(3_000);
    expect(emitted.turnCommitted).toHaveLength(2);
    expect(Math.abs(emitted.turnCommitted[1]!.endMs - 3_000)).toBeLessThanOrEqual(20);
    expect(emitted.notice).toEqual([]);
  });

  it('ends the rest by hand where silence does not', async () => {
    const { session, server, emitted, clock, vad } = await listening();
    vad.commits = false;
    speak({ session, clock }, 2_000, () => LOUD);
    session.commitTurn();
    speak({ session, clock }, 1_000, () => LOUD);
    session.endOfSpeech();
    clock.advanceBy(12_000);
    expect(server.connection.of(COMMIT)).toHaveLength(2);
    expect(emitted.turnCommitted).toHaveLength(2);
    expect(Math.abs(emitted.turnCommitted[1]!.startMs - 2_000)).toBeLessThanOrEqual(20);
    expect(Math.abs(emitted.turnCommitted[1]!.endMs - 3_000)).toBeLessThanOrEqual(20);
  });

  it('that crosses the commit of the server is refused, and then forgotten', async () => {
    const { session, server, emitted, clock } = await connected();
    const { connection } = server;
    speak({ session, clock }, 2_000, () => LOUD);
    connection.speechStarted('a');
    session.commitTurn();
    const [sent] = connection.of(COMMIT);
    connection.say({ type: 'input_audio_buffer.speech_stopped', item_id: 'a', audio_end_ms: 1_800 });
    connection.committed('a');
    connection.error({ code: 'input_audio_buffer_commit_empty', message: 'empty', event_id: sent!.event_id });
    connection.respond('r1', 'a', 'out_a', 100);
    expect(emitted.notice.map(({ kind }) => kind)).toEqual(['benign_error']);
    expect(session.idle).toBe(true);
    speak({ session, clock }, 2_000, () => LOUD);
    connection.speechStarted('b', 2_300);
    session.commitTurn();
    connection.committed('b');
    expect(Math.abs(emitted.turnCommitted[1]!.endMs - 4_000)).toBeLessThanOrEqual(20);
  });

  it('is not sent where nobody speaks, where audio is held back, or where the server responds', async () => {
    const quiet = await listening();
    quiet.session.commitTurn();
    speak(quiet, 1_000, () => SILENT);
    quiet.session.commitTurn();
    expect(quiet.server.connection.of(COMMIT)).toEqual([]);

    const congested = await listening();
    speak(congested, 1_000, () => LOUD);
    congested.server.connection.bufferedAmountBytes = CONGESTED_BYTES + 1;
    speak(congested, 1_000, () => LOUD);
    congested.session.commitTurn();
    expect(congested.server.connection.of(COMMIT)).toEqual([]);

    const server = await listening('goes_on', { responses: 'server' });
    speak(server, 2_000, () => LOUD);
    server.session.commitTurn();
    expect(server.server.connection.of(COMMIT)).toEqual([]);
  });
});

describe('the language of what was said', () => {
  const completed = (languages?: unknown) => ({
    type: 'conversation.item.input_audio_transcription.completed',
    item_id: 'a',
    content_index: 0,
    transcript: 'hola',
    usage: { type: 'duration', seconds: 1 },
    ...(languages === undefined ? {} : { languages }),
  });

  it.each([
    [[{ code: 'es' }], 'es'],
    [[{ code: 'es' }, { code: 'en' }], undefined],
    [[], undefined],
    [null, undefined],
    [undefined, undefined],
  ])('is told where the transcription reports one: %j', async (languages, language) => {
    const { server, emitted } = await connected();
    server.connection.turn('a');
    server.connection.say(completed(languages));
    expect(emitted.sourceTranscript).toEqual([
      { turnId: 'maria.1/a', text: 'hola', final: true, ...(language === undefined ? {} : { language }) },
    ]);
  });
});
