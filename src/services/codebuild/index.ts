import type { Engine } from '../../engine/engine.ts';
import type { Sessions } from '../../ports/credentials.ts';
import type { GitHosts } from '../../ports/git-hosts.ts';
import type { SecretBox } from '../../ports/secrets.ts';
import type { Service, ServiceTools } from '../../protocol/service.ts';
import type { Aws } from '../aws.gen.ts';
import { model, type Api } from './api.gen.ts';
import { retryFailed } from './auto-retry.ts';
import { badgeOf } from './badges/badges.ts';
import { projectExtraMigrations } from './badges/tables.ts';
import { loadFleets } from './fleets/fleets.ts';
import { fleetMigrations } from './fleets/tables.ts';
import { Leases } from './leases.ts';
import { loadLimits } from './limits.ts';
import { buildOperations } from './operations/builds.ts';
import { projectOperations } from './operations/projects.ts';
import { fleetOperations } from './operations/fleets.ts';
import { commandExecutionOperations } from './operations/command-executions.ts';
import { sandboxOperations } from './operations/sandboxes.ts';
import { CommandBell } from './sandboxes/bell.ts';
import { sandboxMigrations } from './sandboxes/tables.ts';
import { projectSettingOperations } from './operations/project-settings.ts';
import { reportDetailOperations } from './operations/report-details.ts';
import { reportGroupOperations } from './operations/report-groups.ts';
import { reportOperations } from './operations/reports.ts';
import { resourcePolicyOperations } from './operations/resource-policies.ts';
import { sourceCredentialOperations } from './operations/source-credentials.ts';
import { startOperations } from './operations/start-build.ts';
import { webhookOperations } from './operations/webhooks.ts';
import { buildPerformers, buildProcess } from './process.ts';
import { ReportSweeper } from './report-sweeper.ts';
import { reportMigrations } from './report-tables.ts';
import { publicBuilds } from './public/builds.ts';
import { resourcePolicyMigrations } from './resource-policies/tables.ts';
import { CURATED_PLATFORMS } from './rules/curated-images.ts';
import { badgeSvg } from './rules/badge.ts';
import { runnerOperations, type RunnerOperations } from './runner/operations.ts';
import { sourceCredentialMigrations } from './source-credentials/tables.ts';
import { receiveHook, type HookAnswer, type HookCall } from './webhooks/receive.ts';
import { tellStatus, type BuildAggregates } from './webhooks/statuses.ts';
import { webhookMigrations } from './webhooks/tables.ts';
import { migrations } from './tables.ts';

export interface CodeBuildTools extends ServiceTools {
  readonly engine: Engine;
  readonly aws: Aws;
  readonly sessions: Sessions;
  readonly secrets: SecretBox;
  readonly hosts: GitHosts;
  /** The base URL under which git hosts and people reach the server. */
  readonly publicEndpoint: () => string;
}

export interface CodeBuild extends Service<Api> {
  readonly runnerOperations: RunnerOperations;
  /** Takes a delivery of a git host; undefined where its path is none of a project's. */
  receiveHook(call: HookCall): Promise<HookAnswer | undefined>;
  /** A badge as SVG, for whoever knows its token; undefined for others. */
  badge(token: string, branch: string | null): Promise<string | undefined>;
  /** The builds of projects that are public. */
  readonly publicBuilds: ReturnType<typeof publicBuilds>;
}

/** AWS CodeBuild: the table of contents. What runners call is part of our own API, which is composed elsewhere. */
export function createCodeBuild(tools: CodeBuildTools): CodeBuild {
  const followers = {
    tellStatus: (id: string, signal: AbortSignal) => tellStatus({ ...tools, builds }, id, signal),
    retry: (id: string) => retryFailed({ ...tools, builds }, id),
  };
  const builds: BuildAggregates = tools.engine.register(buildProcess(tools.bus), buildPerformers(tools.sessions, followers));
  const leases = new Leases({ builds, clock: tools.clock, sleeper: tools.engine.sleeper, log: tools.log });
  const bell = new CommandBell();
  const operationTools = { ...tools, builds, leases, bell };
  const sweeper = new ReportSweeper(tools, tools.engine.sleeper);
  return {
    model,
    migrations: [
      ...migrations,
      ...reportMigrations,
      ...sourceCredentialMigrations,
      ...webhookMigrations,
      ...projectExtraMigrations,
      ...resourcePolicyMigrations,
      ...fleetMigrations,
      ...sandboxMigrations,
    ],
    operations: {
      ...projectOperations(operationTools),
      ...startOperations(operationTools),
      ...buildOperations(operationTools),
      ...reportGroupOperations(operationTools, sweeper),
      ...reportOperations(operationTools, sweeper),
      ...reportDetailOperations(operationTools),
      ...sourceCredentialOperations(operationTools),
      ...webhookOperations(operationTools),
      ...projectSettingOperations(operationTools),
      ...resourcePolicyOperations(operationTools),
      ...fleetOperations(operationTools),
      ...sandboxOperations(operationTools),
      ...commandExecutionOperations(operationTools, bell),
      listCuratedEnvironmentImages: async () => ({ platforms: CURATED_PLATFORMS }),
    },
    runnerOperations: runnerOperations(operationTools),
    receiveHook: (call) => receiveHook(operationTools, call),
    publicBuilds: publicBuilds(tools),
    async badge(token, branch) {
      const state = await badgeOf(tools.db, token, branch);
      return state && badgeSvg(state);
    },
    async start() {
      await loadLimits(tools.db, leases);
      await loadFleets(tools.db, leases);
      leases.start();
      sweeper.start();
    },
    async stop() {
      leases.stop();
      bell.ringAll();
      await sweeper.stop();
    },
  };
}
