import type { Engine } from '../../engine/engine.ts';
import type { Sessions } from '../../ports/credentials.ts';
import type { GitHosts } from '../../ports/git-hosts.ts';
import type { SecretBox } from '../../ports/secrets.ts';
import type { ShellSessions, ShellTargets } from '../../ports/shells.ts';
import type { Service, ServiceTools } from '../../protocol/service.ts';
import type { Aws } from '../aws.gen.ts';
import { model, type Api } from './api.gen.ts';
import { retryFailed } from './auto-retry.ts';
import { badgeOf } from './badges/badges.ts';
import { loadFleets } from './fleets/fleets.ts';
import { loadLimits } from './limits.ts';
import { batchPerformers, batchProcess } from './batch-process.ts';
import type { BatchWord } from './batch-word.ts';
import { debugOperations, debugRunnerOperations, type DebugOperations, type DebugRunnerOperations } from './debug/operations.ts';
import { DebugRooms } from './debug/rooms.ts';
import { debugTargets } from './debug/shells.ts';
import { Leases } from './leases.ts';
import { CommandBell } from './sandboxes/bell.ts';
import { buildPerformers, buildProcess } from './process.ts';
import { ReportSweeper } from './report-sweeper.ts';
import { publicBuilds } from './public/builds.ts';
import { badgeSvg } from './rules/badge.ts';
import { runnerOperations, type RunnerOperations } from './runner/operations.ts';
import { receiveHook, type HookAnswer, type HookCall } from './webhooks/receive.ts';
import { tellBatchStatus, tellStatus, type BatchAggregates, type BuildAggregates } from './webhooks/statuses.ts';
import { codebuildMigrations } from './migrations.ts';
import { codebuildOperations } from './operations/all.ts';
import { refuse } from './refuse.ts';
import { isRunning } from './rules/build/state.ts';

export interface CodeBuildTools extends ServiceTools {
  readonly engine: Engine;
  readonly aws: Aws;
  readonly sessions: Sessions;
  readonly secrets: SecretBox;
  readonly hosts: GitHosts;
  readonly shellSessions: ShellSessions;
  /** The base URL under which git hosts and people reach the server. */
  readonly publicEndpoint: () => string;
}

export interface CodeBuild extends Service<Api> {
  readonly runnerOperations: RunnerOperations & DebugRunnerOperations;
  /** What people's commands call of our own API. */
  readonly ownOperations: DebugOperations;
  /** Takes a delivery of a git host; undefined where its path is none of a project's. */
  receiveHook(call: HookCall): Promise<HookAnswer | undefined>;
  /** A badge as SVG, for whoever knows its token; undefined for others. */
  badge(token: string, branch: string | null): Promise<string | undefined>;
  /** Builds in which Systems Manager opens shells. */
  readonly shells: ShellTargets;
  /** The builds of projects that are public. */
  readonly publicBuilds: ReturnType<typeof publicBuilds>;
}

/** AWS CodeBuild: the table of contents. What runners call is part of our own API, which is composed elsewhere. */
export function createCodeBuild(tools: CodeBuildTools): CodeBuild {
  const followers = {
    tellStatus: async (id: string, signal: AbortSignal) => tellStatus(tools, await builds.state(id), signal),
    retry: (id: string) => retryFailed({ ...tools, builds }, id),
    tellBatch: async ({ batch, ended }: BatchWord) => void (await batches.send(batch, ended)),
  };
  const builds: BuildAggregates = tools.engine.register(buildProcess(tools.bus), buildPerformers(tools.sessions, followers));
  const tellBatch = async (id: string, signal: AbortSignal) => tellBatchStatus(tools, await batches.state(id), signal);
  const batchTools = { ...tools, builds, tellStatus: tellBatch };
  const batches: BatchAggregates = tools.engine.register(batchProcess(tools.bus), batchPerformers(batchTools));
  const leases = new Leases({ builds, clock: tools.clock, sleeper: tools.engine.sleeper, log: tools.log });
  const bell = new CommandBell();
  const rooms = new DebugRooms(tools.clock);
  const operationTools = { ...tools, builds, batches, leases, bell, rooms };
  builds.onStep((id, state) => !isRunning(state) && rooms.end(id));
  const sweeper = new ReportSweeper(tools, tools.engine.sleeper);
  return {
    model,
    refuse,
    migrations: codebuildMigrations,
    operations: codebuildOperations(operationTools, sweeper),
    runnerOperations: { ...runnerOperations(operationTools), ...debugRunnerOperations(operationTools) },
    ownOperations: debugOperations(operationTools),
    shells: debugTargets(operationTools),
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
      rooms.stop();
      await sweeper.stop();
    },
  };
}
