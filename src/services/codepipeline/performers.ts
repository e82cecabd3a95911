import type { Aggregates, Effect, EffectContext, Performer } from '../../engine/process.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/log.ts';
import { pipelineSession } from '../../kernel/pipeline-session.ts';
import type { Aws } from '../aws.gen.ts';
import type { RunAddress } from './process.ts';
import type { ActionJob, ActionProvider, ActionTools, Progress } from './provider.ts';
import type { Place, TypeId } from './rules/catalogue.ts';
import type { PipelineCommand } from './rules/commands.ts';
import { declarationOf, pipelineArn, type ActionRun, type PipelineState } from './rules/state.ts';
import type { ActionDeclaration } from './api.gen.ts';

/** The action providers that an account has in a region. */
export interface Providers {
  find(type: TypeId, place: Place): ActionProvider | undefined;
  all(place: Place): readonly ActionProvider[];
}

export interface PerformerTools {
  readonly aws: Aws;
  readonly clock: Clock;
  readonly log: Logger;
  readonly providers: Providers;
}

interface Found {
  readonly run: ActionRun;
  readonly job: ActionJob;
  readonly provider: ActionProvider;
  readonly declared: ActionDeclaration;
}

/** The run at an address with everything a provider is given; undefined when it is no longer that run. */
export function findRun(state: PipelineState, { stage, action, runId }: RunAddress, providers: Providers): Found | undefined {
  const run = state.stages[stage]?.runs[action];
  const execution = run && state.executions[run.executionId];
  if (!run || run.id !== runId || !execution) return undefined;
  const declaration = declarationOf(state, execution.version);
  const declared = declaration.stages.find(({ name }) => name === stage)?.actions.find(({ name }) => name === action);
  const provider = declared && providers.find(declared.actionTypeId, state);
  if (!declared || !provider) return undefined;
  const revision = execution.overrides.find((override) => override.action === action)?.revision;
  const job: ActionJob = {
    id: run.id,
    account: state.account,
    region: declared.region ?? state.region,
    pipeline: { name: state.name, version: execution.version, arn: pipelineArn(state) },
    executionId: execution.id,
    stage,
    action,
    role: declared.roleArn ?? declaration.roleArn,
    configuration: run.configuration,
    inputs: run.inputs,
    outputs: run.outputs,
    ...(revision !== undefined && { revision }),
    ...(run.token !== undefined && { token: run.token }),
    deadline: run.deadline,
  };
  return { run, job, provider, declared };
}

export function toolsFor(job: ActionJob, tools: PerformerTools, signal: AbortSignal): ActionTools {
  const { account, region, role } = job;
  const caller = { session: pipelineSession(job.executionId, job.pipeline.name), purpose: 'pipeline', account, region, signal } as const;
  return { aws: tools.aws.as(role === undefined ? caller : { ...caller, role }), clock: tools.clock, log: tools.log, signal };
}

export function progressCommand(address: RunAddress, progress: Progress): PipelineCommand {
  return { type: 'progress', ...address, progress };
}

/** Performs the aggregate's effects: starts an action at its provider, and ends what has timed out. */
export function pipelinePerformers(
  tools: PerformerTools,
  aggregates: () => Aggregates<PipelineState, PipelineCommand>,
): Record<string, Performer<PipelineCommand>> {
  const find = async (id: string, effect: Effect) => {
    const state = await aggregates().state(id);
    return state && findRun(state, effect.payload as RunAddress, tools.providers);
  };
  return {
    async 'start-action'(id, effect, context: EffectContext) {
      const found = await find(id, effect);
      if (!found) return undefined;
      const progress = await found.provider.start(found.job, toolsFor(found.job, tools, context.signal));
      return progressCommand(effect.payload as RunAddress, progress);
    },
    async 'stop-action'(id, effect, context) {
      const found = await find(id, effect);
      if (found) await found.provider.stop(found.job, found.run.ref, toolsFor(found.job, tools, context.signal));
      return undefined;
    },
  };
}
