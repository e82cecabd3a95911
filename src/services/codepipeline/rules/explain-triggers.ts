import type { PipelineDeclaration } from '../api.gen.ts';
import type { Fact } from './fact.ts';
import type { ExecutionRecord } from './history.ts';
import type { PipelineState } from './state.ts';

/** What a look at a source found. */
export interface SourceLook {
  readonly stage: string;
  readonly action: string;
  /** How a change of it starts an execution: because it is watched, by a trigger of the pipeline, or not at all. */
  readonly startedBy: 'watch' | 'trigger' | 'nothing';
  readonly found: { readonly revision: string | undefined } | { readonly error: string };
}

export interface EventRule {
  readonly name: string;
  readonly enabled: boolean;
}

export interface TriggerLook {
  readonly state: PipelineState;
  readonly declaration: PipelineDeclaration;
  /** The newest executions. */
  readonly records: readonly ExecutionRecord[];
  readonly sources: readonly SourceLook[];
  /** Rules of EventBridge that target the pipeline; undefined where they could not be listed. */
  readonly rules: readonly EventRule[] | undefined;
}

/** What starts this pipeline, and what does not: its sources as they are now, rules that target it, variables that forbid it. */
export function explainTriggers(look: TriggerLook): readonly Fact[] {
  const { declaration, records, sources, rules } = look;
  const never: Fact = { kind: 'NEVER_RAN', time: 'NOW', text: 'The pipeline has never run.' };
  return [
    ...(records.length === 0 ? [never] : []),
    ...(declaration.variables ?? []).filter(({ defaultValue }) => defaultValue === undefined).map(({ name }) => variable(name)),
    ...sources.flatMap((source) => sourceFacts(source, look)),
    ...(rules ? ruleFacts(rules, sources) : []),
  ];
}

function variable(name: string): Fact {
  const text = `The variable ${name} has no default: only a start that gives it a value can start the pipeline, no change of a source can.`;
  return { kind: 'VARIABLE_WITHOUT_DEFAULT', time: 'ALWAYS', text, reason: name };
}

function howItStarts({ stage, action, startedBy }: SourceLook): Fact {
  const place = { time: 'ALWAYS', stageName: stage, actionName: action } as const;
  const name = `${stage}/${action}`;
  switch (startedBy) {
    case 'watch':
      return { ...place, kind: 'SOURCE_WATCHED', text: `The source ${name} is watched: a new revision of it starts an execution.` };
    case 'trigger':
      return { ...place, kind: 'SOURCE_WATCHED', text: `The source ${name} has a trigger: what passes its filters starts an execution.` };
    case 'nothing':
      return { ...place, kind: 'SOURCE_NOT_WATCHED', text: `The source ${name} is not watched: a change of it starts nothing by itself.` };
  }
}

function sourceFacts(source: SourceLook, look: TriggerLook): readonly Fact[] {
  const { stage, action, found } = source;
  const place = { stageName: stage, actionName: action };
  const name = `${stage}/${action}`;
  const how = howItStarts(source);
  const now = { time: 'NOW', ...place } as const;
  if ('error' in found) {
    const text = `The source ${name} could not be looked at: ${found.error}`;
    return [{ ...now, kind: 'SOURCE_UNREACHABLE', text, errorMessage: found.error }, how];
  }
  const { revision } = found;
  if (revision === undefined) {
    return [{ ...now, kind: 'SOURCE_WITHOUT_REVISION', text: `The source ${name} has no revision yet: there is nothing to run on.` }, how];
  }
  return [newest(name, place, revision, look), how];
}

function newest(name: string, place: { stageName: string; actionName: string }, revisionId: string, { state, records }: TriggerLook): Fact {
  const base = { time: 'NOW', ...place, revisionId } as const;
  const taker = records.find(({ overrides, revisions }) => {
    const started = overrides.some((override) => override.action === place.actionName && override.revision === revisionId);
    return started || revisions[place.actionName]?.revisionId === revisionId;
  });
  if (taker) {
    const text = `The newest revision of the source ${name}, ${revisionId}, was taken by the execution ${taker.id}.`;
    return { ...base, kind: 'SOURCE_TAKEN', text, pipelineExecutionId: taker.id, at: taker.startedAt };
  }
  const taken = state.seen[place.actionName] === revisionId;
  if (taken)
    return {
      ...base,
      kind: 'SOURCE_TAKEN',
      text: `The newest revision of the source ${name}, ${revisionId}, was taken by an earlier execution.`,
    };
  return { ...base, kind: 'SOURCE_NEW', text: `The newest revision of the source ${name}, ${revisionId}, has been taken by no execution.` };
}

function ruleFacts(rules: readonly EventRule[], sources: readonly SourceLook[]): readonly Fact[] {
  const alone = sources.some(({ startedBy }) => startedBy !== 'nothing') ? '' : ' Only StartPipelineExecution starts it.';
  if (rules.length === 0) return [{ kind: 'NO_RULE_TARGETS', time: 'ALWAYS', text: `No EventBridge rule targets the pipeline.${alone}` }];
  return rules.map(({ name, enabled }) => {
    const text = enabled
      ? `The EventBridge rule ${name} starts the pipeline.`
      : `The EventBridge rule ${name} targets the pipeline, but is disabled: it starts nothing.`;
    return { kind: 'RULE_TARGETS', time: 'ALWAYS', ruleName: name, text };
  });
}
