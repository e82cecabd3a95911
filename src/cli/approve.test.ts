import { expect, it } from 'vitest';
import type { GetPipelineStateOutput } from '../services/codepipeline/api.gen.ts';
import { chooseApproval, waitingApprovals } from './approve.ts';

const action = (actionName: string, token?: string) => ({
  actionName,
  latestExecution: { status: 'InProgress' as const, ...(token !== undefined && { token }) },
});
const state: GetPipelineStateOutput = {
  stageStates: [
    { stageName: 'Build', latestExecution: { pipelineExecutionId: 'e2', status: 'InProgress' }, actionStates: [action('Compile')] },
    {
      stageName: 'Ask',
      latestExecution: { pipelineExecutionId: 'e1', status: 'InProgress' },
      actionStates: [action('Law', 't1'), action('Boss', 't2')],
    },
    { stageName: 'Last', actionStates: [{ actionName: 'Never' }] },
  ],
};
const waiting = waitingApprovals(state);

it('finds what waits, with the execution that waits for it', () => {
  expect(waiting).toEqual([
    { stageName: 'Ask', actionName: 'Law', token: 't1', executionId: 'e1' },
    { stageName: 'Ask', actionName: 'Boss', token: 't2', executionId: 'e1' },
  ]);
});

it('never guesses between two', () => {
  expect(() => chooseApproval('p', waiting, {})).toThrow(
    'Several approvals wait in p: Ask/Law, Ask/Boss. Choose one with --stage and --action.',
  );
  expect(chooseApproval('p', waiting, { action: 'Boss' })).toBe(waiting[1]);
  expect(chooseApproval('p', waiting.slice(0, 1), {})).toBe(waiting[0]);
});

it('says what waits where nothing fits', () => {
  expect(() => chooseApproval('p', waiting, { stage: 'Build' })).toThrow('these wait: Ask/Law, Ask/Boss');
  expect(() => chooseApproval('p', [], {})).toThrow('No approval waits in p.');
});
