import type { Build } from '../../services/codebuild/api.gen.ts';
import type { Progress } from '../../services/codepipeline/provider.ts';
import type { BuildVerbs } from './job.ts';

/** A build as the progress of whatever runs it. */
export function progress(build: Build): Progress {
  const { id = '', arn = '', buildStatus, exportedEnvironmentVariables = [] } = build;
  // No link to the log: it has AWS's form, and leads to AWS's console, where this build is not.
  const ref = { id };
  if (buildStatus === 'IN_PROGRESS') return { kind: 'running', ref, wakeOn: [arn] };
  if (buildStatus === 'SUCCEEDED') {
    const variables = Object.fromEntries(exportedEnvironmentVariables.map(({ name = '', value = '' }) => [name, value]));
    return { kind: 'succeeded', variables, ref };
  }
  const failed = build.phases?.find((phase) => phase.phaseStatus !== undefined && phase.phaseStatus !== 'SUCCEEDED');
  const context = failed?.contexts?.find(({ message }) => message)?.message;
  const why = failed ? `: ${failed.phaseType}${context === undefined ? '' : `, ${context}`}` : '';
  return { kind: 'failed', reason: 'JobFailed', message: `Build terminated with state: ${buildStatus}${why}`, ref };
}

/** Looks at a build that is under way, and stops it. */
export const follow: Pick<BuildVerbs, 'poll' | 'stop'> = {
  async poll(_job, ref, { aws }) {
    const { builds = [] } = await aws.codebuild.batchGetBuilds({ ids: [ref.id] });
    const [build] = builds;
    return build ? progress(build) : { kind: 'failed', reason: 'JobFailed', message: `The build ${ref.id} is no longer there.`, ref };
  },
  async stop(_job, ref, { aws }) {
    if (ref) await aws.codebuild.stopBuild({ id: ref.id });
  },
};
