import type { ActionSettings, ActionTools, Progress } from '../../services/codepipeline/provider.ts';
import { errorCode } from '../error-code.ts';
import { artifacts } from './artifacts.ts';
import { follow, progress } from './follow.ts';
import { configurationError, type BuildJob, type BuildVerbs } from './job.ts';
import { followBatch, isBatch, startBatch } from './run-batch.ts';
import { startInput } from './start-input.ts';

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html#action-reference-CodeBuild-config */
export const codeBuildSettings: ActionSettings = {
  ProjectName: { required: true, type: 'String', description: 'The build project.' },
  PrimarySource: {
    required: false,
    type: 'String',
    description: 'With several input artifacts: the one that holds the buildspec and is the working folder.',
  },
  BatchEnabled: {
    required: false,
    type: 'Boolean',
    description: 'Runs the builds that the batch section of the buildspec asks for.',
    values: ['true', 'false'],
  },
  BuildspecOverride: {
    required: false,
    type: 'String',
    description: 'A buildspec for this build only: its text, its path in the primary source, or the ARN of an S3 object.',
  },
  CombineArtifacts: {
    required: false,
    type: 'Boolean',
    description: 'With BatchEnabled: makes one output of the primary artifacts of all builds.',
    values: ['true', 'false'],
  },
  EnvironmentVariables: {
    required: false,
    type: 'String',
    description: 'A JSON array of {name, value, type} that win over the project’s.',
  },
};

async function start(job: BuildJob, { aws }: ActionTools): Promise<Progress> {
  if (job.configuration.CombineArtifacts === 'true')
    return configurationError('CombineArtifacts is true, which needs BatchEnabled to be true as well.');
  const input = startInput(job);
  if ('problem' in input) return configurationError(input.problem);
  try {
    const { build } = await aws.codebuild.startBuild({ ...input, ...artifacts(job.outputs) });
    return progress(build ?? {});
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ResourceNotFoundException' && code !== 'InvalidInputException') throw error;
    return configurationError(`Error calling startBuild: ${(error as Error).message}`);
  }
}

/** Runs a build or a batch of the user's own project, for the CodeBuild action and the CodeBuild rule. The same job id is the same run. */
export const codeBuildVerbs: BuildVerbs = {
  start: (job, tools) => (isBatch(job) ? startBatch(job, tools) : start(job, tools)),
  poll: (job, ref, tools) => (isBatch(job) ? followBatch : follow).poll(job, ref, tools),
  stop: (job, ref, tools) => (isBatch(job) ? followBatch : follow).stop(job, ref, tools),
};
