import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DemoProfiles, describeProfiles } from '../../../src/cli/demo/profiles.js';
import { runCli } from '../../../src/cli/program.js';

const ANA = { participantId: 'ana', name: 'Ana', language: 'es' };
const BOB = { participantId: 'bob', name: 'Bob', language: 'en' };
const PEOPLE = new Map([
  ['ana', { name: 'Ana Ruiz', locale: 'es-ES', notes: 'Says el tren.' }],
  ['bob', { name: 'Bob Hill', locale: 'en-GB', notes: 'Is brief.' }],
]);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-demo-profiles-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('DemoProfiles', () => {
  it('are used by parley as they are set up, and leave nothing behind', async () => {
    const signal = new AbortController().signal;
    const profiles = await DemoProfiles.open(PEOPLE, { cacheFolder: join(folder, 'parley'), signal });
    let out = '';
    const exitCode = await runCli(['profile', profiles.userIds.get('ana')!], {
      out: (text) => (out += text),
      err: () => undefined,
      env: { XDG_CACHE_HOME: folder, ...profiles.settings },
      columns: undefined,
      rows: undefined,
      liveErr: false,
      signal,
    });
    expect([exitCode, out]).toEqual([
      0,
      '- About the speaker: "Ana Ruiz speaks European Spanish. Says el tren."\n',
    ]);
    const copies = join(folder, 'parley', 'profiles');
    expect(readdirSync(copies)).toHaveLength(1);
    await profiles.close();
    expect(existsSync(copies) ? readdirSync(copies) : []).toEqual([]);
  });
});

describe('describeProfiles', () => {
  const emitted = (speakerId: string, text: string) =>
    ({ type: 'instructions', v: 1, atMs: 0, speakerId, to: 'en', text }) as const;
  const about = (text: string) => `Translate.\n- About the speaker: "${text}"\nEnd.`;

  it('is proven when the last instructions of everyone hold what Fastino was told', () => {
    const all = [
      emitted('ana', 'Translate.'),
      emitted('ana', about('Ana Ruiz. Says el tren.')),
      emitted('bob', about('Bob Hill. Is brief.')),
    ];
    expect(describeProfiles([ANA, BOB], PEOPLE, all)).toEqual({
      text:
        '  A profile says who somebody is; it helps with names, terms and tone. Fastino is a service that keeps profiles,\n' +
        '  here a stand-in for it on this machine.\n' +
        '  The model that interprets Ana knows: "Says el tren."\n' +
        '  The model that interprets Bob knows: "Is brief."\n',
      proven: true,
    });
  });

  it.each([
    ['nobody was told of', []],
    ['was told of before', [emitted('ana', about('Says el tren.')), emitted('ana', 'Translate.')]],
    ['was told of elsewhere', [emitted('ana', '- About the listener: "Says el tren."')]],
    ['is another one', [emitted('bob', about('Says el tren.'))]],
  ])('is not when it %s', (_name, all) => {
    expect(describeProfiles([ANA], PEOPLE, all)).toEqual({
      text: expect.stringMatching(
        /\n {2}The model that interprets Ana NOT PROVEN: knows nothing\n$/,
      ) as string,
      proven: false,
    });
  });
});
