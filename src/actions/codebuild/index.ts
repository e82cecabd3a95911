import { codeBuildSettings, codeBuildVerbs } from './run-build.ts';
import type { ActionProvider } from '../../services/codepipeline/provider.ts';

function codeBuild(category: 'Build' | 'Test'): ActionProvider {
  return {
    type: { category, owner: 'AWS', provider: 'CodeBuild', version: '1' },
    settings: codeBuildSettings,
    artifacts: { inputs: { min: 1, max: 5 }, outputs: { min: 0, max: 5 } },
    timeoutMinutes: 8 * 60,
    ...codeBuildVerbs,
  };
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html */
export const codeBuildProviders: readonly ActionProvider[] = [codeBuild('Build'), codeBuild('Test')];
