import type { Engine } from '../../engine/engine.ts';
import type { Sessions } from '../../ports/credentials.ts';
import type { SecretBox } from '../../ports/secrets.ts';
import type { Service, ServiceTools } from '../../protocol/service.ts';
import type { Aws } from '../aws.gen.ts';
import { model, type Api } from './api.gen.ts';
import { batchPerformers, batchProcess } from './batch-process.ts';
import { batchMigrations } from './batch-tables.ts';
import { debugOperations, debugRunnerOperations, type DebugOperations, type DebugRunnerOperations } from './debug/operations.ts';
import { DebugRooms } from './debug/rooms.ts';
import { Leases } from './leases.ts';
import { batchOperations } from './operations/batches.ts';
import { batchStartOperations } from './operations/start-batch.ts';
import { buildOperations } from './operations/builds.ts';
import { projectOperations } from './operations/projects.ts';
import { reportDetailOperations } from './operations/report-details.ts';
import { reportGroupOperations } from './operations/report-groups.ts';
import { reportOperations } from './operations/reports.ts';
import { startOperations } from './operations/start-build.ts';
import { buildPerformers, buildProcess } from './process.ts';
import { ReportSweeper } from './report-sweeper.ts';
import { reportMigrations } from './report-tables.ts';
import { runnerOperations, type RunnerOperations } from './runner/operations.ts';
import { isRunning } from './rules/build/state.ts';
import { migrations } from './tables.ts';

export interface CodeBuildTools extends ServiceTools {
  readonly engine: Engine;
  readonly aws: Aws;
  readonly sessions: Sessions;
  readonly secrets: SecretBox;
}

/** AWS CodeBuild: the table of contents. What runners call is part of our own API, which is composed elsewhere. */
export function createCodeBuild(tools: CodeBuildTools): Service<Api> & {
  readonly runnerOperations: RunnerOperations & DebugRunnerOperations;
  /** What people's commands call of our own API. */
  readonly ownOperations: DebugOperations;
} {
  const builds = tools.engine.register(
    buildProcess(tools.bus),
    buildPerformers(tools.sessions, async ({ batch, ended }) => void (await batches.send(batch, ended))),
  );
  const batches = tools.engine.register(batchProcess(tools.bus), batchPerformers({ db: tools.db, builds }));
  const leases = new Leases({ builds, clock: tools.clock, sleeper: tools.engine.sleeper, log: tools.log });
  const operationTools = { ...tools, builds, batches, leases };
  const rooms = new DebugRooms(tools.clock);
  const debugTools = { ...operationTools, rooms };
  builds.onStep((id, state) => !isRunning(state) && rooms.end(id));
  const sweeper = new ReportSweeper(tools, tools.engine.sleeper);
  return {
    model,
    migrations: [...migrations, ...reportMigrations, ...batchMigrations],
    operations: {
      ...projectOperations(operationTools),
      ...startOperations(operationTools),
      ...buildOperations(operationTools),
      ...batchStartOperations(operationTools),
      ...batchOperations(operationTools),
      ...reportGroupOperations(operationTools, sweeper),
      ...reportOperations(operationTools, sweeper),
      ...reportDetailOperations(operationTools),
    },
    runnerOperations: { ...runnerOperations(operationTools), ...debugRunnerOperations(debugTools) },
    ownOperations: debugOperations(debugTools),
    async start() {
      leases.start();
      sweeper.start();
    },
    async stop() {
      leases.stop();
      rooms.stop();
      await sweeper.stop();
    },
  };
}
