import { unreachable } from '../../../../kernel/errors.ts';
import type { Step } from '../../../../kernel/step.ts';
import { errors } from '../../api.gen.ts';
import type { BatchCommand, BatchEvent } from './events.ts';
import { specProblem } from './restrictions.ts';
import { hasEnded, isOpen, type BatchState, type Part } from './state.ts';

type Of<T extends BatchCommand['type']> = Extract<BatchCommand, { type: T }>;

export function receive(state: BatchState, command: BatchCommand, step: Step): readonly BatchEvent[] {
  switch (command.type) {
    case 'submit':
      return [{ type: 'batchSubmitted', order: command.order, uuid: step.id(), at: step.now }];
    case 'stop':
      return isOpen(state) && !state.ending && !state.merging ? [{ type: 'endingBegun', reason: 'STOPPED', at: step.now }] : [];
    case 'retry':
      return retry(state, command, step);
    case 'delete':
      if (isOpen(state)) throw errors.InvalidInputException('The batch build is in progress.');
      return state.deleted ? [] : [{ type: 'batchDeleted', at: step.now }];
    case 'merged': {
      if (!isOpen(state) || !state.merging) return [];
      const { reportArns } = command;
      return [
        { type: 'reportsMerged', reportArns },
        { type: 'batchEnded', ...state.merging, at: step.now },
      ];
    }
    case 'gaveUp':
      return [];
    case 'started':
      return underWay(state, command.uuid) ? [{ type: 'buildStarted', uuid: command.uuid }] : [];
    case 'refused': {
      const { uuid, message } = command;
      return underWay(state, uuid) ? [{ type: 'buildEnded', uuid, status: 'FAULT', built: [], message }] : [];
    }
    case 'ended':
      return ended(state, command, step);
    default:
      return unreachable(command);
  }
}

/** The part that this build does, as long as it has not ended; an earlier try's build is nobody's any more. */
function underWay(state: BatchState, uuid: string): Part | undefined {
  if (!isOpen(state)) return undefined;
  return state.parts.find((part) => part.current.uuid === uuid && !hasEnded(part));
}

function ended(state: BatchState, command: Of<'ended'>, step: Step): readonly BatchEvent[] {
  const part = underWay(state, command.uuid);
  if (!part) return [];
  const { type: _type, batchspec, ...facts } = command;
  const end: BatchEvent = { type: 'buildEnded', ...facts };
  if (part.kind !== 'BATCHSPEC' || command.status !== 'SUCCEEDED' || state.ending) return [end];
  const problem = batchspec ? specProblem(state.order!, batchspec) : 'The runner that read the buildspec told nothing of its batch section';
  if (problem !== undefined) return [end, { type: 'batchEnded', status: 'FAILED', at: step.now, message: problem }];
  return [end, { type: 'batchspecRead', spec: batchspec!, uuids: batchspec!.tasks.map(() => step.id()), at: step.now }];
}

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_RetryBuildBatch.html: only what has failed can be retried. */
function retry(state: BatchState, { all, token }: Of<'retry'>, step: Step): readonly BatchEvent[] {
  if (token !== undefined && state.retryTokens.includes(token)) return [];
  if (isOpen(state)) throw errors.InvalidInputException('The batch build is in progress: only one that has failed can be retried');
  if (state.status === 'SUCCEEDED')
    throw errors.InvalidInputException('The batch build has succeeded: only one that has failed can be retried');
  const again = state.parts.filter(({ kind, current: { status } }) => {
    if (!state.read) return kind === 'BATCHSPEC';
    return kind === 'TASK' && (all || status !== 'SUCCEEDED');
  });
  const builds = again.map(({ task: { identifier } }) => ({ identifier, uuid: step.id() }));
  return [{ type: 'batchRetried', builds, at: step.now, ...(token !== undefined && { token }) }];
}
