import { COMMANDS_MINUTES, commandsVerbs } from '../../actions/commands/run-commands.ts';
import type { RuleProvider } from '../../services/codepipeline/provider.ts';

/** Holds when the commands succeed: https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-Commands.html */
export const commandsRule: RuleProvider = {
  type: { category: 'Rule', owner: 'AWS', provider: 'Commands', version: '1' },
  settings: {},
  artifacts: { inputs: { min: 0, max: 10 }, outputs: { min: 0, max: 0 } },
  timeoutMinutes: COMMANDS_MINUTES,
  commands: true,
  ...commandsVerbs,
};
