import type { ActionProvider } from '../../services/codepipeline/provider.ts';
import { pollBuild, startBuild, stopBuild } from './build.ts';

export const settings = {
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

function codeBuild(category: 'Build' | 'Test'): ActionProvider {
  return {
    type: { category, owner: 'AWS', provider: 'CodeBuild', version: '1' },
    settings,
    artifacts: { inputs: { min: 1, max: 5 }, outputs: { min: 0, max: 5 } },
    timeoutMinutes: 8 * 60,
    start: (job, tools) => startBuild(job, tools),
    poll: (_job, ref, tools) => pollBuild(ref, tools),
    stop: (_job, ref, tools) => stopBuild(ref, tools),
  };
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html */
export const codeBuildProviders: readonly ActionProvider[] = [codeBuild('Build'), codeBuild('Test')];
