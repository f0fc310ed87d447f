/** `parley bots` against a service in this process, whose meetings are scripted. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeDatabase } from '../../database/test-databases.js';
import { type ServiceWorld, serviceWorld, until } from '../../service/service-world.js';
import { cli, type CliRun } from '../run-cli.js';

let world: ServiceWorld;
const bots = (args: readonly string[], options: { key?: string; onOut?: (text: string) => void } = {}) =>
  cli(['bots', ...args], {
    ...options,
    env: { PARLEY_SERVICE_URL: world.url, PARLEY_API_KEY: options.key ?? world.key },
  });
const linesOf = ({ out }: CliRun): Record<string, unknown>[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
async function invited(meetingId: string, ...flags: string[]): Promise<string> {
  const run = await bots(['invite', meetingId, ...flags]);
  expect(run).toMatchObject({ exitCode: 0, err: '' });
  expect(run.out).toMatch(/^bot_[\da-f]{32}\n$/);
  return run.out.trim();
}
const active = async (meetingId: string): Promise<string> => {
  const id = await invited(meetingId, '--languages', 'es,en');
  await until(
    () => world.supervisor.status(id),
    (status) => status !== undefined,
  );
  world.supervisor.state(id, 'joining');
  world.supervisor.state(id, 'active');
  await until(
    () => world.api('GET', `/v1/bots/${id}`),
    ({ json }) => (json as { state: string }).state === 'active',
  );
  return id;
};
/** Resolves when so many streams are read. */
const readers = (count: number) =>
  until(
    async () => /^parley_sse_clients (\d+)$/m.exec(await (await fetch(`${world.url}/metrics`)).text())?.[1],
    (open) => open === String(count),
  );
const said = {
  ...{ type: 'caption' as const, kind: 'speech' as const, segmentId: 's1', turnId: 's1', part: 0 },
  ...{ speakerId: 'ana', speakerName: 'Ana', sourceLanguage: 'es', targetLanguage: 'en' },
  ...{ sourceText: 'Buenos días.', translatedText: 'Good morning.', original: true, final: true },
  ...{ startMs: 1_000, endMs: 2_000 },
};
const ana = { id: 'ana', name: 'Ana', isBot: false, speaks: ['es'] };

describeDatabase('embedded', ({ open }) => {
  beforeAll(async () => {
    world = await serviceWorld(open());
  });
  afterAll(() => world.close());

  describe('invite', () => {
    it('prints the id of a bot that has what the flags say, and nothing of this machine’s defaults', async () => {
      const id = await invited('one', '--languages', 'es,ja', '--no-keep');
      expect((await world.api('GET', `/v1/bots/${id}`)).json).toMatchObject({
        ...{ id, meetingId: 'one', record: false, settings: { languages: ['es', 'ja'] } },
      });
    });

    it('with --json prints the bot; with --join-at it comes later', async () => {
      const run = await bots(['invite', 'two', '--json', '--join-at', '2099-12-01T14:00:00+01:00']);
      expect(linesOf(run)).toEqual([
        expect.objectContaining({
          ...{ meetingId: 'two', state: 'scheduled', joinAt: '2099-12-01T13:00:00.000Z' },
        }),
      ]);
    });

    it('says which bot is there already, which time is none, and what is not known', async () => {
      const id = await invited('three');
      const again = await bots(['invite', 'three']);
      expect(again).toMatchObject({ exitCode: 2, out: '' });
      expect(again.err).toContain(id);
      expect(again.err).toContain('bot_exists');
      const never = await bots(['invite', 'four', '--join-at', 'tomorrow']);
      expect(never).toMatchObject({
        ...{ exitCode: 2, out: '', err: expect.stringContaining('2026-12-01T14:00:00Z') as string },
      });
      const unknown = await bots(['invite', 'unknown-meeting']);
      expect(unknown).toMatchObject({
        ...{ exitCode: 2, out: '', err: expect.stringContaining('no such meeting') as string },
      });
    });
  });

  it('list shows bots, the newest first, as a table or as JSON, all or some', async () => {
    const id = await active('listed');
    const { out, exitCode } = await bots(['list', '--limit', '2']);
    expect(exitCode).toBe(0);
    const [head, first, ...rest] = out.trimEnd().split('\n');
    expect(head).toMatch(/^bot +state +meeting +made *$/);
    expect(first).toMatch(new RegExp(`^${id} +active +listed +\\d{4}-\\d\\d-\\d\\dT`));
    expect(rest).toHaveLength(1);
    expect(linesOf(await bots(['list', '--json', '--state', 'active,joining']))).toEqual([
      expect.objectContaining({ id, state: 'active' }),
    ]);
    expect((await bots(['list', '--meeting', 'nowhere'])).out).toBe('no bots\n');
    expect(await bots(['list', '--state', 'asleep'])).toMatchObject({ exitCode: 2, out: '' });
  });

  describe('watch', () => {
    it('tells people what happens, until the meeting is over', async () => {
      const id = await active('watched');
      world.supervisor.happens(id, { type: 'joined', person: ana } as never);
      const watching = bots(['watch', id]);
      await readers(1);
      world.supervisor.happens(id, said);
      world.supervisor.end(id, 'meeting_ended');
      const run = await watching;
      expect(run).toMatchObject({ exitCode: 0, err: '' });
      const lines = run.out.trimEnd().split('\n');
      expect(lines.slice(0, 2)).toEqual(['the bot is active', 'here: Ana']);
      expect(lines[2]).toContain('Ana [es]: Buenos días.  →  [en] Good morning.');
      expect(lines.at(-1)).toBe('the bot is ended (meeting_ended)');
    });

    it('with --json prints every event, and nothing else', async () => {
      const id = await active('watched-by-a-program');
      const watching = bots(['watch', id, '--json']);
      await readers(1);
      world.supervisor.happens(id, said);
      world.supervisor.end(id, 'meeting_ended');
      const lines = linesOf(await watching);
      expect(lines.map(({ type }) => type)).toEqual(['snapshot', 'caption', 'bot']);
      expect(lines[0]).toMatchObject({ bot: { id, state: 'active' } });
      expect(lines[1]).toMatchObject({ segmentId: 's1', translatedText: 'Good morning.', seq: 1 });
      expect(lines[2]).toMatchObject({ id, state: 'ended', reason: 'meeting_ended' });
    });

    it('fails with the bot, and says why', async () => {
      const id = await active('watched-in-vain');
      const watching = bots(['watch', id]);
      await readers(1);
      world.supervisor.end(id, 'key_refused', { code: 'key_refused', message: 'OpenAI refused the key' });
      const run = await watching;
      expect(run.exitCode).toBe(69);
      expect(run.err).toContain('the bot failed: ');
      expect(run.out.trimEnd().split('\n').at(-1)).toBe('the bot is failed (key_refused)');
    });
  });

  it('leave sends a bot out, with a last word', async () => {
    const id = await active('left');
    const run = await bots(['leave', id, '--say', 'Goodbye.']);
    expect(run).toMatchObject({ exitCode: 0, err: '' });
    expect(run.out).toMatch(new RegExp(`^${id} (leaves|ended \\(asked\\))\n$`));
    expect(world.supervisor.commands.at(-1)).toEqual([id, { kind: 'stop', drainMs: 5000, say: 'Goodbye.' }]);
    await until(
      () => bots(['list', '--json', '--meeting', 'left']),
      (list) => linesOf(list)[0]!['state'] === 'ended',
    );
    const again = await bots(['leave', id]);
    expect(again).toMatchObject({ exitCode: 2, err: expect.stringContaining('is ended already') as string });
  });

  it('without a key, with a wrong one, and without a service it says what to do', async () => {
    const none = await cli(['bots', 'list'], { env: { PARLEY_SERVICE_URL: world.url } });
    expect(none).toMatchObject({ exitCode: 77, err: expect.stringContaining('PARLEY_API_KEY') as string });
    const wrong = await bots(['list'], { key: `pk_${'a'.repeat(12)}_${'b'.repeat(43)}` });
    expect(wrong).toMatchObject({ exitCode: 77, err: expect.stringContaining('unauthenticated') as string });
    const away = await cli(['bots', 'list'], {
      env: { PARLEY_SERVICE_URL: 'http://127.0.0.1:9', PARLEY_API_KEY: world.key },
    });
    expect(away).toMatchObject({ exitCode: 69, err: expect.stringContaining('cannot be reached') as string });
    const missing = await bots(['watch', 'bot_0000']);
    expect(missing).toMatchObject({
      exitCode: 66,
      err: expect.stringContaining('there is no bot') as string,
    });
  });
});
