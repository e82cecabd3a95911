import type { Step } from '../../../../kernel/step.ts';
import { combines } from './artifacts.ts';
import type { BatchEvent } from './events.ts';
import { batchDeadline, hasEnded, isFine, isOpen, shardsOf, type BatchState, type Part } from './state.ts';

const isRunning = ({ current: { status } }: Part): boolean => status === 'STARTING' || status === 'IN_PROGRESS';
const isPending = ({ current: { status } }: Part): boolean => status === 'PENDING';
const failed = (part: Part): boolean => hasEnded(part) && !isFine(part);
/** With the reason where the build itself may not be there to tell it. */
const nameOf = ({ task: { identifier }, current: { status, message } }: Part): string =>
  status === 'FAULT' && message !== undefined ? `${identifier} (${message})` : identifier;

const request = (part: Part, at: number): BatchEvent => ({ type: 'buildRequested', identifier: part.task.identifier, at });

/** Takes what waits off the list and orders what runs to stop; a build that is just being started is stopped once it is there. */
function windDown(parts: readonly Part[]): readonly BatchEvent[] {
  const waiting = parts.filter(isPending).map(({ task }) => task.identifier);
  const running = parts.filter(({ current }) => current.status === 'IN_PROGRESS' && !current.stopping);
  return [
    ...(waiting.length > 0 ? [{ type: 'partsSkipped', identifiers: waiting } as const] : []),
    ...running.map(({ current }) => ({ type: 'stopOrdered', uuid: current.uuid }) as const),
  ];
}

/** What follows by itself: what may begin, what need not any more, and how it ends. */
export function decide(state: BatchState, step: Step): readonly BatchEvent[] {
  if (!isOpen(state) || state.merging) return [];
  const events = next(state, step);
  const [first] = events;
  if (first?.type !== 'batchEnded' || shardsOf(state).length === 0) return events;
  const { type: _type, at: _at, ...end } = first;
  return [{ type: 'mergeBegun', end }];
}

function next(state: BatchState, step: Step): readonly BatchEvent[] {
  const { now } = step;
  if (state.ending) return ending(state, state.ending, now);
  if (batchDeadline(state)! <= now) return [{ type: 'endingBegun', reason: 'TIMED_OUT', at: now }];
  if (!state.read) return reading(state, now);
  const tasks = state.parts.filter(({ kind }) => kind === 'TASK');
  if (!tasks.every(hasEnded)) return going(state, tasks, now);
  const bad = tasks.filter(failed);
  if (bad.length > 0)
    return [{ type: 'batchEnded', status: 'FAILED', at: now, message: `Builds that failed: ${bad.map(nameOf).join(', ')}` }];
  if (!combines(state.order!)) return [{ type: 'batchEnded', status: 'SUCCEEDED', at: now }];
  return combining(state, step);
}

function ending(state: BatchState, reason: 'STOPPED' | 'TIMED_OUT', now: number): readonly BatchEvent[] {
  if (!state.parts.every(hasEnded)) return windDown(state.parts);
  const message = `Build batch has timed out after ${state.order!.timeoutMinutes} minutes.`;
  return [{ type: 'batchEnded', status: reason, at: now, ...(reason === 'TIMED_OUT' && { message }) }];
}

function reading(state: BatchState, now: number): readonly BatchEvent[] {
  const [first] = state.parts;
  if (!first) return [];
  if (isPending(first)) return [request(first, now)];
  if (!hasEnded(first)) return [];
  const { status, message = `${first.task.identifier} ended as ${status}` } = first.current;
  return [{ type: 'batchEnded', status: status === 'FAULT' ? 'FAULT' : 'FAILED', at: now, message }];
}

/**
 * Begins what waits for nothing any more. What depends on a build that failed never begins, unless that failure is to be ignored:
 * https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build-buildspec.html
 */
function going(state: BatchState, tasks: readonly Part[], now: number): readonly BatchEvent[] {
  if (state.fastFail && tasks.some(failed)) return windDown(tasks);
  const byName = new Map(tasks.map((part) => [part.task.identifier, part]));
  const hopeless: string[] = [];
  const ready: Part[] = [];
  for (const part of tasks.filter(isPending)) {
    const before = part.task.dependsOn.flatMap((name) => byName.get(name) ?? []);
    if (before.some((one) => failed(one) || (hasEnded(one) && !one.current.begun))) hopeless.push(part.task.identifier);
    else if (before.every(hasEnded)) ready.push(part);
  }
  const skipped: readonly BatchEvent[] = hopeless.length > 0 ? [{ type: 'partsSkipped', identifiers: hopeless }] : [];
  return [...skipped, ...ready.map((part) => request(part, now))];
}

function combining(state: BatchState, step: Step): readonly BatchEvent[] {
  const { now } = step;
  const combine = state.parts.find(({ kind }) => kind === 'COMBINE_ARTIFACTS');
  if (!combine) return [{ type: 'combineBegun', uuid: step.id(), at: now }];
  if (isPending(combine)) return [request(combine, now)];
  if (isRunning(combine)) return [];
  const { status, message = `${combine.task.identifier} ended as ${status}` } = combine.current;
  return status === 'SUCCEEDED'
    ? [{ type: 'batchEnded', status, at: now }]
    : [{ type: 'batchEnded', status: status === 'FAULT' ? 'FAULT' : 'FAILED', at: now, message }];
}
