/** Who the demo's people are: profiles with an embedded Fastino, and whether they reach what the model is told. */
import { join } from 'node:path';
import { systemClock } from '../../clock.js';
import { type FastinoServer, startFastinoServer } from '../../embedded/fastino-server/index.js';
import { FastinoClient } from '../../profiles/fastino/client.js';
import { ProfileCopies } from '../../profiles/fastino/profile-copies.js';
import type { JoinEventOf } from '../../bot/events.js';
import type { Actor } from './proof.js';

/** The embedded Fastino takes any key, as long as there is one. */
const API_KEY = 'embedded';

/** What Fastino is told of somebody. */
export type Traits = { name: string; locale: string; notes: string };

/** Profiles that live as long as the demo. */
export class DemoProfiles {
  readonly #server: FastinoServer;
  readonly #copies: ProfileCopies;
  /** Fastino's user ids by participant id. */
  readonly userIds: ReadonlyMap<string, string>;

  private constructor(server: FastinoServer, copies: ProfileCopies, userIds: ReadonlyMap<string, string>) {
    this.#server = server;
    this.#copies = copies;
    this.userIds = userIds;
  }

  /** Starts an embedded Fastino and registers people with it, by participant id. */
  static async open(
    people: ReadonlyMap<string, Traits>,
    options: { cacheFolder: string; signal: AbortSignal },
  ): Promise<DemoProfiles> {
    const { cacheFolder, signal } = options;
    const server = await startFastinoServer();
    const client = new FastinoClient({ apiKey: API_KEY, baseUrl: server.baseUrl, clock: systemClock });
    const folder = join(cacheFolder, 'profiles');
    const copies = new ProfileCopies({ folder, apiKey: API_KEY, service: client.description });
    const userIds = new Map<string, string>();
    for (const [participantId, traits] of people) {
      const request = { email: `${participantId}@demo.example`, traits };
      userIds.set(participantId, (await client.register(request, { signal })).user_id);
    }
    return new DemoProfiles(server, copies, userIds);
  }

  /** What an interpreter needs to be told to use these. */
  get settings(): Readonly<Record<string, string>> {
    return { FASTINO_BASE_URL: this.#server.baseUrl, FASTINO_API_KEY: API_KEY };
  }

  /** Ends the server; nothing of it is left on this machine. */
  async close(): Promise<void> {
    await this.#server.close();
    for (const userId of this.userIds.values()) await this.#copies.remove(userId);
  }
}

const WHAT_A_PROFILE_IS =
  '  A profile says who somebody is; it helps with names, terms and tone. Fastino is a service that keeps profiles,\n' +
  '  here a stand-in for it on this machine.\n';

/**
 * For each actor, whether the last instructions for what they say hold what Fastino was told of them; in words, a line each.
 * Pure.
 */
export function describeProfiles(
  actors: readonly Actor[],
  people: ReadonlyMap<string, Traits>,
  instructed: readonly JoinEventOf<'instructions'>[],
): { text: string; proven: boolean } {
  const lines = actors.map(({ participantId, name }) => {
    const { notes } = people.get(participantId)!;
    const latest = instructed.findLast(({ speakerId }) => speakerId === participantId)?.text ?? '';
    const about = latest.split('\n').find((line) => line.startsWith('- About the speaker: '));
    const used = about?.includes(notes) === true;
    const what = used ? `knows: "${notes}"` : 'NOT PROVEN: knows nothing';
    return { used, text: `  The model that interprets ${name} ${what}\n` };
  });
  const text = `${WHAT_A_PROFILE_IS}${lines.map((line) => line.text).join('')}`;
  return { text, proven: lines.every(({ used }) => used) };
}
