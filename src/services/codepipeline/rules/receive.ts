import { unreachable } from '../../../kernel/errors.ts';
import type { Step } from '../../../kernel/step.ts';
import { errors, type PipelineDeclaration } from '../api.gen.ts';
import type { PipelineCommand } from './commands.ts';
import type { PipelineEvent } from './events.ts';
import { declarationOf, type ActionRun, type PipelineState } from './state.ts';
import type { Variables } from './values.ts';

type Of<T extends PipelineCommand['type']> = Extract<PipelineCommand, { type: T }>;

/** What a command makes happen; throws AWS's error where it is refused, and then nothing is written. */
export function receive(state: PipelineState, command: PipelineCommand, step: Step): readonly PipelineEvent[] {
  if (command.type === 'create') return create(state, command, step.now);
  if (!state.exists) throw errors.PipelineNotFoundException(notFound(state));
  switch (command.type) {
    case 'update':
      return [{ type: 'pipelineUpdated', declaration: command.declaration, version: state.version + 1, at: step.now }];
    case 'delete':
      return [{ type: 'pipelineDeleted', at: step.now }];
    case 'transition': {
      requireStage(declarationOf(state), command.stage);
      const { stage, enabled, reason, by } = command;
      return [{ type: 'transitionChanged', stage, enabled, by, at: step.now, ...(reason !== undefined && { reason }) }];
    }
    case 'start':
      return [start(state, command, step.now)];
    case 'sourceChanged':
      return sourceChanged(state, command, step.now);
    case 'stop':
      return stop(state, command, step.now);
    case 'retry':
      return retry(state, command, step.now);
    case 'approve':
      return approve(state, command, step.now);
    case 'progress':
      return progressed(state, command, step.now);
    case 'errored':
      return errored(state, command, step.now);
    default:
      return unreachable(command);
  }
}

export function notFound(pipeline: { readonly account: string; readonly name: string }): string {
  return `Account '${pipeline.account}' does not have a pipeline with name '${pipeline.name}'`;
}

function create(state: PipelineState, command: Of<'create'>, at: number): readonly PipelineEvent[] {
  if (state.exists)
    throw errors.PipelineNameInUseException(`A pipeline with the name '${state.name}' already exists in account '${state.account}'`);
  const created: PipelineEvent = { type: 'pipelineCreated', declaration: command.declaration, at };
  if (!command.start) return [created];
  const trigger = { type: 'CreatePipeline', detail: command.start.by } as const;
  const variables = pipelineVariables(command.declaration, {});
  const stage = command.declaration.stages[0]!.name;
  return [
    created,
    {
      type: 'executionStarted',
      executionId: command.start.executionId,
      version: 1,
      trigger,
      variables,
      overrides: command.start.overrides,
      stage,
      at,
    },
  ];
}

function start(state: PipelineState, command: Of<'start'>, at: number): PipelineEvent {
  const declaration = declarationOf(state);
  const { executionId, trigger, overrides, token } = command;
  const variables = pipelineVariables(declaration, command.variables);
  return {
    type: 'executionStarted',
    executionId,
    version: state.version,
    trigger,
    variables,
    overrides,
    ...(token !== undefined && { token }),
    stage: declaration.stages[0]!.name,
    at,
  };
}

/** Level-triggered: the same revision seen twice, by an event and after a restart, say, starts one execution. */
function sourceChanged(state: PipelineState, command: Of<'sourceChanged'>, at: number): readonly PipelineEvent[] {
  const { executionId, action, revisionType, revision } = command;
  if (state.seen[action] === revision) return [];
  const trigger = { type: 'PollForSourceChanges', detail: action } as const;
  const overrides = [{ action, revisionType, revision }];
  return [start(state, { type: 'start', executionId, trigger, variables: {}, overrides }, at)];
}

/** Values given at the start win over the declared defaults; a variable without either refuses the start. */
export function pipelineVariables(declaration: PipelineDeclaration, given: Variables): Variables {
  const declared = declaration.variables ?? [];
  const unknown = Object.keys(given).find((name) => !declared.some((variable) => variable.name === name));
  if (unknown !== undefined) throw errors.ValidationException(`The pipeline variable '${unknown}' is not declared in the pipeline.`);
  return Object.fromEntries(
    declared.map(({ name, defaultValue }) => {
      const value = given[name] ?? defaultValue;
      if (value === undefined)
        throw errors.ValidationException(`A value is required for the pipeline variable '${name}', because it has no default.`);
      return [name, value];
    }),
  );
}

function stop(state: PipelineState, command: Of<'stop'>, at: number): readonly PipelineEvent[] {
  const { executionId, abandon, reason } = command;
  const execution = state.executions[executionId];
  if (!execution || execution.phase === 'ended') {
    throw errors.PipelineExecutionNotStoppableException(
      `Pipeline execution with id '${executionId}' in pipeline '${state.name}' is not in progress.`,
    );
  }
  if (execution.stop && (execution.stop.abandon || !abandon)) {
    throw errors.DuplicatedStopRequestException(
      `Pipeline execution with id '${executionId}' in pipeline '${state.name}' is already being stopped.`,
    );
  }
  return [{ type: 'executionStopping', executionId, abandon, reason, at }];
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-retry.html */
function retry(state: PipelineState, command: Of<'retry'>, at: number): readonly PipelineEvent[] {
  const { executionId, stage, mode } = command;
  requireStage(declarationOf(state), stage);
  const latest = state.stages[stage]?.latest;
  const execution = state.executions[executionId];
  if (latest && latest.executionId !== executionId) {
    throw errors.NotLatestPipelineExecutionException(`The execution '${executionId}' is not the latest in the stage '${stage}'.`);
  }
  const failed = latest && (latest.status === 'Failed' || latest.status === 'Stopped');
  if (!failed || !execution || execution.phase !== 'ended' || execution.stage !== stage) {
    throw errors.StageNotRetryableException(
      `The stage '${stage}' has no failed or stopped actions of the execution '${executionId}' to retry.`,
    );
  }
  if (execution.version !== state.version) {
    throw errors.StageNotRetryableException(`The pipeline has been changed since the execution '${executionId}' started.`);
  }
  return [{ type: 'stageRetried', executionId, stage, mode, at }];
}

function approve(state: PipelineState, command: Of<'approve'>, at: number): readonly PipelineEvent[] {
  const { stage, action, token, approved, summary, by } = command;
  const stageDeclaration = requireStage(declarationOf(state), stage);
  const run = state.stages[stage]?.runs[action];
  if (!run && !stageDeclaration.actions.some((declared) => declared.name === action)) {
    throw errors.ActionNotFoundException(`The stage '${stage}' has no action '${action}'.`);
  }
  if (!run || run.token !== token)
    throw errors.InvalidApprovalTokenException('The approval token is not that of the approval now waiting.');
  if (run.status !== 'InProgress')
    throw errors.ApprovalAlreadyCompletedException('The approval action has already been approved or rejected.');
  const place = { executionId: run.executionId, stage, action, at, by };
  if (approved) return [{ type: 'actionSucceeded', ...place, variables: {}, summary }];
  const message = summary === '' ? 'The approval was rejected.' : summary;
  return [{ type: 'actionFailed', ...place, code: 'Rejected', message, summary }];
}

function runNow(state: PipelineState, command: { stage: string; action: string; runId: string }): ActionRun | undefined {
  const run = state.stages[command.stage]?.runs[command.action];
  return run?.id === command.runId && run.status === 'InProgress' ? run : undefined;
}

/** A result that comes late (timed out, abandoned, retried meanwhile) changes nothing. */
function progressed(state: PipelineState, command: Of<'progress'>, at: number): readonly PipelineEvent[] {
  const run = runNow(state, command);
  if (!run) return [];
  const { progress, stage, action } = command;
  const place = { executionId: run.executionId, stage, action, at };
  switch (progress.kind) {
    case 'running': {
      const { ref, wakeOn, wakeAt, summary } = progress;
      const same = run.ref?.id === ref.id && run.summary === summary && run.wakeAt === wakeAt && String(run.wakeOn) === String(wakeOn);
      return same
        ? []
        : [
            {
              type: 'actionProgressed',
              ...place,
              ref,
              wakeOn,
              ...(wakeAt !== undefined && { wakeAt }),
              ...(summary !== undefined && { summary }),
            },
          ];
    }
    case 'succeeded': {
      const { kind: _, ...result } = progress;
      return [{ type: 'actionSucceeded', ...place, ...result }];
    }
    case 'failed':
      return [
        { type: 'actionFailed', ...place, code: progress.reason, message: progress.message, ...(progress.ref && { ref: progress.ref }) },
      ];
    default:
      return unreachable(progress);
  }
}

function errored(state: PipelineState, command: Of<'errored'>, at: number): readonly PipelineEvent[] {
  const run = runNow(state, command);
  if (!run) return [];
  const { stage, action, message } = command;
  return [{ type: 'actionFailed', executionId: run.executionId, stage, action, at, code: 'SystemUnavailable', message }];
}

function requireStage(declaration: PipelineDeclaration, name: string): PipelineDeclaration['stages'][number] {
  const stage = declaration.stages.find((candidate) => candidate.name === name);
  if (!stage) throw errors.StageNotFoundException(`The pipeline '${declaration.name}' has no stage '${name}'.`);
  return stage;
}
