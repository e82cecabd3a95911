/** How much there may be of what. */
export interface Quotas {
  readonly stages: number;
  readonly actionsPerStage: number;
  readonly actionsPerPipeline: number;
  readonly pipelines: number;
  readonly customActionTypes: number;
  readonly webhooks: number;
  /** Characters of one value of an action's configuration, before its variables are resolved. */
  readonly configurationValue: number;
  /** Bytes of all output variables of one action, names and values. */
  readonly outputVariableBytes: number;
}

/** What AWS allows an account in a region: https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
const AWS: Quotas = {
  stages: 50,
  actionsPerStage: 50,
  actionsPerPipeline: 500,
  pipelines: 1_000,
  customActionTypes: 50,
  webhooks: 300,
  configurationValue: 1_000,
  outputVariableBytes: 122_880,
};

/** What breaks nothing here: only a single structure has a bound, since it is decided upon as a whole. */
const RELAXED: Quotas = {
  stages: 500,
  actionsPerStage: 500,
  actionsPerPipeline: 5_000,
  pipelines: Infinity,
  customActionTypes: Infinity,
  webhooks: Infinity,
  configurationValue: Infinity,
  // They stay in the pipeline's state until the execution is over.
  outputVariableBytes: 1_048_576,
};

export const quotasOf = (name: 'aws' | 'relaxed' = 'relaxed'): Quotas => (name === 'aws' ? AWS : RELAXED);
