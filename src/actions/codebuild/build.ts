import type { Build, StartBuildInput } from '../../services/codebuild/api.gen.ts';
import type { ActionJob, ActionTools, ArtifactLocation, ExternalRef, Progress } from '../../services/codepipeline/provider.ts';
import { errorCode } from '../error-code.ts';
import { environmentOverride, type EnvironmentOverride } from './environment.ts';

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

/** What a build is started for: an action, or a condition's rule, which has no outputs. */
export type BuildOrder = Pick<ActionJob, 'id' | 'configuration' | 'inputs'> & Partial<Pick<ActionJob, 'outputs'>>;

/** Where the build's source is: the primary input, the others beside it; nothing of its own where there is none. */
function sources({ configuration, inputs }: BuildOrder): Partial<StartBuildInput> {
  const primary = inputs.find(({ name }) => name === configuration.PrimarySource) ?? inputs[0];
  if (!primary) return {};
  const secondary = inputs.filter((input) => input !== primary);
  return {
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
  };
}

function startInput(order: BuildOrder, environment: EnvironmentOverride): StartBuildInput {
  return {
    projectName: order.configuration.ProjectName ?? '',
    idempotencyToken: order.id,
    ...sources(order),
    ...artifacts(order.outputs ?? []),
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

/** Starts the build of an order, or finds the one that was started for it. `more` wins over what the order says. */
export async function startBuild(order: BuildOrder, { aws }: ActionTools, more: Partial<StartBuildInput> = {}): Promise<Progress> {
  const environment = environmentOverride(order.configuration.EnvironmentVariables);
  if ('problem' in environment) return { kind: 'failed', reason: 'ConfigurationError', message: environment.problem };
  try {
    const { build } = await aws.codebuild.startBuild({ ...startInput(order, environment.variables), ...more });
    return progress(build ?? {});
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'ResourceNotFoundException' && code !== 'InvalidInputException') throw error;
    return { kind: 'failed', reason: 'ConfigurationError', message: `Error calling startBuild: ${(error as Error).message}` };
  }
}

export async function pollBuild(ref: ExternalRef, { aws }: ActionTools): Promise<Progress> {
  const { builds = [] } = await aws.codebuild.batchGetBuilds({ ids: [ref.id] });
  const build = builds[0];
  return build ? progress(build) : { kind: 'failed', reason: 'JobFailed', message: `The build ${ref.id} is no longer there.`, ref };
}

export async function stopBuild(ref: ExternalRef | undefined, { aws }: ActionTools): Promise<void> {
  if (ref) await aws.codebuild.stopBuild({ id: ref.id });
}
