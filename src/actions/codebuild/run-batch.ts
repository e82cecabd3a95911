import type { BuildBatch, StartBuildBatchInput } from '../../services/codebuild/api.gen.ts';
import type { ActionTools, Progress } from '../../services/codepipeline/provider.ts';
import { errorCode } from '../error-code.ts';
import { target } from './artifacts.ts';
import { configurationError, type BuildJob, type BuildVerbs } from './job.ts';
import { startInput } from './start-input.ts';

export const isBatch = ({ configuration }: Pick<BuildJob, 'configuration'>): boolean => configuration.BatchEnabled === 'true';
const combines = ({ configuration }: BuildJob): boolean => configuration.CombineArtifacts === 'true';

/**
 * Combined, the batch makes one artifact. Else each output is named for the build that makes it: IDENTIFIER its primary artifact,
 * IDENTIFIER_ARTIFACT a secondary one. https://docs.aws.amazon.com/codebuild/latest/userguide/sample-codepipeline.html
 */
function outputs(job: BuildJob): Partial<StartBuildBatchInput> {
  const { outputs: wanted = [] } = job;
  const [first] = wanted;
  if (first && combines(job))
    return { artifactsOverride: target(first), secondaryArtifactsOverride: [], buildBatchConfigOverride: { combineArtifacts: true } };
  return {
    artifactsOverride: { type: 'NO_ARTIFACTS' },
    secondaryArtifactsOverride: wanted.map((output) => ({ ...target(output), artifactIdentifier: output.name })),
    buildBatchConfigOverride: { combineArtifacts: false },
  };
}

function progress(batch: BuildBatch): Progress {
  const { id = '', arn = '', buildBatchStatus, phases = [] } = batch;
  const ref = { id };
  if (buildBatchStatus === 'IN_PROGRESS') return { kind: 'running', ref, wakeOn: [arn] };
  // AWS documents exported variables as those of the one build of an action: those of many would hide each other.
  if (buildBatchStatus === 'SUCCEEDED') return { kind: 'succeeded', variables: {}, ref };
  const context = phases.findLast(({ contexts }) => contexts?.some(({ message }) => message));
  const why = context ? `: ${context.phaseType}, ${context.contexts?.find(({ message }) => message)?.message}` : '';
  return { kind: 'failed', reason: 'JobFailed', message: `Build batch terminated with state: ${buildBatchStatus}${why}`, ref };
}

/** Starts the batch of an action, or finds the one that was started for it. */
export async function startBatch(job: BuildJob, { aws }: ActionTools): Promise<Progress> {
  if (combines(job) && (job.outputs ?? []).length > 1)
    return configurationError('With CombineArtifacts an action has at most one output artifact.');
  const input = startInput(job);
  if ('problem' in input) return configurationError(input.problem);
  try {
    const { buildBatch } = await aws.codebuild.startBuildBatch({ ...input, ...outputs(job) });
    return progress(buildBatch ?? {});
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ResourceNotFoundException' && code !== 'InvalidInputException') throw error;
    return configurationError(`Error calling startBuildBatch: ${(error as Error).message}`);
  }
}

/** Looks at a batch that is under way, and stops it. */
export const followBatch: Pick<BuildVerbs, 'poll' | 'stop'> = {
  async poll(_job, ref, { aws }) {
    const { buildBatches = [] } = await aws.codebuild.batchGetBuildBatches({ ids: [ref.id] });
    const [batch] = buildBatches;
    return batch ? progress(batch) : { kind: 'failed', reason: 'JobFailed', message: `The build batch ${ref.id} is no longer there.`, ref };
  },

  async stop(_job, ref, { aws }) {
    if (ref) await aws.codebuild.stopBuildBatch({ id: ref.id });
  },
};
