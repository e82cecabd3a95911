import type { Buildspec } from '../../services/codebuild/rules/buildspec/types.ts';

/** Log lines for what a buildspec asks for and the build does without: it would rather run than fail, but not in silence. */
export function unheeded({ env }: Buildspec): readonly string[] {
  const asks: readonly (readonly [boolean, string])[] = [[env.gitCredentialHelper, 'git-credential-helper has no effect here']];
  return asks.filter(([asked]) => asked).map(([, line]) => line);
}
