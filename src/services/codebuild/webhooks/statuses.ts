import type { Aggregates } from '../../../engine/process.ts';
import { PipewrightError } from '../../../kernel/errors.ts';
import type { Logger } from '../../../kernel/log.ts';
import { commitOf, statusContext, statusWords, withVariables } from '../rules/build/commit-status.ts';
import type { BuildCommand } from '../rules/build/events.ts';
import { builtinVariables } from '../rules/build/job.ts';
import type { BuildState } from '../rules/build/state.ts';
import { sourceAccess, type SourceAccessTools } from '../source-credentials/access.ts';

export type BuildAggregates = Aggregates<BuildState, BuildCommand>;

export interface StatusTools extends SourceAccessTools {
  readonly builds: BuildAggregates;
  readonly log: Logger;
  readonly publicEndpoint: () => string;
}

/** Codes of what no other try will mend. */
const FINAL = new Set(['StatusImpossible', 'ConnectionUnavailable', 'AccessDenied', 'SecretUnusable']);

/** Tells the git host how a build fares by now, so that an early word that comes late is not wrong. A rejection asks to be called again. */
export async function tellStatus(tools: StatusTools, id: string, signal: AbortSignal): Promise<void> {
  const state = await tools.builds.state(id);
  const commit = state && commitOf(state);
  if (!state?.spec || commit === undefined) return;
  try {
    await tell(tools, state, commit, signal);
  } catch (error) {
    if (!(error instanceof PipewrightError) || !FINAL.has(error.code)) throw error;
    tools.log.warn('a commit status could not be told', { build: id, error: error.message });
  }
}

async function tell(tools: StatusTools, state: BuildState, commit: string, signal: AbortSignal): Promise<void> {
  const spec = state.spec!;
  const { account, region, serviceRole: role, source } = spec;
  const access = await sourceAccess(tools, source, { account, region, role });
  if (!access) return;
  const url = tools.publicEndpoint();
  const variables = Object.fromEntries(builtinVariables(spec, state, url).map(({ name, value }) => [name, value]));
  const { context, targetUrl = spec.publicUrl } = source.buildStatusConfig ?? {};
  const status = {
    repository: access.repository,
    commit,
    ...statusWords(state),
    // The builds of a batch each have a status of their own.
    context: withVariables(statusContext(context, spec), variables) + (spec.batch ? ` ${spec.batch.identifier}` : ''),
    url,
    ...(targetUrl !== undefined && { targetUrl: withVariables(targetUrl, variables) }),
  };
  await tools.hosts.report(access.host, status, signal);
}
