import { codeBuildSettings, codeBuildVerbs } from '../../actions/codebuild/run-build.ts';
import type { RuleProvider } from '../../services/codepipeline/provider.ts';

/** Holds when a build of the project succeeds: https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-CodeBuild.html */
export const codeBuildRule: RuleProvider = {
  type: { category: 'Rule', owner: 'AWS', provider: 'CodeBuild', version: '1' },
  settings: codeBuildSettings,
  artifacts: { inputs: { min: 1, max: 5 }, outputs: { min: 0, max: 0 } },
  timeoutMinutes: 8 * 60,
  ...codeBuildVerbs,
};
