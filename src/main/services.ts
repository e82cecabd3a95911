import { actionProviders } from '../actions/registry.ts';
import { ruleProviders } from '../conditions/registry.ts';
import type { Engine } from '../engine/engine.ts';
import type { Settings } from '../kernel/options.ts';
import { inProcess } from '../protocol/in-process.ts';
import { approvalLinks } from '../planes/approvals/links.ts';
import { Sessions } from '../planes/sessions/sessions.ts';
import type { Mailer } from '../ports/mail.ts';
import type { Service, ServiceTools } from '../protocol/service.ts';
import type { Aws } from '../services/aws.gen.ts';
import { createCodeBuild } from '../services/codebuild/index.ts';
import { createCodeCommit } from '../services/codecommit/index.ts';
import { createCodeConnections } from '../services/codeconnections/index.ts';
import { createCodePipeline } from '../services/codepipeline/index.ts';
import { createCodeStarNotifications } from '../services/codestar-notifications/index.ts';
import { createEvents } from '../services/events/index.ts';
import { createIam } from '../services/iam/index.ts';
import { createLogs } from '../services/logs/index.ts';
import { createPipewright } from '../services/pipewright/index.ts';
import { createS3 } from '../services/s3/index.ts';
import { createSns } from '../services/sns/index.ts';
import { createSecretsManager } from '../services/secretsmanager/index.ts';
import { createSsm } from '../services/ssm/index.ts';
import { createSts } from '../services/sts/index.ts';
import type { Stores } from './stores.ts';

export interface ServicesTools extends ServiceTools {
  readonly engine: Engine;
  readonly stores: Omit<Stores, 'database' | 'clear' | 'close'>;
  readonly settings: Pick<Settings, 'account' | 'region' | 'jobLease' | 'quotas'>;
  /** The server's own base URL, once it listens. */
  readonly endpoint: () => string;
  /** The base URL under which people and other machines reach it. */
  readonly publicEndpoint: () => string;
  /** Absent where no mail server is set up. */
  readonly mailer?: Mailer | undefined;
}

/** Every service, composed; nothing is started. The order is that of starting. */
export function createServices(tools: ServicesTools) {
  const { stores, engine, settings } = tools;
  const { blobs, artifacts, git, secrets, logs } = stores;
  const services: Service[] = [];
  const iam = createIam({ ...tools, secrets });
  // Services call each other through the same chain as the wire; they are all there when the first call is made.
  let clients: ReturnType<typeof inProcess> | undefined;
  const callable = { services, authorise: iam.authorise, ids: tools.ids, endpoint: tools.endpoint };
  const aws: Aws = { as: (caller) => (clients ??= inProcess(callable)).as(caller) as never };

  const s3 = createS3({ ...tools, blobs });
  const codecommit = createCodeCommit({ ...tools, git, region: settings.region });
  const codeconnections = createCodeConnections({ ...tools, secrets, authorise: iam.authorise });
  const { connections, hosts } = codeconnections;
  const shellSessions = new Sessions(tools);
  const codebuild = createCodeBuild({
    ...tools,
    shellSessions,
    engine,
    aws,
    sessions: iam.sessions,
    secrets,
    hosts,
    publicEndpoint: tools.publicEndpoint,
  });
  const providers = actionProviders({ git, artifacts, blobs, connections, approvals: approvalLinks({ ...tools, secrets }) });
  const gitHosts = { git, connections, secrets, endpoint: tools.publicEndpoint };
  const workers = { sessions: iam.sessions, secrets, jobLeaseMs: (settings.jobLease ?? 600) * 1_000 };
  const codepipeline = createCodePipeline({
    ...tools,
    engine,
    aws,
    providers,
    rules: ruleProviders(),
    gitHosts,
    workers,
    quotas: settings.quotas ?? 'relaxed',
  });
  const sns = createSns({ ...tools, secrets, sleeper: engine.sleeper, endpoint: tools.publicEndpoint });
  services.push(
    iam.service,
    createSts({ ...tools, credentials: iam.credentials, sessions: iam.sessions, findRole: iam.findRole }),
    s3,
    createLogs({ ...tools, logs }),
    sns.service,
    createSsm({ ...tools, secrets, shellSessions, targets: codebuild.shells }),
    createSecretsManager({ ...tools, secrets, sleeper: engine.sleeper }),
    codecommit,
    codebuild,
    ...codeconnections.services,
    createPipewright({
      runner: codebuild.runnerOperations,
      others: [codebuild.ownOperations, codeconnections.ownOperations, codepipeline.ownOperations],
    }),
    codepipeline,
    createCodeStarNotifications({ ...tools, aws, secrets, sleeper: engine.sleeper }),
    // Last: what it delivers at the start finds the others started.
    createEvents({ ...tools, aws, sleeper: engine.sleeper }),
  );
  return { services, iam, s3, codecommit, codebuild, codeconnections, codepipeline, sns, shellSessions, aws };
}
