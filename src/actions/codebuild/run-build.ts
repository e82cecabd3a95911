import type { StartBuildInput } from '../../services/codebuild/api.gen.ts';
import type { ActionSettings, ActionTools, ArtifactLocation, Progress } from '../../services/codepipeline/provider.ts';
import { errorCode } from '../error-code.ts';
import { artifacts, sources } from './artifacts.ts';
import { environmentOverride } from './environment.ts';
import { follow, progress } from './follow.ts';
import { configurationError, type BuildJob, type BuildVerbs, type Fault } from './job.ts';

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
    description: 'Whether several builds are run as one batch, which is not built here yet.',
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
    description: 'Whether the artifacts of a batch are put into one file; needs BatchEnabled.',
    values: ['true', 'false'],
  },
  EnvironmentVariables: {
    required: false,
    type: 'String',
    description: 'A JSON array of {name, value, type} that win over the project’s.',
  },
};

/** AWS asks for PrimarySource as soon as there is a choice. */
function primarySource({ configuration: { PrimarySource }, inputs }: BuildJob): ArtifactLocation | Fault {
  const [first] = inputs;
  if (!first) return { problem: 'A build in a pipeline needs at least one input artifact.' };
  if (PrimarySource === undefined && inputs.length > 1)
    return { problem: 'PrimarySource must name one of the input artifacts, as there are several.' };
  const found = PrimarySource === undefined ? first : inputs.find(({ name }) => name === PrimarySource);
  return found ?? { problem: `PrimarySource names '${PrimarySource}', which is no input artifact of the action.` };
}

function startInput(job: BuildJob): StartBuildInput | Fault {
  const { ProjectName = '', BatchEnabled, BuildspecOverride, CombineArtifacts, EnvironmentVariables } = job.configuration;
  if (BatchEnabled === 'true') return { problem: 'BatchEnabled is true, and Pipewright does not run batch builds yet.' };
  if (CombineArtifacts === 'true') return { problem: 'CombineArtifacts is true, which needs BatchEnabled to be true as well.' };
  const environment = environmentOverride(EnvironmentVariables);
  if ('problem' in environment) return environment;
  const primary = primarySource(job);
  if ('problem' in primary) return primary;
  return {
    projectName: ProjectName,
    idempotencyToken: job.id,
    ...sources(primary, job.inputs),
    ...artifacts(job.outputs),
    ...(BuildspecOverride !== undefined && { buildspecOverride: BuildspecOverride }),
    ...(environment.variables.length > 0 && { environmentVariablesOverride: environment.variables }),
  };
}

async function start(job: BuildJob, { aws }: ActionTools): Promise<Progress> {
  const input = startInput(job);
  if ('problem' in input) return configurationError(input.problem);
  try {
    const { build } = await aws.codebuild.startBuild(input);
    return progress(build ?? {});
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ResourceNotFoundException' && code !== 'InvalidInputException') throw error;
    return configurationError(`Error calling startBuild: ${(error as Error).message}`);
  }
}

/** Runs a build of the user's own project, for the CodeBuild action and the CodeBuild rule. The same job id is the same build. */
export const codeBuildVerbs: BuildVerbs = { start, ...follow };
