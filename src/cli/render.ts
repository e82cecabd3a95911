import type { ActionState, GetPipelineStateOutput, StageState } from '../services/codepipeline/api.gen.ts';

/** Paints one part of a line; the plain painter leaves it as it is. */
export type Paint = (style: 'good' | 'bad' | 'busy' | 'quiet' | 'strong', text: string) => string;

export const plain: Paint = (_, text) => text;

/** One line of the display: a stage or an action of the execution that is followed. */
export interface Row {
  readonly key: string;
  readonly text: string;
  readonly status: string;
}

const MARKS: Readonly<Record<string, string>> = {
  Succeeded: '✓',
  Failed: '✗',
  InProgress: '●',
  Stopped: '■',
  Stopping: '■',
  Abandoned: '■',
  Waiting: '◌',
};

function style(status: string): Parameters<Paint>[0] {
  if (status === 'Succeeded') return 'good';
  if (status === 'Failed') return 'bad';
  return status === 'InProgress' ? 'busy' : 'quiet';
}

function seconds(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)}s`;
  return `${Math.floor(ms / 60_000)}m ${Math.round((ms % 60_000) / 1000)}s`;
}

/** When each action began and ended, as the history says; by stage and action. */
export type Times = ReadonlyMap<string, { readonly from: number; readonly to: number }>;

function actionRow(stage: string, action: ActionState, mine: boolean, times: Times, now: number): Row {
  const { actionName = '', latestExecution } = action;
  const key = `${stage}/${actionName}`;
  const status = mine ? (latestExecution?.status ?? 'Waiting') : 'Waiting';
  const time = times.get(key);
  const duration = mine && time ? seconds((status === 'InProgress' ? now : time.to) - time.from) : '';
  const approval = mine && status === 'InProgress' && latestExecution?.token !== undefined;
  const note = approval ? 'waits for approval' : mine ? (latestExecution?.errorDetails?.message ?? latestExecution?.summary ?? '') : '';
  const text = `${actionName.padEnd(18)} ${(approval ? 'Waiting for you' : status).padEnd(16)} ${duration.padStart(8)}  ${note.split('\n', 1)[0] ?? ''}`;
  return { key, status: approval ? 'Approval' : status, text: text.trimEnd() };
}

/** The execution as rows: each stage, and under it its actions. What belongs to another execution counts as waiting. */
export function rows(state: GetPipelineStateOutput, executionId: string, times: Times, now: number): readonly Row[] {
  return (state.stageStates ?? []).flatMap((stage: StageState) => {
    const mine = stage.latestExecution?.pipelineExecutionId === executionId;
    const name = stage.stageName ?? '';
    const status = mine ? (stage.latestExecution?.status ?? 'Waiting') : 'Waiting';
    const actions = (stage.actionStates ?? []).map((action) =>
      actionRow(name, action, mine && ofExecution(action, times, name), times, now),
    );
    return [{ key: name, status, text: name }, ...actions];
  });
}

/** An action of this execution has a time in its history; what the state still shows of an earlier one has not. */
function ofExecution(action: ActionState, times: Times, stage: string): boolean {
  return times.has(`${stage}/${action.actionName ?? ''}`);
}

/** The rows as lines for a terminal. */
export function lines(list: readonly Row[], paint: Paint): readonly string[] {
  return list.map(({ key, text, status }) => {
    const mark = paint(status === 'Approval' ? 'busy' : style(status), status === 'Approval' ? '?' : (MARKS[status] ?? '·'));
    return key.includes('/') ? `    ${mark} ${text}` : `${mark} ${paint('strong', text)}`;
  });
}

/** What changed between two looks, as lines for a log: one for each row that has a new status. */
export function changes(before: readonly Row[], after: readonly Row[]): readonly string[] {
  const known = new Map(before.map((row) => [row.key, row.status]));
  const changed = after.filter(({ key, status }) => known.get(key) !== status && !(status === 'Waiting' && !known.has(key)));
  return changed.map(({ key, status, text }) => (key.includes('/') ? `${key.split('/')[0]}: ${text}` : `${text}: ${status}`));
}
