import type { StartBuildInput } from '../../services/codebuild/api.gen.ts';
import type { ActionTools, Progress } from '../../services/codepipeline/provider.ts';
import { errorCode } from '../error-code.ts';
import { artifacts, sources } from '../codebuild/artifacts.ts';
import { COMMANDS_PROJECT, makeCommandsProject } from './project.ts';
import { follow, progress } from '../codebuild/follow.ts';
import { configurationError, type BuildJob, type BuildVerbs } from '../codebuild/job.ts';

/** AWS's limit of an action or a rule with commands, minutes. */
export const COMMANDS_MINUTES = 55;

/** JSON is YAML: no quoting of ours stands between a command and the shell. All run in one shell, so an export lasts. */
function buildspec({ commands = [], outputVariables = [], outputs = [] }: BuildJob): string {
  const [output] = outputs;
  return JSON.stringify({
    version: '0.2',
    ...(outputVariables.length > 0 && { env: { 'exported-variables': outputVariables } }),
    phases: { build: { commands } },
    // AWS does not say which files an output without `files` has; all of them is what a build folder is.
    ...(output && { artifacts: { files: output.files ?? ['**/*'] } }),
  });
}

function startInput(job: BuildJob): StartBuildInput {
  const { configuration, inputs, outputs, environmentVariables = [], pipeline, role } = job;
  const { ComputeType } = configuration;
  const [primary] = inputs;
  return {
    projectName: COMMANDS_PROJECT,
    idempotencyToken: job.id,
    ...(primary ? sources(primary, inputs) : { sourceTypeOverride: 'NO_SOURCE' as const }),
    ...artifacts(outputs),
    buildspecOverride: buildspec(job),
    timeoutInMinutesOverride: COMMANDS_MINUTES,
    logsConfigOverride: { cloudWatchLogs: { status: 'ENABLED', groupName: `/aws/codepipeline/${pipeline.name}`, streamName: job.id } },
    ...(role !== undefined && { serviceRoleOverride: role }),
    ...(ComputeType !== undefined && { computeTypeOverride: ComputeType as NonNullable<StartBuildInput['computeTypeOverride']> }),
    ...(environmentVariables.length > 0 && {
      environmentVariablesOverride: environmentVariables.map(({ name, value, type = 'PLAINTEXT' }) => ({ name, value, type })),
    }),
  };
}

async function startBuild(job: BuildJob, tools: ActionTools): Promise<Progress> {
  const { build } = await tools.aws.codebuild.startBuild(startInput(job));
  return progress(build ?? {});
}

async function start(job: BuildJob, tools: ActionTools): Promise<Progress> {
  try {
    return await startBuild(job, tools);
  } catch (error) {
    if (errorCode(error) === 'InvalidInputException') return configurationError((error as Error).message);
    if (errorCode(error) !== 'ResourceNotFoundException') throw error;
  }
  await makeCommandsProject(job.role ?? '', tools);
  return startBuild(job, tools);
}

/** Runs shell commands without a project of the user's, for the Commands action and the Commands rule. The same job id is the same build. */
export const commandsVerbs: BuildVerbs = { start, ...follow };
