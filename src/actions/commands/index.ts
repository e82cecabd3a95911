import type { ActionProvider } from '../../services/codepipeline/provider.ts';
import { pollBuild, stopBuild } from '../codebuild/build.ts';
import { COMMANDS_MINUTES, runCommands } from './run-commands.ts';

/** Shell commands without a project of one's own: https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html */
export const commandsAction: ActionProvider = {
  type: { category: 'Compute', owner: 'AWS', provider: 'Commands', version: '1' },
  settings: {},
  artifacts: { inputs: { min: 1, max: 10 }, outputs: { min: 0, max: 1 } },
  timeoutMinutes: COMMANDS_MINUTES,
  start: (job, tools) => runCommands(job, tools),
  poll: (_job, ref, tools) => pollBuild(ref, tools),
  stop: (_job, ref, tools) => stopBuild(ref, tools),
};
