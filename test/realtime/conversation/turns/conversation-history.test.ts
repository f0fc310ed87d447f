import { describe, expect, it } from 'vitest';
import { tone, type ScriptedConnection } from '../../scripted-transport.js';
import { connected } from '../../session-fixture.js';

/** A turn that is heard, transcribed and translated. */
function phrase(connection: ScriptedConnection, n: number): void {
  connection.turn(`in_${n}`);
  said(connection, n);
  connection.respond(`r_${n}`, `in_${n}`, `out_${n}`, 20, `phrase ${n}`);
}

function said(connection: ScriptedConnection, n: number): void {
  connection.say({
    type: 'conversation.item.input_audio_transcription.completed',
    item_id: `in_${n}`,
    content_index: 0,
    transcript: `frase ${n}`,
    usage: { type: 'duration', seconds: 1 },
  });
}

const deletedBy = (connection: ScriptedConnection) =>
  connection.of('conversation.item.delete').map(({ item_id }) => item_id);
const createdBy = (connection: ScriptedConnection) =>
  connection.of('conversation.item.create').map(({ item, previous_item_id }) => {
    const { id, role, content } = item as { id: string; role: string; content: { text: string }[] };
    return `${String(previous_item_id)} < ${id} ${role}: ${content[0]!.text}`;
  });

describe('what the server keeps of a conversation', () => {
  it('is the turns that are over as text, in front of what is to be answered, before the next request', async () => {
    const { server } = await connected();
    const { connection } = server;
    phrase(connection, 1);
    expect(deletedBy(connection)).toEqual([]); // still being played
    connection.turn('in_2');
    expect(deletedBy(connection)).toEqual(['in_1', 'out_1']);
    expect(createdBy(connection)).toEqual([
      'root < past_1_said user: frase 1',
      'past_1_said < past_1_translated assistant: phrase 1',
    ]);
    expect(connection.sent.at(-1)).toMatchObject({
      type: 'response.create',
      response: { metadata: { turn: 'in_2' } },
    });
    expect(connection.sent.at(-1)?.['response']).not.toHaveProperty('input');
  });

  it('is the last four turns, however many there were', async () => {
    const { server } = await connected();
    const { connection } = server;
    for (let n = 1; n <= 20; n++) phrase(connection, n);
    connection.turn('in_21');
    const gone = new Set(deletedBy(connection));
    for (let n = 1; n <= 20; n++) expect(gone.has(`in_${n}`) && gone.has(`out_${n}`)).toBe(true);
    const kept = createdBy(connection).filter((text) => !gone.has(/ < (\S+)/.exec(text)![1]));
    expect(kept.map((text) => text.replace(/.*: /, ''))).toEqual(
      [17, 18, 19, 20].flatMap((n) => [`frase ${n}`, `phrase ${n}`]),
    );
  });

  it('waits for the words of a turn before it is deleted, two turns at most', async () => {
    const { server } = await connected();
    const { connection } = server;
    for (const n of [1, 2]) {
      connection.turn(`in_${n}`);
      connection.respond(`r_${n}`, `in_${n}`, `out_${n}`, 20, `phrase ${n}`);
    }
    connection.turn('in_3');
    expect(deletedBy(connection)).toEqual([]);
    connection.respond('r_3', 'in_3', 'out_3', 20, 'phrase 3');
    said(connection, 2);
    connection.turn('in_4');
    expect(deletedBy(connection)).toEqual(['in_1', 'out_1', 'in_2', 'out_2']);
    expect(createdBy(connection)[0]).toBe('root < past_1_translated assistant: phrase 1');
    expect(createdBy(connection)[1]).toBe('past_1_translated < past_2_said user: frase 2');
  });

  it('keeps nothing of turns without a translation, and names no turn because one before it failed', async () => {
    const { server } = await connected({ transcription: undefined });
    const { connection } = server;
    connection.turn('in_1');
    connection.responseCreated('r_1', 'in_1');
    connection.responseDone('r_1', 'failed', { error: { code: 'content_filter', message: 'not this' } });
    connection.turn('in_2');
    expect(deletedBy(connection)).toEqual(['in_1']);
    expect(createdBy(connection)).toEqual([]);
    expect(connection.of('response.create')[1]?.['response']).not.toHaveProperty('input');
  });

  it('truncates nothing that it has deleted, and what is cut before that', async () => {
    const { server, session } = await connected({ transcription: undefined });
    const { connection } = server;
    connection.turn('in_1');
    connection.respond('r_1', 'in_1', 'out_1', 1_000);
    session.cut([{ outputId: 'maria.1/out_1', playedMs: 300, heardToEnd: false }]);
    expect(connection.of('conversation.item.truncate')).toHaveLength(1);
    connection.turn('in_2');
    connection.respond('r_2', 'in_2', 'out_2', 1_000);
    connection.turn('in_3');
    session.cut([{ outputId: 'maria.1/out_2', playedMs: 300, heardToEnd: false }]);
    expect(connection.of('conversation.item.truncate')).toHaveLength(1);
  });

  it('tidies up when speech begins, where the server answers by itself', async () => {
    const { server } = await connected({ responses: 'server' });
    const { connection } = server;
    connection.turn('in_1');
    said(connection, 1);
    connection.responseCreated('r_1');
    connection.audio('r_1', 'out_1', tone(20));
    connection.textDone('r_1', 'out_1', 'phrase 1');
    connection.responseDone('r_1');
    expect(deletedBy(connection)).toEqual([]);
    connection.speechStarted('in_2');
    expect(deletedBy(connection)).toEqual(['in_1', 'out_1']);
  });

  it('goes over to a new line as text', async () => {
    const { server, session, clock } = await connected();
    for (let n = 1; n <= 3; n++) phrase(server.connection, n);
    session.setVoice('cedar');
    for (let round = 0; round < 10; round++) {
      clock.advanceBy(50);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(server.connections).toHaveLength(2);
    expect(createdBy(server.connection).map((text) => text.replace(/.*: /, ''))).toEqual([
      'frase 1',
      'phrase 1',
      'frase 2',
      'phrase 2',
      'frase 3',
      'phrase 3',
    ]);
  });

  it('gives up on a server that knows no deletions, or no texts, and says so once', async () => {
    const refusing = async (type: string) => {
      const refused: string[] = [];
      const fixture = await connected(
        {},
        {
          onEvent: (event) => {
            if (event.type === type) refused.push(event.event_id!);
          },
        },
      );
      for (let n = 1; n <= 9; n++) {
        phrase(fixture.server.connection, n);
        for (const event_id of refused.splice(0)) {
          fixture.server.connection.error({ code: 'unknown_event', event_id });
        }
      }
      return fixture;
    };
    const without = await refusing('conversation.item.delete');
    expect(deletedBy(without.server.connection)).toHaveLength(4);
    expect(without.emitted.notice.filter(({ message }) => message.includes('deletes nothing'))).toHaveLength(
      1,
    );
    expect(without.emitted.turnDone.every(({ outcome }) => outcome === 'completed')).toBe(true);

    const textless = await refusing('conversation.item.create');
    expect(createdBy(textless.server.connection)).toHaveLength(2);
    expect(deletedBy(textless.server.connection)).toContain('in_8');
    expect(textless.emitted.notice.filter(({ message }) => message.includes('forgotten'))).toHaveLength(1);
  });
});
