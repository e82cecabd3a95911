import type { CallContext } from '../../../protocol/context.ts';
import type { AwsClients } from '../../aws.gen.ts';
import { errors, type ActionExecutionDetail, type PipelineDeclaration } from '../api.gen.ts';
import type { OperationTools } from '../operations/tools.ts';
import type { PerformerTools } from '../performers.ts';
import type { ActionTools } from '../provider.ts';
import type { ExecutionRecord } from '../rules/history.ts';
import { declarationOf, type PipelineState } from '../rules/state.ts';
import { sql } from '../tables.ts';

/** What the operations of our own API about pipelines work with. */
export type InsightTools = OperationTools & PerformerTools;

export type Key = readonly [account: string, region: string, pipeline: string];

export function keyFor({ account, region }: CallContext, pipeline: string): Key {
  return [account, region, pipeline];
}

/** The services as the caller's own account sees them: the caller was allowed to ask for what is gathered here. */
export function neighbours(tools: InsightTools, { account, region, signal }: CallContext): AwsClients {
  return tools.aws.as({ session: 'insight', account, region, signal });
}

/** What a source's provider is given, as its pipeline gives it: under the action's role, for at most so long (ms). */
export function sourceTools(tools: InsightTools, { account, region, signal: gone }: CallContext, role: string, ms: number): ActionTools {
  const signal = AbortSignal.any([gone, AbortSignal.timeout(ms)]);
  const aws = tools.aws.as({ role, session: 'codepipeline-source', purpose: 'pipeline', account, region, signal });
  return { aws, clock: tools.clock, log: tools.log, signal };
}

/** An execution as history has it; throws PipelineExecutionNotFoundException. */
export async function requireRecord(tools: InsightTools, key: Key, id: string): Promise<ExecutionRecord> {
  const row = await tools.db.get<{ data: string }>(sql.execution, ...key, id);
  if (!row) throw errors.PipelineExecutionNotFoundException(`Pipeline '${key[2]}' has no execution with id '${id}'`);
  return JSON.parse(row.data) as ExecutionRecord;
}

/** The newest executions, newest first. */
export async function newestRecords(tools: InsightTools, key: Key, limit: number): Promise<readonly ExecutionRecord[]> {
  const rows = await tools.db.all<{ data: string }>(sql.executionsBefore, ...key, '~', limit);
  return rows.map(({ data }) => JSON.parse(data) as ExecutionRecord);
}

/** The structure of a version: from the state while somebody runs it, else from the history. */
export async function structure(tools: InsightTools, key: Key, state: PipelineState, version: number): Promise<PipelineDeclaration> {
  if (state.declarations[version]) return declarationOf(state, version);
  const row = await tools.db.get<{ declaration: string }>(sql.version, ...key, version);
  if (!row) throw errors.PipelineVersionNotFoundException(`The pipeline '${key[2]}' has no version ${version} any more.`);
  return JSON.parse(row.declaration) as PipelineDeclaration;
}

/** Every action execution of one execution that history has, oldest first. */
export async function actionsOf(tools: InsightTools, key: Key, execution: string): Promise<readonly ActionExecutionDetail[]> {
  const rows = await tools.db.all<{ data: string }>(sql.actionsOfExecution, ...key, execution, '~', MOST_ACTIONS);
  return rows.map(({ data }) => JSON.parse(data) as ActionExecutionDetail).toReversed();
}

/** AWS's limits of 50 stages and 50 actions a stage, with room for retries. */
const MOST_ACTIONS = 10_000;
