import type { BuildState } from './state.ts';

const PREFIX = 'pipewright:';

/**
 * What Session Manager is to be asked for to open a shell in this build. It is there as long as there is something to debug:
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_DebugSession.html
 */
export function sessionTarget({ spec, lease, status }: BuildState): string | undefined {
  if (!spec?.debugSession || lease === undefined || status !== 'IN_PROGRESS') return undefined;
  return `${PREFIX}${spec.project}:${spec.uuid}`;
}

/** The id of the build that the target means, `PROJECT:UUID`. */
export function targetOf(target: string): string | undefined {
  return target.startsWith(PREFIX) ? target.slice(PREFIX.length) : undefined;
}
