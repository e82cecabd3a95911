import type { Aggregates, Effect, Performer } from '../../engine/process.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/log.ts';
import { pipelineSession } from '../../kernel/pipeline-session.ts';
import type { SecretBox } from '../../ports/secrets.ts';
import type { Aws } from '../aws.gen.ts';
import type { RunAddress } from './process.ts';
import type {
  ActionJob,
  ActionProvider,
  ActionTools,
  ArtifactLocation,
  OutputLocation,
  Progress,
  RuleJob,
  RuleProvider,
} from './provider.ts';
import type { Place, TypeId } from './rules/catalogue.ts';
import type { PipelineCommand } from './rules/commands.ts';
import { conditionOf } from './rules/conditions.ts';
import { openSecrets } from './rules/secret-values.ts';
import {
  declarationOf,
  findRunById,
  pipelineArn,
  type ActionRun,
  type Execution,
  type FoundRun,
  type PipelineState,
  type RuleRun,
  type Run,
} from './rules/state.ts';
import type { ActionDeclaration, StageDeclaration } from './api.gen.ts';
import { goneArtifact } from './gone-artifact.ts';
import { startsFromAnother } from './rules/replay.ts';

/** The action providers that an account has in a region. */
export interface Providers {
  find(type: TypeId, place: Place): ActionProvider | undefined;
  all(place: Place): readonly ActionProvider[];
  /** Resolves when the types that accounts have brought are known. */
  ready(): Promise<void>;
}

/** The rules that conditions may have. */
export interface Rules {
  find(type: TypeId): RuleProvider | undefined;
  all(): readonly RuleProvider[];
}

export interface PerformerTools {
  readonly aws: Aws;
  readonly clock: Clock;
  readonly log: Logger;
  readonly providers: Providers;
  readonly rules: Rules;
  /** Opens what is secret in a configuration; absent where nothing is. */
  readonly secrets?: Pick<SecretBox, 'open'>;
}

type Found =
  | {
      readonly kind: 'action';
      readonly run: ActionRun;
      readonly job: ActionJob;
      readonly provider: ActionProvider;
      /** Its inputs may be another execution's, made long ago. */
      readonly inherited: boolean;
    }
  | { readonly kind: 'rule'; readonly run: RuleRun; readonly job: RuleJob; readonly provider: RuleProvider };

/** The run at an address with everything a provider is given; undefined when it no longer counts. */
export function findRun(state: PipelineState, { runId, executionId }: RunAddress, tools: PerformerTools): Found | undefined {
  const found = findRunById(state, runId, executionId);
  if (!found) return undefined;
  const declaration = declarationOf(state, found.execution.version);
  const stage = declaration.stages.find(({ name }) => name === found.execution.stage);
  return stage && (found.kind === 'action' ? actionOf(state, stage, found, tools) : ruleOf(state, stage, found, tools));
}

function actionOf(
  state: PipelineState,
  stage: StageDeclaration,
  { execution, run }: Extract<FoundRun, { kind: 'action' }>,
  tools: PerformerTools,
): Found | undefined {
  const declared = stage.actions.find(({ name }) => name === run.action);
  const provider = declared && tools.providers.find(declared.actionTypeId, state);
  if (!declared || !provider) return undefined;
  const { outputVariables } = declared;
  const job: ActionJob = {
    ...commonJob(state, execution, declared, run),
    configuration: openSecrets(run.configuration, tools.secrets),
    action: run.action,
    outputs: run.outputs.map((output) => withFiles(output, declared)),
    ...pinned(execution, run.action),
    ...(run.token !== undefined && { token: run.token }),
    ...(run.environmentVariables && { environmentVariables: run.environmentVariables }),
    ...(outputVariables && { outputVariables }),
  };
  return { kind: 'action', run, job, provider, inherited: startsFromAnother(execution) };
}

function ruleOf(
  state: PipelineState,
  stage: StageDeclaration,
  { execution, condition, run }: Extract<FoundRun, { kind: 'rule' }>,
  tools: PerformerTools,
): Found | undefined {
  const declared = conditionOf(stage, condition)?.rules?.find(({ name }) => name === run.rule);
  const provider = declared && tools.rules.find(declared.ruleTypeId);
  if (!declared || !provider) return undefined;
  const job: RuleJob = { ...commonJob(state, execution, declared, run), rule: run.rule, condition, startedAt: run.startedAt };
  return { kind: 'rule', run, job, provider };
}

function commonJob(state: PipelineState, execution: Execution, declared: { region?: string; roleArn?: string }, run: Run) {
  return {
    id: run.id,
    account: state.account,
    region: declared.region ?? state.region,
    pipeline: { name: state.name, version: execution.version, arn: pipelineArn(state) },
    executionId: execution.id,
    stage: execution.stage,
    role: declared.roleArn ?? declarationOf(state, execution.version).roleArn,
    configuration: run.configuration,
    ...(run.commands && { commands: run.commands }),
    inputs: run.inputs,
    deadline: run.deadline,
  };
}

function withFiles(output: ArtifactLocation, { outputArtifacts = [] }: ActionDeclaration): OutputLocation {
  const files = outputArtifacts.find(({ name }) => name === output.name)?.files;
  return files ? { ...output, files } : output;
}

/** What the one who started the execution asked of a source action. */
function pinned(execution: Execution, action: string): Pick<ActionJob, 'revision' | 'branch' | 'objectKey'> {
  const mine = execution.overrides.filter((override) => override.action === action);
  const objectKey = mine.find(({ revisionType }) => revisionType === 'S3_OBJECT_KEY')?.revision;
  const { revision, branch } = mine.find(({ revisionType }) => revisionType !== 'S3_OBJECT_KEY') ?? {};
  const change = { ...(revision !== undefined && { revision }), ...(branch !== undefined && { branch }) };
  return { ...change, ...(objectKey !== undefined && { objectKey }) };
}

export function toolsFor(job: ActionJob | RuleJob, tools: PerformerTools, signal: AbortSignal): ActionTools {
  const { account, region, role } = job;
  const caller = { session: pipelineSession(job.executionId, job.pipeline.name), purpose: 'pipeline', account, region, signal } as const;
  return { aws: tools.aws.as(role === undefined ? caller : { ...caller, role }), clock: tools.clock, log: tools.log, signal };
}

export function progressCommand({ runId, executionId }: RunAddress, progress: Progress): PipelineCommand {
  return { type: 'progress', runId, progress, ...(executionId !== undefined && { executionId }) };
}

/** Performs the aggregate's effects: starts actions and rules at their providers, and ends what has timed out. */
export function pipelinePerformers(
  tools: PerformerTools,
  aggregates: () => Aggregates<PipelineState, PipelineCommand>,
): Record<string, Performer<PipelineCommand>> {
  const find = async (id: string, effect: Effect) => {
    await tools.providers.ready();
    const state = await aggregates().state(id);
    return state && findRun(state, effect.payload as RunAddress, tools);
  };
  const start: Performer<PipelineCommand> = async (id, effect, { signal }) => {
    const found = await find(id, effect);
    if (!found) return undefined;
    const rights = toolsFor(found.job, tools, signal);
    const gone = found.kind === 'action' && found.inherited ? await goneArtifact(found.job, rights) : undefined;
    if (gone) return progressCommand(effect.payload as RunAddress, gone);
    const progress = await (found.kind === 'action' ? found.provider.start(found.job, rights) : found.provider.start(found.job, rights));
    return progressCommand(effect.payload as RunAddress, progress);
  };
  const stop: Performer<PipelineCommand> = async (id, effect, { signal }) => {
    const found = await find(id, effect);
    if (!found) return undefined;
    const rights = toolsFor(found.job, tools, signal);
    await (found.kind === 'action'
      ? found.provider.stop(found.job, found.run.ref, rights)
      : found.provider.stop(found.job, found.run.ref, rights));
    return undefined;
  };
  return { 'start-action': start, 'start-rule': start, 'stop-action': stop, 'stop-rule': stop };
}
