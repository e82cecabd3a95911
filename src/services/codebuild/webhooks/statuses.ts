import type { Aggregates } from '../../../engine/process.ts';
import { PipewrightError } from '../../../kernel/errors.ts';
import type { Logger } from '../../../kernel/log.ts';
import { batchCommit, batchStatusContext } from '../rules/batch/commit-status.ts';
import type { BatchCommand } from '../rules/batch/events.ts';
import { batchArn, type BatchState } from '../rules/batch/state.ts';
import { commitOf, statusContext, statusWords, withVariables, type HostState } from '../rules/build/commit-status.ts';
import type { BuildCommand } from '../rules/build/events.ts';
import { builtinVariables } from '../rules/build/job.ts';
import type { BuildSpec, BuildState } from '../rules/build/state.ts';
import { sourceAccess, type SourceAccessTools } from '../source-credentials/access.ts';

export type BuildAggregates = Aggregates<BuildState, BuildCommand>;

export type BatchAggregates = Aggregates<BatchState, BatchCommand>;

export interface StatusTools extends SourceAccessTools {
  readonly log: Logger;
  readonly publicEndpoint: () => string;
}

/** Codes of what no other try will mend. */
const FINAL = new Set(['StatusImpossible', 'ConnectionUnavailable', 'AccessDenied', 'SecretUnusable']);

/** What the host is told, of which commit, in whose name. */
interface Word {
  readonly spec: BuildSpec;
  readonly commit: string;
  readonly words: { readonly state: HostState; readonly description: string };
  /** The status's name where the source says none, and what follows either. */
  readonly context: string;
  readonly suffix?: string;
  /** What the source's own name and link of the status may name. */
  readonly variables: readonly { readonly name: string; readonly value: string }[];
}

/** Tells the git host how a build fares by now, so that an early word that comes late is not wrong. A rejection asks to be called again. */
export async function tellStatus(tools: StatusTools, state: BuildState | undefined, signal: AbortSignal): Promise<void> {
  const commit = state && commitOf(state);
  if (!state?.spec || commit === undefined) return;
  const { spec } = state;
  const words = statusWords('Build', spec.project, state.status);
  const variables = builtinVariables(spec, state, tools.publicEndpoint());
  // The builds of a batch each have a status of their own.
  const suffix = spec.batch && { suffix: ` ${spec.batch.identifier}` };
  await attempt(tools, { spec, commit, words, context: statusContext(spec), variables, ...suffix }, signal);
}

/** The same of a batch, whose builds have none then. */
export async function tellBatchStatus(tools: StatusTools, state: BatchState | undefined, signal: AbortSignal): Promise<void> {
  const commit = state && batchCommit(state);
  if (!state?.order || commit === undefined) return;
  const { order } = state;
  const words = statusWords('Batch build', order.project, state.status);
  const variables = [
    ...builtinVariables(order.build, state, tools.publicEndpoint()),
    { name: 'CODEBUILD_BUILD_ARN', value: batchArn(order) },
  ];
  await attempt(tools, { spec: order.build, commit, words, context: batchStatusContext(order), variables }, signal);
}

async function attempt(tools: StatusTools, word: Word, signal: AbortSignal): Promise<void> {
  try {
    await tell(tools, word, signal);
  } catch (error) {
    if (!(error instanceof PipewrightError) || !FINAL.has(error.code)) throw error;
    const { project, uuid } = word.spec;
    tools.log.warn('a commit status could not be told', { build: `${project}:${uuid}`, error: error.message });
  }
}

async function tell(tools: StatusTools, { spec, commit, words, ...word }: Word, signal: AbortSignal): Promise<void> {
  const { account, region, serviceRole: role, source } = spec;
  const access = await sourceAccess(tools, source, { account, region, role });
  if (!access) return;
  const variables = Object.fromEntries(word.variables.map(({ name, value }) => [name, value]));
  const { context = word.context, targetUrl = spec.publicUrl } = source.buildStatusConfig ?? {};
  const status = {
    repository: access.repository,
    commit,
    ...words,
    context: withVariables(context, variables) + (word.suffix ?? ''),
    url: tools.publicEndpoint(),
    ...(targetUrl !== undefined && { targetUrl: withVariables(targetUrl, variables) }),
  };
  await tools.hosts.report(access.host, status, signal);
}
