import type { RuleProvider } from '../services/codepipeline/provider.ts';
import { codeBuildRule } from './codebuild/index.ts';
import { commandsRule } from './commands/index.ts';
import { deploymentWindow } from './deployment-window/index.ts';
import { dummyRule } from './dummy/index.ts';
import { variableCheck } from './variable-check/index.ts';

/** Every rule that a stage condition can have, one line each: a folder that is missing here fails registry.test.ts. */
export function ruleProviders(): readonly RuleProvider[] {
  return [variableCheck, deploymentWindow, codeBuildRule, commandsRule, dummyRule()];
}
