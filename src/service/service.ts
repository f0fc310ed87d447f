/** The service: its parts put together, its first person, and its end. */
import { join } from 'node:path';
import type { OpenAiAccess } from '../agent/openai/openai-call.js';
import { type Clock, systemClock } from '../clock.js';
import type { Database } from '../database/database.js';
import { newId } from '../ids.js';
import type { Logger } from '../log.js';
import { packageRoot } from '../package-root.js';
import { openPgBoss } from '../fleet/pg-boss.js';
import type { SupervisorOptions } from '../supervisor/supervisor.js';
import { DocumentLibraries } from './agent/document-libraries.js';
import { MinutesMaker } from './agent/minutes-maker.js';
import { DatabaseAuthenticator } from './auth/database-authenticator.js';
import { OidcProvider } from './auth/oidc/oidc-provider.js';
import type { OidcSettings } from './auth/oidc/oidc-settings.js';
import { SecretBox } from './auth/secret-box.js';
import { hasPeople, newSetupToken, newSignInToken } from './auth/setup.js';
import { type Site, signInOriginOf, siteOf } from './auth/site.js';
import { LiveFeeds } from './events/live-feeds.js';
import { createApp, type PageFile } from './http/app.js';
import { databaseAnswers } from './http/database-answers.js';
import { IdempotentAnswers } from './http/idempotent-answers.js';
import { pageFilesIn } from './http/page-files.js';
import { apiRoutes } from './http/routes.js';
import { redirectUriOf } from './http/workspace/oidc.js';
import { listen } from './listen.js';
import { FleetMachine, workerIdIn } from './meetings/fleet-machine.js';
import { planLeftoverJournals } from './meetings/leftover-journals.js';
import type { MeetingSupervisor } from './meetings/meeting-supervisor.js';
import { openMeetings } from './meetings/open-meetings.js';
import type { Machine } from './meetings/machine.js';
import { OnlyMachine } from './meetings/only-machine.js';
import type { MeetingPlaces } from './meetings/places.js';
import { RecordsCare } from './meetings/records-care.js';
import type { Recorder } from './meetings/recorder.js';
import type { Rate } from './auth/token-bucket.js';
import { ServiceMetrics } from './service-metrics.js';
import type { ServiceParts } from './service-parts.js';
import { FollowedBots } from './peers/followed-bots.js';
import { OWN_MACHINE, parsePeerAddress } from './peers/peer-connection.js';
import { peerFeeds } from './peers/peer-feed.js';
import { listenToPeers } from './peers/peer-server.js';
import { WebhookSender } from './webhooks/webhook-sender.js';

/** A database that takes longer is not there. */
const READY_MS = 2_000;
const SIGN_IN_TRIES: Rate = { burst: 20, perSecond: 0.5 };

/** What a service is made of. */
export type ServiceOptions = {
  readonly version: string;
  readonly database: Database;
  readonly places: MeetingPlaces;
  /** Of a database server: its bots are handed to workers, this machine among them where it has slots. */
  readonly databaseUrl?: string | undefined;
  /** Running meetings have their journals here; only its owner can read it. */
  readonly runFolder: string;
  /** Makes participant ids, and seals secrets in the database. */
  readonly serviceSecret: string;
  /** In a fleet: where its other machines reach this one, `host:port`; by default a free port that only this machine reaches. */
  readonly peerAddress?: string | undefined;
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** Where others reach it, through a proxy that speaks https. */
  readonly publicUrl?: string | undefined;
  /** Sites whose pages may call the API with a key. */
  readonly allowedOrigins: readonly string[];
  /** Meetings at the same time. */
  readonly slots: number;
  readonly webhooksToPrivate: boolean;
  /** OpenAI's API beside its sessions: finds documents by their meaning, and writes minutes; without it both do with words. */
  readonly openAi?: OpenAiAccess | undefined;
  /** A provider that people sign in by, beside passkeys. */
  readonly oidc?: OidcSettings | undefined;
  /** Makes a {@link Service.signInLink}. */
  readonly signInLink?: boolean | undefined;
  /** How often one key or session may call; 30 times a second by default, 100 at once. */
  readonly rate?: Rate;
  /** How often somebody at one address may try to sign in; 20 times at once by default, and every two seconds. */
  readonly signInRate?: Rate;
  readonly clock?: Clock;
  readonly log: Logger;
  /** By default one that runs each meeting in a process of its own. */
  readonly openSupervisor?: (options: SupervisorOptions) => Promise<MeetingSupervisor>;
  /** Checks every answer against the schema that the OpenAPI document shows: for tests. */
  readonly checksAnswers?: boolean;
};

/** A running service. */
export interface Service {
  /** Where it is reached. */
  readonly url: string;
  /** Makes the first person, once, within 15 minutes; undefined where there are people already. */
  readonly setupLink: string | undefined;
  /** Signs the owner in, once, within 15 minutes; undefined where nobody asked for it, or there is no owner. */
  readonly signInLink: string | undefined;
  /** Where the OpenID provider has to send browsers back to. */
  readonly redirectUri: string;
  /** Leaves meetings, ends streams, and closes everything but the database. Safe to call twice. */
  close(): Promise<void>;
}

/** Starts the service. Throws ParleyError where a port or folder cannot be used. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { database, places, clock = systemClock, log, serviceSecret, slots, runFolder } = options;
  const { databaseUrl } = options;
  const fleet =
    databaseUrl === undefined ? undefined : await openPgBoss({ database, url: databaseUrl, clock, log });
  const workerId = fleet === undefined ? newId('wrk') : await workerIdIn(runFolder);
  const feeds = new LiveFeeds(clock);
  const metrics = new ServiceMetrics();
  const secrets = new SecretBox(serviceSecret);
  const webhookGuard = { allowsPrivate: options.webhooksToPrivate };
  const sender = new WebhookSender({ database, secrets, guard: webhookGuard, metrics, clock, log });
  const minutes = new MinutesMaker({
    ...{ database, openAi: options.openAi, clock, log },
    wakeSender: () => sender.wake(),
  });
  const documents = new DocumentLibraries({ database, openAi: options.openAi, clock, log });
  const documentsOf = (workspaceId: string) => documents.of(workspaceId);
  const { meetings, supervisor, recorder, claims } = await openMeetings({
    ...{
      database,
      places,
      feeds,
      metrics,
      secrets,
      serviceSecret,
      workerId,
      slots,
      clock,
      log,
      fleet,
      runFolder,
      documentsOf,
      toolsAtPrivateAddresses: options.webhooksToPrivate,
    },
    openSupervisor: options.openSupervisor,
    onOver: (bot) => {
      minutes.over(bot);
    },
  });
  const care = new RecordsCare({ database, clock, log, forget: (botId) => meetings.forget(botId) });
  let site: Site = siteOf({ port: options.port });
  let isClosing = false;
  const runsHere = (botId: string): boolean => supervisor.status(botId) !== undefined;
  const peers =
    fleet === undefined || slots === 0
      ? undefined
      : await listenToPeers({
          ...{ address: parsePeerAddress(options.peerAddress ?? OWN_MACHINE), serviceSecret, feeds, log },
          runs: runsHere,
        });
  const followed =
    fleet === undefined
      ? undefined
      : new FollowedBots({
          ...{ database, feeds, workerId, runsHere, clock, log },
          openFeed: peerFeeds(serviceSecret),
        });
  const { version } = options;
  const about = { database, version, slots, clock, log };
  const machine: Machine | undefined =
    fleet === undefined
      ? new OnlyMachine({
          ...{ ...about, id: workerId, used: () => meetings.running },
          leaveAll: () => meetings.leaveAll(),
        })
      : slots === 0
        ? undefined
        : new FleetMachine({
            ...about,
            fleet,
            meetings,
            supervisor,
            claims,
            workerId,
            address: peers?.address ?? null,
          });
  const parts: ServiceParts = {
    ...{
      version,
      database,
      meetings,
      places,
      feeds,
      followed,
      metrics,
      webhookGuard,
      secrets,
      clock,
      log,
    },
    machine,
    minutes,
    documentsOf,
    oidc: options.oidc === undefined ? undefined : new OidcProvider(options.oidc),
    signInRate: options.signInRate ?? SIGN_IN_TRIES,
    site: () => site,
    isDatabaseReady: () => database.answers(READY_MS),
    // In a fleet others take what this machine does not.
    isDraining: () => isClosing || (fleet === undefined && machine?.isDraining === true),
    wakeSender: () => sender.wake(),
    scrubSoon: () => care.scrubSoon(),
  };
  watch(parts, recorder, supervisor);
  metrics.gauge(
    'parley_journals_failing',
    'Meetings whose words no disk keeps at present, until they are in the database.',
    () => meetings.journalsFailing,
  );
  const app = createApp({
    ...{ routes: apiRoutes(parts), pages: await pages(), site: () => site, log },
    authenticator: new DatabaseAuthenticator({
      ...parts,
      ...(options.rate === undefined ? {} : { rate: options.rate }),
    }),
    answers: new IdempotentAnswers(databaseAnswers(database)),
    onAnswer: (answer) => metrics.answered(answer),
    checksAnswers: options.checksAnswers ?? false,
  });
  let listening;
  try {
    listening = await listen((request, env) => app.fetch(request, env), options);
  } catch (error) {
    await peers?.close();
    await meetings.close();
    throw error;
  }
  site = siteOf({ ...options, port: listening.port });
  await meetings.resume();
  const leftovers = planLeftoverJournals({ runFolder, supervisor, recorder, clock, log });
  await machine?.start();
  sender.start();
  care.start();
  minutes.start();
  const [url] = site.origins;
  const token = (await hasPeople(database)) ? undefined : await newSetupToken(database);
  const signInToken = options.signInLink === true ? await newSignInToken(database) : undefined;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    isClosing = true;
    leftovers.cancel();
    await machine?.close();
    await meetings.close();
    await minutes.close();
    await sender.close();
    await care.close();
    await followed?.close();
    feeds.close();
    await peers?.close();
    await listening.close();
    await fleet?.engine.close();
  };
  return {
    url,
    redirectUri: redirectUriOf(signInOriginOf(site)),
    setupLink: token === undefined ? undefined : `${url}/setup#${token}`,
    signInLink: signInToken === undefined ? undefined : `${url}/#/sign-in/${signInToken}`,
    close: () => (closing ??= close()),
  };
}

/** The console, which is built, and the page of the API. */
async function pages(): Promise<Map<string, PageFile>> {
  const root = packageRoot();
  const console = await pageFilesIn(join(root, 'dist', 'console'), '');
  const page = console.get('/');
  return new Map([
    ...console,
    ...(page === undefined ? [] : [['/setup', page] as const]),
    ...(await pageFilesIn(join(root, 'src', 'service', 'openapi', 'page'), '/docs')),
  ]);
}

function watch(
  { metrics, feeds, followed }: ServiceParts,
  recorder: Recorder,
  supervisor: MeetingSupervisor,
): void {
  metrics.streams(() => feeds.counts);
  metrics.gauge('parley_meetings', 'Meetings that run here.', () => supervisor.list().length);
  metrics.gauge(
    'parley_followed_bots',
    'Bots that are read here, wherever in the fleet they run.',
    () => followed?.count ?? 0,
  );
  metrics.gauge(
    'parley_events_waiting',
    'Events of meetings that wait for the database.',
    () => recorder.waiting,
  );
  metrics.gauge(
    'parley_events_dropped',
    'Events of meetings that could not be kept.',
    () => recorder.dropped,
  );
  metrics.gauge('parley_child_rss_bytes', 'Memory of the largest meeting process.', () =>
    Math.max(0, ...supervisor.list().map(({ beat }) => beat?.rssBytes ?? 0)),
  );
}
