import { pollBuild, startBuild, stopBuild } from '../../actions/codebuild/build.ts';
import { settings } from '../../actions/codebuild/index.ts';
import type { RuleProvider } from '../../services/codepipeline/provider.ts';

/** Holds when the build succeeds. https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-CodeBuild.html */
export const codeBuildRule: RuleProvider = {
  type: { category: 'Rule', owner: 'AWS', provider: 'CodeBuild', version: '1' },
  settings,
  artifacts: { inputs: { min: 0, max: 5 }, outputs: { min: 0, max: 0 } },
  timeoutMinutes: 8 * 60,
  start: (job, tools) => startBuild(job, tools),
  poll: (_job, ref, tools) => pollBuild(ref, tools),
  stop: (_job, ref, tools) => stopBuild(ref, tools),
};
