import { messageOf, PipewrightError } from '../../../kernel/errors.ts';
import type { PositionedEvent } from '../../../ports/bus.ts';
import type { CommitStatus, GitConnections } from '../../../ports/connections.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import type { PipelineDeclaration } from '../api.gen.ts';
import type { ExecutionRecord } from '../rules/history.ts';
import { aggregateId } from '../rules/state.ts';
import { sql } from '../tables.ts';
import { connectionActions } from './sources.ts';
import type { Worker } from './work-queue.ts';

export const STATUS_WORK = 'commit-status';
/** A git host that has not been reached for this long is not told any more. */
const PATIENCE_MS = 24 * 3_600_000;

/** A stage's state that the commit's host is to be told. */
export interface StageStatus {
  readonly pipelineId: string;
  readonly account: string;
  readonly region: string;
  readonly pipeline: string;
  readonly executionId: string;
  readonly stage: string;
  readonly state: CommitStatus['state'];
  readonly description: string;
}

const STATES: Readonly<Record<string, readonly [CommitStatus['state'], string]>> = {
  STARTED: ['pending', 'is running'],
  RESUMED: ['pending', 'is running again'],
  SUCCEEDED: ['success', 'succeeded'],
  FAILED: ['failure', 'failed'],
  STOPPED: ['error', 'was stopped'],
  CANCELED: ['error', 'was cancelled'],
};

/** What an event of the bus says of a stage; undefined for other events. */
export function stageStatus({ detailType, detail, account, region }: PositionedEvent): StageStatus | undefined {
  if (detailType !== 'CodePipeline Stage Execution State Change') return undefined;
  const { pipeline, stage, 'execution-id': executionId, state } = detail;
  if (typeof pipeline !== 'string' || typeof stage !== 'string' || typeof executionId !== 'string' || typeof state !== 'string')
    return undefined;
  const [status, words] = STATES[state] ?? [];
  if (!status) return undefined;
  const description = `Stage ${stage} ${words}.`;
  return { pipelineId: aggregateId(account, region, pipeline), account, region, pipeline, executionId, stage, state: status, description };
}

export interface StatusTools extends ServiceTools {
  readonly connections: GitConnections;
  /** The server's own base URL. */
  readonly endpoint: () => string;
}

/** A commit and the connection by which it came. */
interface Target {
  readonly connectionArn: string;
  readonly repository: string;
  readonly commit: string;
  readonly role: string;
}

async function targetsOf({ db }: StatusTools, status: StageStatus): Promise<readonly Target[]> {
  const { account, region, pipeline, executionId } = status;
  const row = await db.get<{ data: string }>(sql.execution, account, region, pipeline, executionId);
  if (!row) return [];
  const { version, revisions, overrides } = JSON.parse(row.data) as ExecutionRecord;
  const declared = await db.get<{ declaration: string }>(sql.version, account, region, pipeline, version);
  if (!declared) return [];
  const declaration = JSON.parse(declared.declaration) as PipelineDeclaration;
  return connectionActions(declaration).flatMap(({ name, configuration = {}, roleArn }) => {
    // Before the source action has run, only who started the execution can have said the commit.
    const commit = revisions[name]?.revisionId ?? overrides.find(({ action }) => action === name)?.revision;
    const { ConnectionArn: connectionArn = '', FullRepositoryId: repository = '' } = configuration;
    return commit === undefined || !/^[0-9a-f]{40}$/.test(commit)
      ? []
      : [{ connectionArn, repository, commit, role: roleArn ?? declaration.roleArn }];
  });
}

/** Tells git hosts how stages fare, one status per stage. Telling twice says the same. */
export function statusWorker(tools: StatusTools): Worker {
  const gaveUp = (data: unknown, reason: string) => {
    const { pipeline, stage, executionId } = data as StageStatus;
    tools.log.warn('a commit status could not be told', { pipeline, stage, execution: executionId, error: reason });
    return [];
  };
  return {
    patienceMs: PATIENCE_MS,
    gaveUp,
    async work(data, _row, signal) {
      const status = data as StageStatus;
      const { account, region, pipeline, stage, state, description } = status;
      for (const { connectionArn, repository, commit, role } of await targetsOf(tools, status)) {
        const told: CommitStatus = {
          repository,
          commit,
          state,
          context: `pipewright/${pipeline}/${stage}`,
          description,
          url: tools.endpoint(),
        };
        try {
          await tools.connections.report(connectionArn, told, { account, region, role }, signal);
        } catch (error) {
          if (!(error instanceof PipewrightError && error.code === 'StatusImpossible')) throw error;
          gaveUp(data, messageOf(error));
        }
      }
      return [];
    },
  };
}
