import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/clock.js';
import { ParleyError } from '../../../src/errors.js';
import { parseGlossary } from '../../../src/interpreter/instructions/glossary.js';
import type { RouteSpec } from '../../../src/interpreter/plan/routes.js';
import {
  Briefing,
  type BriefingSettings,
  type MeetingProfiles,
} from '../../../src/meeting/briefing/briefing.js';
import type { MeetingNotice, MeetingPerson } from '../../../src/meeting/meeting-events.js';
import type { Participant } from '../../../src/room/room.js';
import { profileOf, ScriptedProfiles } from '../scripted-profiles.js';
import { spanishRoute } from '../spanish-route.js';

const REFINE_INTERVAL_MS = 10_000;

type Metadata = Participant['metadata'];

const participant = (id: string, metadata: Metadata = {}, isBot = false): Participant => ({
  id,
  name: id,
  metadata,
  isBot,
});

function open(settings: Partial<MeetingProfiles> & { glossary?: BriefingSettings['glossary'] } = {}) {
  const { glossary, ...profiles } = settings;
  const clock = new VirtualClock();
  const source = new ScriptedProfiles();
  const people: MeetingPerson[] = [];
  const notices: MeetingNotice[] = [];
  const counts = { changes: 0 };
  const briefing = new Briefing({
    clock,
    profiles: { source, ...profiles },
    glossary,
    roster: { people: () => people },
  });
  briefing.events.on('changed', () => counts.changes++);
  briefing.events.on('notice', (notice) => notices.push(notice));
  const join = (id: string, prefers: string, metadata: Metadata = {}): void => {
    const person = { id, name: id, isBot: false, speaks: [prefers], prefers, heard: false };
    people.push(person);
    briefing.joined(person, participant(id, metadata));
  };
  const leave = (id: string): void => {
    people.splice(
      people.findIndex((person) => person.id === id),
      1,
    );
    briefing.left({ id });
  };
  /** The data lines of a route's instructions. */
  const data = (spec: RouteSpec): string[] =>
    briefing
      .instructionsFor(spec)
      .split('\n')
      .filter((line) => line.startsWith('- ') && line.includes('"'))
      .map((line) => line.slice(2));
  return { clock, source, briefing, people, notices, counts, join, leave, data };
}

describe('instructions', () => {
  it('name the speaker and the listeners in one order, whoever came first', () => {
    const { join, data } = open();
    for (const id of ['eve', 'ana', 'bob']) join(id, id === 'ana' ? 'es' : 'en');
    expect(data(spanishRoute('ana', 'en', ['eve', 'bob']))).toEqual([
      'Speaker: "ana"',
      'Listeners: "bob", "eve"',
    ]);
  });

  it('are none where nothing is asked of the model', () => {
    const { briefing } = open();
    const silent = spanishRoute('ana', 'en', []);
    expect(briefing.instructionsFor({ ...silent, to: undefined })).toBe('');
  });

  it('hold the glossary of their languages; what is too much is told once', () => {
    const many = Object.fromEntries(Array.from({ length: 130 }, (_, n) => [`palabra ${n}`, `word ${n}`]));
    const glossary = parseGlossary({ 'es>en': many, 'es>de': { acta: 'Protokoll' } }, 'x');
    const { briefing, data, notices } = open({ glossary });
    expect(data(spanishRoute('ana', 'de', ['bob']))).toEqual(['Term: "acta" is "Protokoll"']);
    for (let n = 0; n < 3; n++) briefing.instructionsFor(spanishRoute('ana', 'en', ['bob']));
    expect(notices).toEqual([
      {
        kind: 'glossary',
        message: 'the glossary has 30 terms too many from español into English: 100 are used',
      },
    ]);
  });
});

describe('a profile', () => {
  it('comes later: first the summary, then what fits the start', async () => {
    const { source, join, data, counts, notices } = open();
    join('ana', 'es', { fastinoUserId: 'usr_1' });
    join('bob', 'en');
    const spec = spanishRoute('ana', 'en', ['bob']);
    expect(data(spec)).toEqual(['Speaker: "ana"', 'Listeners: "bob"']); // nobody waited
    source.asked[0]!.resolve(profileOf('usr_1', 'Civil engineer.', ['BIM']));
    await turn();
    expect(data(spec).slice(2)).toEqual([
      'About the speaker: "Civil engineer."',
      'Names and terms of the speaker, kept as they are: "BIM"',
    ]);
    expect(source.chunksAsked[0]).toMatchObject({
      userId: 'usr_1',
      what: { recentTexts: [expect.stringContaining('meeting') as string], excludeIds: [], maxChunks: 3 },
    });
    source.chunksAsked[0]!.resolve([
      { id: 'a', text: 'Leads the bridge.' },
      { id: 'b', text: 'Reports to Carla.' },
    ]);
    await turn();
    expect(data(spec).slice(3, 5)).toEqual([
      'Known of the speaker: "Leads the bridge."',
      'Known of the speaker: "Reports to Carla."',
    ]);
    expect(counts.changes).toBe(2);
    expect(notices).toEqual([
      {
        kind: 'profile',
        message: expect.stringMatching(
          /^ana has a profile, which the model is told .+ \(19 characters, sha256 [\da-f]{12}\)$/,
        ) as string,
        participantId: 'ana',
      },
    ]);
  });

  it('of a listener is used where nobody else listens to that language', async () => {
    const { source, join, leave, data } = open();
    join('ana', 'es', { fastinoUserId: 'usr_1' });
    join('bob', 'en', { fastinoUserId: 'usr_2' });
    source.asked[0]!.resolve(profileOf('usr_1', 'Of Ana.'));
    source.asked[1]!.resolve(profileOf('usr_2', 'Of Bob.', ['term of Bob']));
    await turn();
    const about = (spec: RouteSpec) => data(spec).filter((line) => line.startsWith('About'));
    expect(about(spanishRoute('ana', 'en', ['bob']))).toEqual([
      'About the speaker: "Of Ana."',
      'About the listener: "Of Bob."',
    ]);
    join('eve', 'en-GB'); // hears English too, although not as a listener of this route
    expect(about(spanishRoute('ana', 'en', ['bob']))).toEqual(['About the speaker: "Of Ana."']);
    expect(about(spanishRoute('ana', 'en', ['bob', 'eve']))).toEqual(['About the speaker: "Of Ana."']);
    leave('eve');
    expect(about(spanishRoute('ana', 'en', ['bob']))).toHaveLength(2);
    leave('bob');
    expect(about(spanishRoute('ana', 'en', []))).toEqual(['About the speaker: "Of Ana."']);
  });

  it('is nobody’s who says no id, and never an interpreter’s', () => {
    const { source, briefing, join } = open();
    join('ana', 'es');
    const bot = participant('parley-2', { fastinoUserId: 'usr_1' }, true);
    briefing.joined(bot, bot);
    expect(source.asked).toEqual([]);
  });

  it('is the one that the host says', () => {
    const { source, join } = open({ ids: new Map([['ana', 'usr_1']]) });
    join('ana', 'es', { fastinoUserId: 'usr_7' });
    join('bob', 'en', { fastinoUserId: 'usr_1' }); // Ana's
    expect(source.asked.map(({ userId }) => userId)).toEqual(['usr_1']);
  });

  it('of whoever leaves is not waited for, nor used', async () => {
    const { source, join, leave, counts } = open();
    join('ana', 'es', { fastinoUserId: 'usr_1' });
    leave('ana');
    expect(source.asked[0]!.signal.aborted).toBe(true);
    source.asked[0]!.resolve(profileOf('usr_1', 'Late.'));
    await turn();
    expect(counts.changes).toBe(0);
    expect(source.chunksAsked).toEqual([]);
  });

  it('changes with the id, five times at most', async () => {
    const { source, briefing, join, data, counts } = open();
    join('ana', 'es', { fastinoUserId: 'usr_0' });
    source.asked[0]!.resolve(profileOf('usr_0', 'First.'));
    await turn();
    briefing.updated(participant('ana', { fastinoUserId: 'usr_0', preferredLanguage: 'ca' }));
    expect(counts.changes).toBe(1); // the same id: nothing happens
    for (let n = 1; n < 20; n++) briefing.updated(participant('ana', { fastinoUserId: `usr_${n}` }));
    expect(counts.changes).toBe(2);
    expect(data(spanishRoute('ana', 'en', []))).toEqual(['Speaker: "ana"']);
    expect(source.asked.map(({ userId }) => userId)).toEqual(['usr_0', 'usr_1', 'usr_2', 'usr_3', 'usr_4']);
    expect(source.asked.map(({ signal }) => signal.aborted)).toEqual([true, true, true, true, true]);
  });

  it('that is not known is no news; trouble is told once of each kind, without anything private', async () => {
    const { source, join, notices, counts } = open();
    for (const id of ['ana', 'bob', 'eve', 'dan']) join(id, 'es', { fastinoUserId: `usr_${id}` });
    source.asked[0]!.resolve(undefined);
    for (const { reject } of source.asked.slice(1))
      reject(new ParleyError('service_unavailable', 'Fastino at x did not answer in time'));
    await turn();
    expect(notices).toEqual([
      { kind: 'profile', message: 'Fastino at x did not answer in time; interpreting goes on without' },
    ]);
    expect(counts.changes).toBe(0);
  });

  it('of two hundred people are used, and no more', () => {
    const { source, join } = open();
    for (let n = 0; n < 250; n++) join(`p${n}`, 'es', { fastinoUserId: `usr_${n}` });
    expect(source.asked).toHaveLength(200);
  });
});

describe('refinement', () => {
  const start = async (refine: boolean) => {
    const world = open({ refine });
    world.join('ana', 'es', { fastinoUserId: 'usr_1' });
    world.source.asked[0]!.resolve(profileOf('usr_1', 'Engineer.'));
    await turn();
    world.source.chunksAsked[0]!.resolve([{ id: 'a', text: 'Chunk a.' }]);
    await turn();
    return world;
  };

  it('is off by default', async () => {
    const { clock, briefing, source } = await start(false);
    clock.advanceBy(REFINE_INTERVAL_MS);
    briefing.said({ speakerId: 'ana', text: 'El puente' });
    expect(source.chunksAsked).toHaveLength(1);
  });

  it('asks with one’s own latest turns, without used chunks, not too often', async () => {
    const { clock, briefing, source, join, data } = await start(true);
    join('bob', 'en');
    for (let n = 1; n <= 6; n++) briefing.said({ speakerId: 'ana', text: `turn ${n}` });
    briefing.said({ speakerId: 'bob', text: 'not Ana’s words' });
    expect(source.chunksAsked).toHaveLength(1);
    clock.advanceBy(REFINE_INTERVAL_MS);
    briefing.said({ speakerId: 'ana', text: 'x'.repeat(5_000) });
    briefing.said({ speakerId: 'ana', text: 'while it is asked' });
    expect(source.chunksAsked).toHaveLength(2);
    expect(source.chunksAsked[1]!.what).toEqual({
      recentTexts: ['turn 4', 'turn 5', 'turn 6', 'x'.repeat(500)],
      excludeIds: ['a'],
      maxChunks: 3,
    });
    source.chunksAsked[1]!.resolve([
      { id: 'b', text: 'Chunk b.' },
      { id: 'c', text: 'Chunk c.' },
    ]);
    await turn();
    const known = data(spanishRoute('ana', 'en', [])).filter((line) => line.startsWith('Known'));
    expect(known.map((line) => line.slice(22))).toEqual(['"Chunk b."', '"Chunk c."', '"Chunk a."']);
    clock.advanceBy(REFINE_INTERVAL_MS);
    briefing.said({ speakerId: 'ana', text: 'more' });
    expect(source.chunksAsked[2]!.what.excludeIds).toEqual(['a', 'b', 'c']);
    source.chunksAsked[2]!.reject(new Error('down'));
    await turn();
    expect(data(spanishRoute('ana', 'en', [])).filter((line) => line.startsWith('Known'))).toHaveLength(3);
  });
});
