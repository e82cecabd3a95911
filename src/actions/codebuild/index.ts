import type { Build, StartBuildInput } from '../../services/codebuild/api.gen.ts';
import type { ActionJob, ActionProvider, ActionTools, ArtifactLocation, Progress } from '../../services/codepipeline/provider.ts';
import { errorCode } from '../error-code.ts';
import { environmentOverride, type EnvironmentOverride } from './environment.ts';

const settings = {
  ProjectName: { required: true, type: 'String', description: 'The build project.' },
  PrimarySource: {
    required: false,
    type: 'String',
    description: 'With several input artifacts: the one that holds the buildspec and is the working folder.',
  },
  EnvironmentVariables: {
    required: false,
    type: 'String',
    description: 'A JSON array of {name, value, type} that win over the project’s.',
  },
} as const;

const arnOf = ({ bucket, key }: ArtifactLocation) => `arn:aws:s3:::${bucket}/${key}`;

/** One output is the build's primary artifact; several are all secondary, identified by their names. */
function artifacts(outputs: readonly ArtifactLocation[]): Pick<StartBuildInput, 'artifactsOverride' | 'secondaryArtifactsOverride'> {
  if (outputs.length === 0) return { artifactsOverride: { type: 'NO_ARTIFACTS' } };
  const [first] = outputs;
  const target = ({ bucket, key }: ArtifactLocation) => ({ type: 'CODEPIPELINE' as const, location: bucket, path: key });
  if (outputs.length === 1) return { artifactsOverride: target(first!) };
  const secondaryArtifactsOverride = outputs.map((output) => ({ ...target(output), artifactIdentifier: output.name }));
  return { artifactsOverride: { type: 'NO_ARTIFACTS' }, secondaryArtifactsOverride };
}

function startInput(job: ActionJob, environment: EnvironmentOverride): StartBuildInput {
  const { ProjectName = '', PrimarySource } = job.configuration;
  const primary = job.inputs.find(({ name }) => name === PrimarySource) ?? job.inputs[0]!;
  const secondary = job.inputs.filter((input) => input !== primary);
  return {
    projectName: ProjectName,
    idempotencyToken: job.id,
    sourceTypeOverride: 'CODEPIPELINE',
    sourceLocationOverride: arnOf(primary),
    sourceVersion: arnOf(primary),
    ...(secondary.length > 0 && {
      secondarySourcesOverride: secondary.map((input) => ({
        type: 'CODEPIPELINE' as const,
        sourceIdentifier: input.name,
        location: arnOf(input),
      })),
    }),
    ...artifacts(job.outputs),
    ...(environment.length > 0 && { environmentVariablesOverride: environment }),
  };
}

function progress(build: Build): Progress {
  const { id = '', arn = '', buildStatus, exportedEnvironmentVariables = [], logs } = build;
  const ref = { id, ...(logs?.deepLink !== undefined && { url: logs.deepLink }) };
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

async function start(job: ActionJob, { aws }: ActionTools): Promise<Progress> {
  const environment = environmentOverride(job.configuration.EnvironmentVariables);
  if ('problem' in environment) return { kind: 'failed', reason: 'ConfigurationError', message: environment.problem };
  try {
    const { build } = await aws.codebuild.startBuild(startInput(job, environment.variables));
    return progress(build ?? {});
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ResourceNotFoundException' && code !== 'InvalidInputException') throw error;
    return { kind: 'failed', reason: 'ConfigurationError', message: `Error calling startBuild: ${(error as Error).message}` };
  }
}

function codeBuild(category: 'Build' | 'Test'): ActionProvider {
  return {
    type: { category, owner: 'AWS', provider: 'CodeBuild', version: '1' },
    settings,
    artifacts: { inputs: { min: 1, max: 5 }, outputs: { min: 0, max: 5 } },
    timeoutMinutes: 8 * 60,
    start,
    async poll(_job, ref, { aws }) {
      const { builds = [] } = await aws.codebuild.batchGetBuilds({ ids: [ref.id] });
      const build = builds[0];
      return build ? progress(build) : { kind: 'failed', reason: 'JobFailed', message: `The build ${ref.id} is no longer there.`, ref };
    },
    async stop(_job, ref, { aws }) {
      if (ref) await aws.codebuild.stopBuild({ id: ref.id });
    },
  };
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html */
export const codeBuildProviders: readonly ActionProvider[] = [codeBuild('Build'), codeBuild('Test')];
