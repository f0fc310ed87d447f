/** What the host says of a person: it wins over what they say themselves. */
import { afterEach, describe, expect, it } from 'vitest';
import { ScriptedMeeting } from '../scripted-meeting.js';

let world: ScriptedMeeting;
afterEach(async () => {
  for (const { session } of world.opened) session.drained();
  await world.close();
  expect(world.clock.nextDueMs()).toBeUndefined();
  expect(world.errors).toEqual([]);
});

const routes = () =>
  world.meeting
    .routes()
    .map(({ speakerId, to }) => `${speakerId}>${to ?? ''}`)
    .sort();

describe('the host’s word about a person', () => {
  it('wins over metadata and over what they ask for, until it is taken back', async () => {
    world = await ScriptedMeeting.open();
    const ana = world.join('ana', 'es');
    world.join('bob', 'en');
    world.meeting.setPerson('ana', { preferredLanguage: 'German', spokenLanguages: ['fr', 'es'] });
    expect(world.changed).toMatchObject([{ id: 'ana', prefers: 'de', speaks: ['fr', 'es'] }]);
    expect(routes()).toEqual(['ana>en', 'bob>de']);
    await world.pass(5_000);
    ana.send('PARLEY_LANGUAGE', '', { payload: { preferredLanguage: 'it', spokenLanguages: ['it'] } });
    ana.change({ metadata: { preferredLanguage: 'pt' } });
    await world.pass(5_000);
    expect(world.changed).toHaveLength(1);
    world.meeting.setPerson('ana', { spokenLanguages: null });
    expect(world.changed.at(-1)).toMatchObject({ prefers: 'de', speaks: ['pt'] });
    world.meeting.setPerson('ana', { preferredLanguage: null });
    expect(world.changed.at(-1)).toMatchObject({ prefers: 'pt', speaks: ['pt'] });
  });

  it('stands for whoever is still to come, and for whoever comes again', async () => {
    world = await ScriptedMeeting.open();
    world.meeting.setPerson('ana', { preferredLanguage: 'ca' });
    const ana = world.join('ana', 'es');
    expect(world.meeting.people).toMatchObject([{ id: 'ana', prefers: 'ca', speaks: ['es'] }]);
    ana.leave();
    world.join('ana', 'es');
    expect(world.meeting.people).toMatchObject([{ id: 'ana', prefers: 'ca' }]);
    expect(world.changed).toEqual([]);
  });

  it('that is no language is refused, and changes nothing', async () => {
    world = await ScriptedMeeting.open();
    world.join('ana', 'es');
    expect(() => {
      world.meeting.setPerson('ana', { preferredLanguage: 'Klingonese', interpret: false });
    }).toThrow('"Klingonese" is not a language: use a tag such as es');
    expect(world.changed).toEqual([]);
    expect(world.meeting.people[0]).not.toHaveProperty('interpret');
  });

  it('not to interpret somebody closes their routes; they still hear the others', async () => {
    world = await ScriptedMeeting.open();
    world.join('ana', 'es');
    world.join('bob', 'en');
    await world.speak('ana');
    const session = world.open.get('ana>en')!;
    world.meeting.setPerson('ana', { interpret: false });
    expect(world.changed).toMatchObject([{ id: 'ana', interpret: false }]);
    expect(routes()).toEqual(['bob>es']);
    session.drained();
    await world.speak('ana');
    await world.speak('bob');
    expect([...world.open.keys()]).toEqual(['bob>es']);
    world.meeting.setPerson('ana', { interpret: true });
    expect(world.changed.at(-1)).not.toHaveProperty('interpret');
    expect(routes()).toEqual(['ana>en', 'bob>es']);
    await world.speak('ana');
    expect([...world.open.keys()]).toContain('ana>en');
  });

  it('not to interpret somebody, where one session hears the room: it does not hear them', async () => {
    world = await ScriptedMeeting.open({ topology: 'shared', languages: ['es', 'en'] });
    world.join('ana', 'es');
    world.join('bob', 'en');
    world.meeting.setPerson('ana', { interpret: false });
    await world.speak('ana');
    expect(world.opened).toEqual([]);
    await world.speak('bob');
    expect(world.opened).toHaveLength(1);
  });
});
