import type { StartBuildInput } from '../../services/codebuild/api.gen.ts';
import type { ActionJob, ActionTools, Progress } from '../../services/codepipeline/provider.ts';
import { startBuild, type BuildOrder } from '../codebuild/build.ts';
import { errorCode } from '../error-code.ts';

/** In AWS the compute behind commands belongs to CodePipeline; here it is this project, which can be seen. */
const PROJECT = 'AWSCodePipeline-Commands';
const IMAGE = 'aws/codebuild/amazonlinux-x86_64-standard:5.0';
/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html */
export const COMMANDS_MINUTES = 55;

export interface CommandsOrder extends BuildOrder, Pick<ActionJob, 'pipeline' | 'role' | 'commands' | 'outputVariables'> {
  readonly environmentVariables?: ActionJob['environmentVariables'];
  /** Which files each output artifact holds, by name. */
  readonly outputFiles?: ActionJob['outputFiles'];
}

/** The commands as a buildspec: JSON is YAML. */
function buildspec({ commands = [], outputVariables = [], outputs = [], outputFiles = {} }: CommandsOrder): string {
  const files = (name: string) => outputFiles[name] ?? ['**/*'];
  const [first, ...others] = outputs;
  const secondary = Object.fromEntries(outputs.map(({ name }) => [name, { files: files(name) }]));
  return JSON.stringify({
    version: '0.2',
    ...(outputVariables.length > 0 && { env: { 'exported-variables': outputVariables } }),
    phases: { build: { commands } },
    ...(first && { artifacts: others.length > 0 ? { 'secondary-artifacts': secondary } : { files: files(first.name) } }),
  });
}

/** The project is there once somebody has made it, whoever it was. */
async function ensureProject({ role = '' }: CommandsOrder, { aws }: ActionTools): Promise<void> {
  try {
    await aws.codebuild.createProject({
      name: PROJECT,
      description: 'The compute of CodePipeline’s Commands actions and rules. It is made anew when it is deleted.',
      serviceRole: role,
      source: { type: 'NO_SOURCE', buildspec: JSON.stringify({ version: '0.2', phases: { build: { commands: ['true'] } } }) },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: IMAGE, computeType: 'BUILD_GENERAL1_SMALL' },
      timeoutInMinutes: COMMANDS_MINUTES,
    });
  } catch (error) {
    if (errorCode(error) !== 'ResourceAlreadyExistsException') throw error;
  }
}

/** Runs shell commands in a build, its log in AWS's group for them; the same order twice is one build. */
export async function runCommands(order: CommandsOrder, tools: ActionTools): Promise<Progress> {
  await ensureProject(order, tools);
  const environment = (order.environmentVariables ?? []).map(({ name, value, type = 'PLAINTEXT' }) => ({ name, value, type }));
  const more: Partial<StartBuildInput> = {
    buildspecOverride: buildspec(order),
    ...(order.role !== undefined && { serviceRoleOverride: order.role }),
    ...(environment.length > 0 && { environmentVariablesOverride: environment }),
    logsConfigOverride: {
      cloudWatchLogs: { status: 'ENABLED', groupName: `/aws/codepipeline/${order.pipeline.name}`, streamName: order.id },
    },
  };
  return startBuild({ ...order, configuration: { ProjectName: PROJECT } }, tools, more);
}
