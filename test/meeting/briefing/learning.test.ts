import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { Learning } from '../../../src/meeting/briefing/learning.js';
import type { MeetingNotice } from '../../../src/meeting/meeting-events.js';
import type { Participant } from '../../../src/room/room.js';
import { ScriptedProfiles } from '../scripted-profiles.js';

function open(ids?: ReadonlyMap<string, string>) {
  const clock = new VirtualClock();
  const source = new ScriptedProfiles();
  const notices: MeetingNotice[] = [];
  const meeting = { clock, notice: (notice: MeetingNotice) => notices.push(notice) };
  const learning = new Learning(meeting, ids === undefined ? { source } : { source, ids });
  const participant = (id: string, metadata: Participant['metadata'], isBot = false): Participant => ({
    ...{ id, name: id, metadata, isBot },
  });
  const join = (id: string, metadata: Participant['metadata'], isBot = false): void => {
    const joined = participant(id, metadata, isBot);
    learning.joined(joined, joined);
  };
  const updated = (id: string, metadata: Participant['metadata']): void => {
    learning.updated(participant(id, metadata));
  };
  return { clock, source, learning, notices, join, updated };
}

describe('learning', () => {
  const agree = { fastinoUserId: 'usr_1', parleyLearn: true };

  it('takes the words of those who agreed, each to their own profile, at the end', async () => {
    const { clock, learning, source, join } = open();
    join('ana', agree);
    join('bob', { fastinoUserId: 'usr_2' }); // did not agree
    join('eve', { parleyLearn: true }); // has no profile
    join('dan', { fastinoUserId: 'usr_4', parleyLearn: true });
    for (const id of ['ana', 'bob', 'eve', 'dan']) learning.said({ speakerId: id, text: `${id} speaks` });
    clock.advanceBy(1_000);
    learning.said({ speakerId: 'ana', text: '' });
    learning.said({ speakerId: 'ana', text: 'again' });
    learning.left({ id: 'ana' });
    expect(source.ingested).toEqual([]);
    const learnt = learning.finish(15_000);
    expect(source.ingested.map(({ userId, what }) => [userId, what])).toEqual([
      [
        'usr_1',
        [
          { text: 'ana speaks', saidAtMs: clock.epochMs() - 1_000 },
          { text: 'again', saidAtMs: clock.epochMs() },
        ],
      ],
      ['usr_4', [{ text: 'dan speaks', saidAtMs: clock.epochMs() - 1_000 }]],
    ]);
    for (const { resolve } of source.ingested) resolve();
    await learnt;
    await learning.finish(15_000);
    expect(source.ingested).toHaveLength(2); // once
  });

  it('takes whose profile is whose from the host, and nothing of an interpreter', () => {
    const { learning, source, join } = open(new Map([['ana', 'usr_ana']]));
    join('ana', agree);
    join('parley-2', { fastinoUserId: 'usr_2', parleyLearn: true }, true);
    for (const speakerId of ['ana', 'parley-2']) learning.said({ speakerId, text: 'hello' });
    void learning.finish(1_000);
    expect(source.ingested.map(({ userId }) => userId)).toEqual(['usr_ana']);
  });

  it('forgets what was said by whoever does not agree any more, or is somebody else now', async () => {
    const { learning, source, join, updated } = open();
    for (const id of ['ana', 'bob', 'eve']) {
      join(id, { fastinoUserId: `usr_${id}`, parleyLearn: true });
      learning.said({ speakerId: id, text: 'before' });
    }
    updated('ana', { fastinoUserId: 'usr_ana', parleyLearn: 'true' });
    updated('bob', { fastinoUserId: 'usr_other', parleyLearn: true });
    learning.left({ id: 'eve' });
    join('eve', { fastinoUserId: 'usr_eve' }); // came again, and says no
    await learning.finish(1_000);
    expect(source.ingested).toEqual([]);
  });

  it('is bounded in people: whoever goes without a word makes room', async () => {
    const { learning, source, join } = open();
    const come = (id: string) => {
      join(id, { fastinoUserId: `usr_${id}`, parleyLearn: true });
    };
    for (let n = 0; n < 2_000; n++) {
      come(`passer${n}`);
      learning.left({ id: `passer${n}` });
    }
    for (let n = 0; n < 501; n++) {
      come(`p${n}`);
      learning.said({ speakerId: `p${n}`, text: 'hello' });
      learning.left({ id: `p${n}` });
    }
    const learnt = learning.finish(1_000);
    expect(source.ingested.map(({ userId }) => userId)).toEqual(
      Array.from({ length: 500 }, (_, n) => `usr_p${n}`),
    );
    for (const { resolve } of source.ingested) resolve();
    await learnt;
  });

  it('is bounded in what it keeps and in how long it takes', async () => {
    const { clock, learning, source, join, notices } = open();
    join('ana', agree);
    join('bob', { ...agree, fastinoUserId: 'usr_2' });
    for (let n = 0; n < 1_000; n++) {
      learning.said({ speakerId: 'ana', text: 'short' });
      learning.said({ speakerId: 'bob', text: 'x'.repeat(1_000) });
    }
    const learnt = learning.finish(15_000);
    expect(source.ingested.map(({ what }) => what.length)).toEqual([500, 50]);
    clock.advanceBy(15_000);
    await learnt;
    expect(notices).toEqual([
      { kind: 'profile', message: 'what was said could not be added to 2 profiles: given up' },
    ]);
    expect(clock.nextDueMs()).toBeUndefined();
  });
});
