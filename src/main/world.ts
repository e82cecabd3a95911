import { Committer } from '../engine/committer.ts';
import { createEngine } from '../engine/engine.ts';
import { deliveryMigrations } from '../engine/delivery-tables.ts';
import { createEventLog } from '../engine/event-log.ts';
import { engineMigrations } from '../engine/tables.ts';
import type { Plane } from '../http/plane.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Logger } from '../kernel/log.ts';
import type { Settings } from '../kernel/options.ts';
import { createApprovalsPlane } from '../planes/approvals/index.ts';
import { approvalMigrations } from '../planes/approvals/tables.ts';
import { createBadgesPlane } from '../planes/badges.ts';
import { createCredentialsPlane } from '../planes/credentials.ts';
import { gitAuthenticator, type Authenticate } from '../planes/git/authenticate.ts';
import { createGitProxyPlane } from '../planes/git-proxy/index.ts';
import { createGitPlane } from '../planes/git/index.ts';
import { createHooksPlane } from '../planes/hooks.ts';
import { createPublicBuildsPlane } from '../planes/public-builds.ts';
import { createSessionsPlane } from '../planes/sessions/index.ts';
import { sessionMigrations } from '../planes/sessions/tables.ts';
import { createSnsPlane } from '../planes/sns/index.ts';
import { createWebsitePlane } from '../planes/website/index.ts';
import type { Bus } from '../ports/bus.ts';
import type { Mailer } from '../ports/mail.ts';
import { rootPrincipal } from '../protocol/authenticate.ts';
import { createDispatcher, type Dispatcher } from '../protocol/dispatcher.ts';
import { badgeSvg } from '../services/codebuild/rules/badge.ts';
import { startHousekeeping } from './housekeeping.ts';
import { approvalsOf } from './approvals.ts';
import { createServices } from './services.ts';
import type { Stores } from './stores.ts';

export interface WorldTools {
  readonly settings: Settings;
  readonly stores: Stores;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly endpoint: () => string;
  readonly publicEndpoint: () => string;
  readonly mailer?: Mailer | undefined;
}

const HOUR_MS = 3_600_000;
/** EventBridge gives up on a delivery after a day: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html */
const EVENTS_KEPT_MS = 25 * HOUR_MS;

/** All that a reset throws away and makes anew: services and engine over the stores. */
export interface World {
  readonly dispatcher: Dispatcher;
  readonly planes: readonly Plane[];
  readonly bus: Bus;
  readonly cors: ReturnType<typeof createServices>['s3']['cors'];
  readonly iam: ReturnType<typeof createServices>['iam'];
  /** Stops background work; resolves when nothing waits to be written. */
  stop(): Promise<void>;
}

/** With authentication off everybody is the account itself, but a key of ours is still honoured, so that builds keep their role. */
function orAnybody(settings: Settings, checked: Authenticate): Authenticate {
  if (settings.auth !== 'off') return checked;
  return async (login) => (await checked(login).catch(() => undefined)) ?? rootPrincipal(settings.account);
}

/** Git through connections: a build clones with its own credentials and never sees the connection's token. */
function gitProxyPlane({ settings, stores, clock, log }: WorldTools, { iam, codeconnections }: ReturnType<typeof createServices>): Plane {
  const authenticate = (region: string): Authenticate => {
    const gitCredentials = (user: string, password: string) => iam.verifyServiceCredential(user, password);
    const { credentials } = iam;
    const { secrets } = stores;
    return orAnybody(settings, gitAuthenticator({ credentials, secrets, gitCredentials, regions: async () => [region], clock }));
  };
  return createGitProxyPlane({
    authenticate,
    resolve: (arn, repository, principal) => codeconnections.proxied(arn, repository, principal),
    log,
  });
}

function gitPlane(tools: WorldTools, parts: ReturnType<typeof createServices>): Plane {
  const { settings, stores, clock, log } = tools;
  const { iam, codecommit } = parts;
  const checked = gitAuthenticator({
    credentials: iam.credentials,
    secrets: stores.secrets,
    gitCredentials: (user, password) => iam.verifyServiceCredential(user, password),
    regions: (host) => codecommit.regions(host),
    clock,
  });
  return createGitPlane({
    git: stores.git,
    authenticate: orAnybody(settings, checked),
    authorise: iam.authorise,
    findRepository: (name, account, host) => codecommit.findRepository(name, account, host),
    afterPush: (repository, principal) => codecommit.afterPush(repository, principal),
    log,
  });
}

/** Composes and starts everything over open stores. */
export async function startWorld(tools: WorldTools): Promise<World> {
  const { settings, stores, clock, ids, log } = tools;
  const { database } = stores;
  const commits = new Committer(database);
  const bus = createEventLog(database, commits);
  const engine = createEngine({ reader: database, commits, clock, ids, log });
  const parts = createServices({ ...tools, db: database, commits, bus, engine });
  const { services, iam } = parts;
  const owners = services.filter((service) => service.migrations);
  await database.migrate([
    { owner: 'engine', migrations: engineMigrations },
    { owner: 'deliveries', migrations: deliveryMigrations },
    { owner: 'approvals', migrations: approvalMigrations },
    { owner: 'sessions', migrations: sessionMigrations },
    ...owners.map((service) => ({ owner: service.model.name, migrations: service.migrations! })),
  ]);
  await parts.shellSessions.recover();
  await engine.start();
  for (const service of services) await service.start?.();
  const chores = [
    { name: 'prune the event log', everyMs: HOUR_MS, run: () => bus.prune(clock.now() - EVENTS_KEPT_MS) },
    // S3 alone refers to blobs: artifacts are its objects.
    {
      name: 'collect blobs',
      everyMs: HOUR_MS,
      run: () => stores.blobs.collect({ now: clock.now(), referenced: (sha256s) => parts.s3.referenced(sha256s) }),
    },
  ];
  startHousekeeping(chores, { sleeper: engine.sleeper, clock, log });
  return {
    dispatcher: createDispatcher({ services, authorise: iam.authorise, credentials: iam.credentials, clock, ids, log, settings }),
    planes: [
      gitPlane(tools, parts),
      createHooksPlane([
        (hook) => parts.codeconnections.receive(hook),
        (hook) => parts.codepipeline.receiveHook(hook),
        (hook) => parts.codebuild.receiveHook(hook),
      ]),
      gitProxyPlane(tools, parts),
      createCredentialsPlane({ secrets: stores.secrets, credentials: iam.credentials, clock }),
      createBadgesPlane((token, branch) => parts.codebuild.badge(token, branch), badgeSvg('error')),
      createPublicBuildsPlane(parts.codebuild.publicBuilds),
      createApprovalsPlane({ db: database, commits, secrets: stores.secrets, clock, log, approvals: approvalsOf(parts.aws) }),
      createSessionsPlane(parts.shellSessions, clock),
      createSnsPlane({ ...parts.sns, ids }),
      createWebsitePlane(parts.s3.websites),
    ],
    bus,
    cors: parts.s3.cors,
    iam,
    async stop() {
      parts.shellSessions.stop();
      for (const service of services.toReversed()) await service.stop?.();
      engine.close();
      await commits.drained();
    },
  };
}
