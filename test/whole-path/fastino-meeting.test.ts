/** A meeting whose people have profiles with the embedded Fastino: on good days, and on bad ones, when nothing may be lost. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type FastinoFaults,
  type FastinoServer,
  type FastinoServerOptions,
  startFastinoServer,
} from '../../src/embedded/fastino-server/index.js';
import { FastinoClient } from '../../src/profiles/fastino/client.js';
import { FastinoProfiles } from '../../src/profiles/fastino/fastino-profiles.js';
import { ProfileCopies } from '../../src/profiles/fastino/profile-copies.js';
import type { ProfileSource } from '../../src/profiles/profile-source.js';
import { MeetingWorld } from '../meeting/meeting-world.js';
import { FastinoConnection } from './fastino-connection.js';

const KEY = 'pio_sk_0123456789';
const PEOPLE = [
  {
    id: 'lucia',
    language: 'es',
    userId: 'usr_lucia',
    notes: 'Works at Ferrovial. Says "el tren" for the release train.',
  },
  { id: 'emma', language: 'en', userId: 'usr_emma', notes: 'Head of procurement; prefers short sentences.' },
] as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-fastino-'));
});
afterEach(async () => {
  rmSync(folder, { recursive: true });
  await stage?.close();
  stage = undefined;
});
let stage: DemoMeeting | undefined;

/** A meeting and a Fastino on one clock. */
class DemoMeeting {
  readonly world: MeetingWorld;
  readonly fastino: FastinoServer;
  readonly notices: string[] = [];
  readonly copies = new ProfileCopies({ folder, apiKey: KEY, service: 'test' });
  readonly #connection: FastinoConnection;

  private constructor(world: MeetingWorld, fastino: FastinoServer) {
    this.world = world;
    this.fastino = fastino;
    this.#connection = new FastinoConnection(fastino);
  }

  static async open(options: FastinoServerOptions = {}): Promise<DemoMeeting> {
    const later: { source?: ProfileSource } = {};
    const late: ProfileSource = {
      description: 'Fastino',
      profileOf: (...args) => later.source!.profileOf(...args),
      chunks: (...args) => later.source!.chunks!(...args),
      ingest: (...args) => later.source!.ingest!(...args),
    };
    const world = await MeetingWorld.open({}, { profiles: late });
    const opened = new DemoMeeting(world, await startFastinoServer({ clock: world.clock, ...options }));
    stage = opened;
    const client = opened.client(KEY);
    later.source = new FastinoProfiles({ client, copies: opened.copies, clock: world.clock });
    return opened;
  }

  client(apiKey: string): FastinoClient {
    return new FastinoClient({
      apiKey,
      baseUrl: this.fastino.baseUrl,
      clock: this.world.clock,
      fetch: this.#connection.fetch,
      onNotice: (message) => this.notices.push(message),
    });
  }

  /** Everyone gets a profile. */
  async register(): Promise<void> {
    for (const { id, userId, notes } of PEOPLE) {
      const response = await fetch(`${this.fastino.baseUrl}/register`, {
        method: 'POST',
        headers: { 'x-api-key': KEY },
        body: JSON.stringify({ email: `${id}@example.com`, user_id: userId, traits: { name: id, notes } }),
      });
      expect(response.status).toBe(200);
    }
  }

  enter(metadata: Record<string, unknown> = {}): void {
    for (const { id, language, userId } of PEOPLE)
      this.world.enter(id, { preferredLanguage: language, fastinoUserId: userId, ...metadata });
  }

  /** Lets time pass; Fastino's answers are waited for, never the other way round. */
  async pass(durationMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 10) {
      await this.world.pass(10);
      await this.#connection.settle();
    }
  }

  /** Both say something, and what they say is interpreted. */
  async talk(): Promise<void> {
    await this.world.say('lucia', 'es', 'where-is-the-station', false);
    await this.pass(8_000);
    await this.world.say('emma', 'en', 'the-meeting-starts', false);
    await this.pass(8_000);
  }

  /** The latest instructions of the route into a language. */
  instructionsInto(to: string): string {
    return this.world.emitted.instructions.filter((each) => each.to === to).at(-1)?.text ?? '';
  }

  async close(): Promise<void> {
    await this.fastino.close(); // what hangs there is over
    await this.world.close();
  }
}

/** What a meeting without profiles sounds like, and when: what every other one is measured by. */
async function meetingOf(opened: DemoMeeting): Promise<unknown> {
  await opened.talk();
  const captions = opened.world
    .finals()
    .map(({ sourceText, translatedText }) => [sourceText, translatedText]);
  return { heard: opened.world.heard(), captions };
}

let untroubled: unknown;
beforeEach(async () => {
  if (untroubled !== undefined) return;
  const plain = await DemoMeeting.open();
  for (const { id, language } of PEOPLE) plain.world.enter(id, { preferredLanguage: language });
  untroubled = await meetingOf(plain);
  expect(plain.world.heardTexts()).toEqual(['en:where-is-the-station', 'es:the-meeting-starts']);
  expect(plain.fastino.callCounts).toEqual({ register: 0, ingest: 0, summary: 0, chunks: 0, query: 0 });
  await plain.close();
});

describe('on a good day', () => {
  it("everyone's profile is in what their session is told, and the meeting sounds the same", async () => {
    const opened = await DemoMeeting.open();
    await opened.register();
    opened.enter();
    expect(await meetingOf(opened)).toEqual(untroubled);
    expect(opened.instructionsInto('en')).toContain(
      'About the speaker: "The user is lucia. Works at Ferrovial.',
    );
    expect(opened.instructionsInto('en')).toContain(
      'About the listener: "The user is emma. Head of procurement',
    );
    expect(opened.instructionsInto('es')).toContain(
      'About the speaker: "The user is emma. Head of procurement',
    );
    expect(opened.fastino.callCounts).toMatchObject({ summary: 2, chunks: 2 });
  });

  it('what is known beforehand goes into the next turn when it comes late', async () => {
    const opened = await DemoMeeting.open();
    await opened.register();
    opened.fastino.faults.set({ slow: { delayMs: 4_500 } });
    opened.enter();
    expect(await meetingOf(opened)).toEqual(untroubled);
    const emitted = opened.world.emitted.instructions.filter(({ to }) => to === 'en').map(({ text }) => text);
    expect(emitted[0]).not.toContain('About the speaker');
    expect(emitted.at(-1)).toContain('About the speaker: "The user is lucia.');
  });
});

describe('interprets all the same when Fastino', () => {
  const BAD: readonly [name: string, faults: FastinoFaults, key?: string][] = [
    ['is slow (30 s)', { slow: { delayMs: 30_000 } }],
    ['never answers', { hang: {} }],
    ['refuses the key', {}, 'another-key'],
    ['takes no more requests', { refuse: { status: 429, retryAfter: '60' } }],
    ['has a problem of its own', { refuse: { status: 500 } }],
    ['answers without JSON', { garble: { kind: 'not_json' } }],
    ['answers with wrong types', { garble: { kind: 'wrong_types' } }],
    ['answers with bytes', { garble: { kind: 'binary' } }],
    ['answers without an end', { garble: { kind: 'endless' } }],
    ['drips', { drip: { everyMs: 1_000 } }],
    ['breaks off', { drop: { when: 'mid_answer' } }],
  ];

  it.each(BAD)('%s', async (_name, faults, key) => {
    const opened = await DemoMeeting.open(key === undefined ? {} : { key });
    if (key === undefined) await opened.register();
    opened.fastino.faults.set(faults);
    opened.enter();
    expect(await meetingOf(opened)).toEqual(untroubled);
    expect(opened.fastino.callCounts.summary).toBeGreaterThan(0);
    for (const to of ['en', 'es'])
      expect(opened.instructionsInto(to)).not.toMatch(/About the (?:speaker|listener)/);
    await opened.pass(20_000);
    expectOneProfileNotice(opened);
  });

  it('is down', async () => {
    const opened = await DemoMeeting.open();
    await opened.fastino.close();
    opened.enter();
    expect(await meetingOf(opened)).toEqual(untroubled);
    await opened.pass(20_000);
    expectOneProfileNotice(opened);
  });

  it('is down, and was up yesterday: the copy serves', async () => {
    const opened = await DemoMeeting.open();
    const fetchedAtMs = opened.world.clock.epochMs() - 25 * 3_600_000;
    const yesterday = { userId: 'usr_lucia', summary: 'Works at Ferrovial.', terms: [], fetchedAtMs };
    await opened.copies.write(yesterday);
    await opened.fastino.close();
    opened.enter();
    expect(await meetingOf(opened)).toEqual(untroubled);
    expect(opened.instructionsInto('en')).toContain('About the speaker: "Works at Ferrovial."');
  });
});

/** Said once, in one line that holds no key and nothing of a profile. */
function expectOneProfileNotice({ world }: DemoMeeting): void {
  const notices = world.emitted.notice.filter(({ kind }) => kind === 'profile');
  expect(notices.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^Fastino at [^\n]{10,200}$/),
  ]);
  expect(JSON.stringify(world.emitted.notice)).not.toMatch(/pio_sk|Ferrovial|procurement/);
}
