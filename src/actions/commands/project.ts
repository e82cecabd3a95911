import type { CreateProjectInput } from '../../services/codebuild/api.gen.ts';
import type { ActionTools } from '../../services/codepipeline/provider.ts';
import { errorCode } from '../error-code.ts';

/**
 * The project under which the commands of all pipelines of an account and region run. AWS keeps its own out of sight; ours is
 * listed like any other, and says what it is. Every build of it brings its own source, role, log group and artifacts.
 */
export const COMMANDS_PROJECT = 'AWSCodePipeline-Commands';

/** What AWS documents for commands that say nothing else: https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-Commands.html */
const ENVIRONMENT = {
  type: 'LINUX_CONTAINER',
  image: 'aws/codebuild/amazonlinux2-x86_64-standard:5.0',
  computeType: 'BUILD_GENERAL1_SMALL',
} as const;

function project(serviceRole: string): CreateProjectInput {
  return {
    name: COMMANDS_PROJECT,
    description: 'Made by Pipewright: runs the commands of pipelines. It is made again when it is needed and not there.',
    source: { type: 'NO_SOURCE', buildspec: '{"version":"0.2","phases":{"build":{"commands":["true"]}}}' },
    artifacts: { type: 'NO_ARTIFACTS' },
    environment: ENVIRONMENT,
    serviceRole,
    tags: [{ key: 'pipewright:managed-by', value: 'codepipeline' }],
  };
}

/** Makes the project where it is missing; of two that do so at once, one makes it and both go on. */
export async function makeCommandsProject(serviceRole: string, { aws }: ActionTools): Promise<void> {
  try {
    await aws.codebuild.createProject(project(serviceRole));
  } catch (error) {
    if (errorCode(error) !== 'ResourceAlreadyExistsException') throw error;
  }
}
