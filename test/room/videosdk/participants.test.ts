import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ParticipantsChange, Roster } from '../../../src/room/sdk/roster.js';
import { toParticipant } from '../../../src/room/videosdk/participants.js';

const emitted = (changes: readonly ParticipantsChange[]): string[] =>
  changes.map(({ kind, participant }) => `${kind} ${participant.id}`);

describe('Roster', () => {
  it('tells each person once, whichever way the SDK tells of them', () => {
    const roster = new Roster('parley-1', toParticipant);
    expect(emitted(roster.reconcile([{ id: 'ana', displayName: 'Ana', metaData: { a: 1 } }]))).toEqual([
      'joined ana',
    ]);
    expect(
      roster.add({ id: 'ana', displayName: 'Ana', metaData: { a: 1, enableAgentEvents: true } }),
    ).toEqual([]);
    expect(roster.participants.get('ana')).toEqual({
      id: 'ana',
      name: 'Ana',
      metadata: { a: 1 },
      isBot: false,
    });
  });

  it('after an outage: ghosts leave, newcomers join, others stay, and changes are told', () => {
    const roster = new Roster('parley-1', toParticipant);
    roster.reconcile(['ana', 'bob', 'carla'].map((id) => ({ id, displayName: id })));
    const changes = roster.reconcile([
      { id: 'ana', displayName: 'ana' },
      { id: 'carla', displayName: 'Carla' },
      { id: 'dan', displayName: 'dan' },
    ]);
    expect(emitted(changes)).toEqual(['left bob', 'changed carla', 'joined dan']);
    expect([...roster.participants.keys()]).toEqual(['ana', 'carla', 'dan']);
  });

  it('never holds ourselves, and knows interpreters by their id alone', () => {
    const roster = new Roster('parley-1', toParticipant);
    roster.reconcile([
      { id: 'parley-1', displayName: 'Parley' },
      { id: 'parley-2', displayName: 'Ana' },
      { id: 'ana', displayName: 'parley-3' },
    ]);
    expect([...roster.participants.values()].map(({ id, isBot }) => [id, isBot])).toEqual([
      ['parley-2', true],
      ['ana', false],
    ]);
  });

  it.each([undefined, null, '', '   ', 7, {}])('a name that is %j becomes the id', (displayName) => {
    const roster = new Roster('parley-1', toParticipant);
    roster.add({ id: 'ana', displayName });
    expect(roster.participants.get('ana')?.name).toBe('ana');
  });

  it.each([undefined, null, 'text', ['list'], 3])('metadata that is %j is empty', (metaData) => {
    const roster = new Roster('parley-1', toParticipant);
    roster.add({ id: 'ana', displayName: 'Ana', metaData });
    expect(roster.participants.get('ana')?.metadata).toEqual({});
  });

  it('does not take __proto__ for more than a key', () => {
    const roster = new Roster('parley-1', toParticipant);
    roster.add({ id: '__proto__', metaData: JSON.parse('{"__proto__":{"polluted":true}}') as unknown });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(roster.participants.size).toBe(1);
  });

  it('whatever happens, what it told adds up to who is there', () => {
    const id = fc.constantFrom('a', 'b', 'c', 'd', 'parley-me');
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), id, name: fc.constantFrom('x', 'y') }),
      fc.record({ do: fc.constant('remove' as const), id }),
      fc.record({ do: fc.constant('reconcile' as const), ids: fc.uniqueArray(id) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const roster = new Roster('parley-me', toParticipant);
        const present = new Set<string>();
        for (const action of steps) {
          const changes =
            action.do === 'add'
              ? roster.add({ id: action.id, displayName: action.name })
              : action.do === 'remove'
                ? roster.remove(action.id)
                : roster.reconcile(action.ids.map((peer) => ({ id: peer })));
          for (const { kind, participant } of changes) {
            expect(present.has(participant.id)).toBe(kind !== 'joined');
            if (kind === 'joined') present.add(participant.id);
            if (kind === 'left') present.delete(participant.id);
          }
          expect([...roster.participants.keys()].sort()).toEqual([...present].sort());
        }
        expect(present.has('parley-me')).toBe(false);
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});
