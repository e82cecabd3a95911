import type { Buildspec } from '../../services/codebuild/rules/buildspec/types.ts';

/** Log lines for what a buildspec asks for and the build does without: it would rather run than fail, but not in silence. */
export function unheeded({ env, runAs, phases }: Buildspec): readonly string[] {
  const asks: readonly (readonly [boolean, string])[] = [
    [env.gitCredentialHelper, 'git-credential-helper has no effect here'],
    [
      runAs !== undefined || phases.some((phase) => phase.runAs !== undefined),
      'run-as has no effect on the host: commands run as the user of the server',
    ],
  ];
  return asks.filter(([asked]) => asked).map(([, line]) => line);
}
