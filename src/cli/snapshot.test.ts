import { describe, expect, it } from 'vitest';
import type { ActionExecutionDetail, PipelineExecution, StageState } from '../services/codepipeline/api.gen.ts';
import { plain } from './paint.ts';
import { changes, lines } from './render.ts';
import { snapshotOf } from './snapshot.ts';

const options = { paint: plain, now: 5_000, height: 40, approve: '', tail: () => [] };
const mine = { pipelineExecutionId: 'e1', status: 'InProgress' as const };
const detail = (stageName: string, actionName: string, more: Partial<ActionExecutionDetail> = {}): ActionExecutionDetail => {
  return { stageName, actionName, status: 'Succeeded', startTime: 0, lastUpdateTime: 1_000, ...more };
};
const stage = (stageName: string, more: Partial<StageState> = {}): StageState => ({
  stageName,
  actionStates: [{ actionName: 'Do' }],
  ...more,
});

function snapshot(
  stageStates: readonly StageState[],
  details: readonly ActionExecutionDetail[],
  execution: Partial<PipelineExecution> = {},
) {
  return snapshotOf({
    execution: { pipelineName: 'site', pipelineExecutionId: 'e1', status: 'InProgress', ...execution },
    details,
    state: { stageStates },
    phases: new Map(),
  });
}

describe('an execution in V2 pipelines', () => {
  const rule = (ruleName: string, status: 'InProgress' | 'Failed') => ({ ruleName, latestExecution: { status } });
  const condition = (status: 'InProgress' | 'Failed' | 'Overridden', summary?: string) => ({
    latestExecution: { status, ...(summary !== undefined && { summary }) },
    conditionStates: [{ ruleStates: [rule('Window', 'InProgress'), rule('Other', 'Failed')] }],
  });

  it('shows conditions, with the rules that are looked at, or why they do not hold', () => {
    const looking = snapshot([stage('Deploy', { latestExecution: mine, beforeEntryConditionState: condition('InProgress') })], []);
    expect(lines(looking, options)).toEqual(['site e1', '', '⠋ Deploy', '  ⠋ before entry           Window', '  · Do']);
    const failed = snapshot(
      [stage('Deploy', { latestExecution: mine, onSuccessConditionState: condition('Failed', 'not 1') })],
      [detail('Deploy', 'Do')],
    );
    expect(lines(failed, options)).toContain('  ✗ on success             failed: not 1');
    expect(changes(looking, failed, 5_000)).toContain('Deploy on success: Failed - not 1');
    expect(changes(failed, failed, 5_000)).toEqual([]);
  });

  it('shows retries', () => {
    const retryStageMetadata = { autoStageRetryAttempt: 1, manualStageRetryAttempt: 2 };
    const retried = snapshot([stage('Deploy', { latestExecution: mine, retryStageMetadata })], []);
    expect(lines(retried, options)[2]).toBe('⠋ Deploy  retried by itself, retried by hand 2 times');
  });

  it('shows what was skipped, also where another execution has that stage now', () => {
    const now = snapshot([stage('A', { latestExecution: { ...mine, status: 'Skipped' } }), stage('B', { latestExecution: mine })], []);
    expect(lines(now, options)).toContain('↷ A  skipped');
    const other = { pipelineExecutionId: 'e2', status: 'InProgress' as const };
    const later = snapshot(
      [
        stage('Source', { latestExecution: other }),
        stage('A', { latestExecution: other }),
        stage('B', { latestExecution: mine }),
        stage('C'),
      ],
      [detail('Source', 'Do'), detail('B', 'Do')],
    );
    expect(later.stages.map(({ status }) => status)).toEqual(['Succeeded', 'Skipped', 'InProgress', 'Waiting']);
    expect(changes(undefined, later, 5_000)).toContain('A: Skipped');
  });

  it('says what is rolled back to', () => {
    const back = snapshot([stage('A')], [], { rollbackMetadata: { rollbackTargetPipelineExecutionId: 'e0' } });
    expect(lines(back, options)[1]).toBe('Rolls back to e0');
    expect(changes(undefined, back, 5_000)).toEqual(['site e1', 'Rolls back to e0']);
  });

  it('counts who is before it in the queue', () => {
    const inbound = (...ids: string[]) => ({ inboundExecutions: ids.map((pipelineExecutionId) => ({ ...mine, pipelineExecutionId })) });
    expect(lines(snapshot([stage('A', inbound('e8', 'e9', 'e1'))], []), options)[2]).toBe('· A  waits behind 2 others for the stage');
  });

  it('finds its own approval in PARALLEL mode, where the state shows another’s', () => {
    const approval = { category: 'Approval', owner: 'AWS', provider: 'Manual', version: '1' } as const;
    const waits = detail('Ask', 'Do', {
      status: 'InProgress',
      input: { actionTypeId: approval },
      output: { executionResult: { externalExecutionId: 't1' } },
    });
    const other = { latestExecution: { status: 'InProgress' as const, token: 't2' }, actionName: 'Do' };
    const parallel = snapshot([stage('Ask', { latestExecution: { ...mine, pipelineExecutionId: 'e2' }, actionStates: [other] })], [waits]);
    expect(parallel.stages[0]!.actions[0]!.approval?.token).toBe('t1');
  });
});
