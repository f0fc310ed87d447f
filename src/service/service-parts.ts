/** What endpoints are made of. */
import type { DocumentLibrary } from '../agent/documents/document-library.js';
import type { Clock } from '../clock.js';
import type { Database } from '../database/database.js';
import type { Logger } from '../log.js';
import type { MinutesMaker } from './agent/minutes-maker.js';
import type { OidcProvider } from './auth/oidc/oidc-provider.js';
import type { Site } from './auth/site.js';
import type { Rate } from './auth/token-bucket.js';
import type { LiveFeeds } from './events/live-feeds.js';
import type { Machine } from './meetings/machine.js';
import type { Meetings } from './meetings/meetings.js';
import type { MeetingPlaces } from './meetings/places.js';
import type { FollowedBots } from './peers/followed-bots.js';
import type { ServiceMetrics } from './service-metrics.js';
import type { PostGuard } from '../outgoing/guarded-post.js';
import type { SecretBox } from './auth/secret-box.js';

/** The parts of a running service that its endpoints use. */
export type ServiceParts = {
  readonly version: string;
  readonly database: Database;
  readonly meetings: Meetings;
  readonly places: MeetingPlaces;
  /** This machine, where it carries meetings itself. */
  readonly machine: Machine | undefined;
  readonly feeds: LiveFeeds;
  /** In a fleet: bots that are read here, wherever they run. */
  readonly followed: FollowedBots | undefined;
  readonly metrics: ServiceMetrics;
  readonly webhookGuard: PostGuard;
  readonly secrets: SecretBox;
  /** By which people sign in; undefined where there is none. */
  readonly oidc: OidcProvider | undefined;
  /** How often somebody at one address may try to sign in, by each way. */
  readonly signInRate: Rate;
  readonly minutes: MinutesMaker;
  /** Documents of a workspace. */
  readonly documentsOf: (workspaceId: string) => DocumentLibrary;
  /** Known once the server listens. */
  readonly site: () => Site;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether the database answers. */
  readonly isDatabaseReady: () => Promise<boolean>;
  /** Takes what was erased off the disk, too, at the next quiet moment. */
  readonly scrubSoon: () => void;
  /** Webhooks are to be delivered. */
  readonly wakeSender: () => void;
  /** No further invitations are taken. */
  readonly isDraining: () => boolean;
};
