import type {
  ActionDeclaration,
  Condition,
  PipelineDeclaration,
  Result,
  RuleDeclaration,
  StageDeclaration,
} from '../../src/services/codepipeline/api.gen.ts';

/** An action in short: its configuration, and beside it what is no configuration. */
interface ShortAction {
  readonly order?: number;
  readonly in?: readonly string[];
  readonly out?: readonly string[];
  readonly namespace?: string;
  readonly timeout?: number;
  /** A manual approval instead of a dummy. */
  readonly approval?: boolean;
  /** The dummy's category where it is not Source in the first stage and Build in the others. */
  readonly category?: 'Source' | 'Build' | 'Test' | 'Deploy' | 'Invoke';
  readonly with?: Readonly<Record<string, string>>;
}

type Configuration = Readonly<Record<string, string>>;

/** A rule in short: `{ "Provider": configuration }`, and beside it what is no configuration. */
type ShortRule = Readonly<Record<string, unknown>> & { readonly in?: readonly string[]; readonly timeout?: number };

/** A condition in short: its result, and its rules by name. */
interface ShortCondition {
  readonly result: Result;
  readonly rules: Readonly<Record<string, ShortRule>>;
}

interface ShortStage {
  readonly actions: Readonly<Record<string, ShortAction>>;
  readonly beforeEntry?: ShortCondition;
  readonly onSuccess?: ShortCondition;
  readonly onFailure?: {
    readonly result?: Result;
    readonly retryMode?: 'ALL_ACTIONS' | 'FAILED_ACTIONS';
    readonly condition?: ShortCondition;
  };
}

/** A pipeline as scenarios write it down: only what the scenario is about. */
export interface ShortPipeline {
  readonly type?: 'V1' | 'V2';
  readonly mode?: 'SUPERSEDED' | 'QUEUED' | 'PARALLEL';
  /** Names with their default values; null where there is none. */
  readonly variables?: Readonly<Record<string, string | null>>;
  readonly stages: Readonly<Record<string, ShortStage>>;
}

/** What scenarios leave out. */
const FRAME = {
  name: 'demo',
  roleArn: 'arn:aws:iam::000000000000:role/pipeline',
  artifactStore: { type: 'S3', location: 'artifacts' },
} as const;

/** What was written in short, in full: a pipeline, or the part of it that an update changes. */
export function partOf({ type, mode, variables, stages }: Partial<ShortPipeline>): Partial<PipelineDeclaration> {
  return {
    ...(stages && FRAME),
    ...(type && { pipelineType: type }),
    ...(mode && { executionMode: mode }),
    ...(variables && {
      variables: Object.entries(variables).map(([name, value]) => (value === null ? { name } : { name, defaultValue: value })),
    }),
    ...(stages && { stages: Object.entries(stages).map(([name, stage], index) => stageOf(name, stage, index === 0)) }),
  };
}

function stageOf(name: string, { actions, beforeEntry, onSuccess, onFailure }: ShortStage, first: boolean): StageDeclaration {
  const { result, retryMode, condition } = onFailure ?? {};
  return {
    name,
    actions: Object.entries(actions).map(([action, short]) => actionOf(action, short, first)),
    ...(beforeEntry && { beforeEntry: { conditions: [conditionOf(beforeEntry)] } }),
    ...(onSuccess && { onSuccess: { conditions: [conditionOf(onSuccess)] } }),
    ...(onFailure && {
      onFailure: {
        ...(result && { result }),
        ...(retryMode && { retryConfiguration: { retryMode } }),
        ...(condition && { conditions: [conditionOf(condition)] }),
      },
    }),
  };
}

function actionOf(name: string, short: ShortAction, first: boolean): ActionDeclaration {
  const { order = 1, namespace, timeout } = short;
  const named = (names: readonly string[] = []) => names.map((artifact) => ({ name: artifact }));
  const dummy = { category: short.category ?? (first ? 'Source' : 'Build'), owner: 'Custom', provider: 'Dummy', version: '1' } as const;
  const approval = { category: 'Approval', owner: 'AWS', provider: 'Manual', version: '1' } as const;
  return {
    name,
    actionTypeId: short.approval ? approval : dummy,
    runOrder: order,
    configuration: short.with ?? {},
    inputArtifacts: named(short.in),
    outputArtifacts: named(short.out),
    ...(namespace !== undefined && { namespace }),
    ...(timeout !== undefined && { timeoutInMinutes: timeout }),
  };
}

function conditionOf({ result, rules }: ShortCondition): Condition {
  return { result, rules: Object.entries(rules).map(([name, rule]) => ruleOf(name, rule)) };
}

function ruleOf(name: string, { in: inputs, timeout, ...rule }: ShortRule): RuleDeclaration {
  const [provider, configuration] = Object.entries(rule)[0] as [string, Configuration];
  return {
    name,
    ruleTypeId: { category: 'Rule', owner: 'AWS', provider, version: '1' },
    configuration,
    ...(inputs && { inputArtifacts: inputs.map((artifact) => ({ name: artifact })) }),
    ...(timeout !== undefined && { timeoutInMinutes: timeout }),
  };
}
