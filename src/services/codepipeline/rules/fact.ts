import type { ConditionType } from './state.ts';

export type FactKind =
  | 'ACTION_RUNS'
  | 'APPROVAL_WAITS'
  | 'CONDITION_RUNS'
  | 'STAGE_LOCKED'
  | 'BEHIND_OTHERS'
  | 'TRANSITION_DISABLED'
  | 'STOPPING'
  | 'IDLE'
  | 'EXECUTION_STARTED'
  | 'EXECUTION_SUCCEEDED'
  | 'EXECUTION_FAILED'
  | 'EXECUTION_STOPPED'
  | 'EXECUTION_SUPERSEDED'
  | 'STAGE_SKIPPED'
  | 'TRIGGER_SEEN'
  | 'NEVER_RAN'
  | 'SOURCE_WATCHED'
  | 'SOURCE_NOT_WATCHED'
  | 'SOURCE_WITHOUT_REVISION'
  | 'SOURCE_UNREACHABLE'
  | 'SOURCE_TAKEN'
  | 'SOURCE_NEW'
  | 'RULE_TARGETS'
  | 'NO_RULE_TARGETS'
  | 'VARIABLE_WITHOUT_DEFAULT';

/** One reason why a pipeline runs or does not: a sentence, and the same as data. Times are epoch ms. */
export interface Fact {
  readonly kind: FactKind;
  /** NOW: how it stands. PAST: what happened. ALWAYS: how the pipeline is made. */
  readonly time: 'NOW' | 'PAST' | 'ALWAYS';
  readonly text: string;
  /** When it happened, or since when it is so. */
  readonly at?: number;
  /** When it times out. */
  readonly until?: number;
  readonly pipelineExecutionId?: string;
  /** The execution that is in the way, that came after, or that was gone back to. */
  readonly otherExecutionId?: string;
  readonly stageName?: string;
  readonly actionName?: string;
  readonly conditionType?: ConditionType;
  readonly ruleName?: string;
  readonly by?: string;
  readonly reason?: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly revisionId?: string;
  readonly triggerType?: string;
  readonly triggerDetail?: string;
  /** What became of something that could have started the pipeline. */
  readonly verdict?: 'STARTED' | 'FILTERED' | 'IGNORED' | 'FAILED';
}
