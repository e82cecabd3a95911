import type { Projection } from '../../engine/process.ts';
import type { Bus } from '../../ports/bus.ts';
import { write, type Write } from '../../ports/database.ts';
import type { PipelineEvent } from './rules/events.ts';
import { changedHistory } from './rules/history.ts';
import { gitSql } from './git/tables.ts';
import { publicEvents } from './rules/public-events.ts';
import { declarationOf, pipelineArn, type PipelineState } from './rules/state.ts';
import { sql } from './tables.ts';

/** The read models and bus events of one step, in the step's own commit. */
export function project(
  { before, after, events, transitions, now, newId }: Projection<PipelineState, PipelineEvent>,
  bus: Bus,
): readonly Write[] {
  const { account, region, name } = after;
  const key = [account, region, name] as const;
  if (!after.exists) return deletion(after);
  const writes: Write[] = [];
  if (after.version !== before.version || !before.exists) writes.push(...definition(after));
  for (const event of events) {
    if (event.type !== 'executionStarted' || event.token === undefined) continue;
    writes.push(write(sql.insertToken, [...key, event.token, event.executionId], { label: 'token' }));
  }
  const { executions, actions, rules } = changedHistory(transitions, now);
  for (const record of executions.values()) {
    writes.push(write(sql.upsertExecution, [...key, record.id, record.status, record.updatedAt, JSON.stringify(record)]));
  }
  for (const detail of actions.values()) {
    const { actionExecutionId = '', pipelineExecutionId = '', lastUpdateTime = now } = detail;
    writes.push(write(sql.upsertAction, [...key, actionExecutionId, pipelineExecutionId, lastUpdateTime, JSON.stringify(detail)]));
  }
  for (const detail of rules.values()) {
    const { ruleExecutionId = '', pipelineExecutionId = '', lastUpdateTime = now } = detail;
    writes.push(write(sql.upsertRule, [...key, ruleExecutionId, pipelineExecutionId, lastUpdateTime, JSON.stringify(detail)]));
  }
  for (const event of events) {
    if (event.type === 'stageSucceeded' && !event.refused)
      writes.push(write(sql.insertSuccess, [...key, event.stage, event.executionId, event.at]));
  }
  const frame = { account, region, bus: 'default', source: 'aws.codepipeline', resources: [pipelineArn(after)] };
  for (const { detailType, at, detail } of transitions.flatMap(publicEvents)) {
    writes.push(bus.write({ ...frame, id: newId(), time: at, detailType, detail }));
  }
  return writes;
}

function definition(state: PipelineState): Write[] {
  const { account, region, name, version } = state;
  const declaration = declarationOf(state);
  const mode = declaration.executionMode ?? 'SUPERSEDED';
  const type = declaration.pipelineType ?? 'V1';
  return [
    write(sql.insertPipeline, [account, region, name, version, type, mode, state.createdAt, state.updatedAt]),
    write(sql.insertVersion, [account, region, name, version, JSON.stringify(declaration)], { label: 'version' }),
  ];
}

/** A deleted pipeline takes its history with it, as in AWS. */
function deletion(state: PipelineState): Write[] {
  const key = [state.account, state.region, state.name];
  const tables = [
    sql.deletePipeline,
    sql.deleteVersions,
    sql.deleteExecutions,
    sql.deleteActions,
    sql.deleteRules,
    sql.deleteSuccesses,
    sql.deleteTokens,
    gitSql.deleteDecisions,
  ];
  return [...tables.map((statement) => write(statement, key)), write(sql.deleteTags, [pipelineArn(state)])];
}
