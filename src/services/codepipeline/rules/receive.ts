import { unreachable } from '../../../kernel/errors.ts';
import type { Step } from '../../../kernel/step.ts';
import { errors, type PipelineDeclaration } from '../api.gen.ts';
import type { PipelineCommand } from './commands.ts';
import type { PipelineEvent } from './events.ts';
import { approve, errored, progressed } from './receive-result.ts';
import { override, retry, rollback, stop } from './receive-stage.ts';
import { structureWith } from './structure.ts';
import { declarationOf, inFlight, type PipelineState } from './state.ts';
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
      structureWith(state, command.stage);
      return transition(state, command, step.now);
    }
    case 'start':
      return [start(state, command, step.now)];
    case 'sourceChanged':
      return sourceChanged(state, command, step.now);
    case 'startFrom': {
      const { type: _, ...start } = command;
      return [{ type: 'executionStarted', overrides: [], ...start, at: step.now }];
    }
    case 'rollback':
      return [rollback(state, command, step.now)];
    case 'override':
      return override(state, command, step.now);
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
  const { executionId, action, revisionType, revision, trigger = { type: 'PollForSourceChanges', detail: action } } = command;
  if (state.seen[action] === revision) return [];
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

/** After so long a pause what waited is too old to go on by itself: https://docs.aws.amazon.com/codepipeline/latest/userguide/transitions.html */
const LONGEST_PAUSE_MS = 30 * 86_400_000;

function transition(state: PipelineState, command: Of<'transition'>, at: number): readonly PipelineEvent[] {
  const { stage, enabled, reason, by } = command;
  const changed: PipelineEvent = { type: 'transitionChanged', stage, enabled, by, at, ...(reason !== undefined && { reason }) };
  const before = state.stages[stage]?.inbound;
  if (!enabled || before?.enabled !== false || at - before.at <= LONGEST_PAUSE_MS) return [changed];
  const waiting = inFlight(state).filter((execution) => execution.phase === 'waiting' && execution.stage === stage && !execution.only);
  const stale = `The transition into the stage '${stage}' was disabled for more than 30 days.`;
  return [changed, ...waiting.map(({ id }) => ({ type: 'executionFailed', executionId: id, at, reason: stale }) as const)];
}
