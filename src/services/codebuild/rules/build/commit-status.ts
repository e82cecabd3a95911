import { serverTypeOf } from '../source-credentials.ts';
import type { BuildEvent } from './events.ts';
import type { StatusType } from '../../api.gen.ts';
import type { BuildSpec, BuildState } from './state.ts';

const COMMIT = /^[0-9a-f]{40}$/;

/**
 * Whether the git host is told how the build fares: what a webhook started always is.
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html#CodeBuild-Type-ProjectSource-reportBuildStatus
 */
export function isTold({ source, webhook, sandbox, batch }: BuildSpec): boolean {
  if (sandbox || (batch && !batch.told)) return false;
  return serverTypeOf(source.type) !== undefined && (webhook !== undefined || source.reportBuildStatus === true);
}

export function knownCommit(spec: BuildSpec | undefined, resolvedSourceVersion?: string): string | undefined {
  const known = [spec?.webhook?.commit, spec?.sourceVersion, resolvedSourceVersion];
  return known.find((each) => each !== undefined && COMMIT.test(each));
}

/** The commit that is built, as soon as that is known. */
export function commitOf({ spec, resolvedSourceVersion }: Pick<BuildState, 'spec' | 'resolvedSourceVersion'>): string | undefined {
  return knownCommit(spec, resolvedSourceVersion);
}

/** Which word the event makes due: the host is told at the build's start and at its end, each as soon as its commit is known. */
export function dueStatus(event: BuildEvent, state: BuildState): 'start' | 'end' | undefined {
  const { spec } = state;
  if (!spec || !isTold(spec) || commitOf(state) === undefined) return undefined;
  if (event.type === 'buildEnded') return 'end';
  const early = commitOf({ spec }) !== undefined;
  return event.type === (early ? 'buildSubmitted' : 'commitResolved') ? 'start' : undefined;
}

export type HostState = 'pending' | 'success' | 'failure' | 'error';

/** What the host is told of a build, or a batch of them, as it stands. */
export function statusWords(
  noun: 'Build' | 'Batch build',
  project: string,
  status: StatusType,
): { readonly state: HostState; readonly description: string } {
  switch (status) {
    case 'IN_PROGRESS':
      return { state: 'pending', description: `${noun} started` };
    case 'SUCCEEDED':
      return { state: 'success', description: `${noun} succeeded for project ${project}` };
    case 'FAILED':
      return { state: 'failure', description: `${noun} failed for project ${project}` };
    case 'STOPPED':
      return { state: 'error', description: `${noun} was stopped for project ${project}` };
    case 'TIMED_OUT':
      return { state: 'failure', description: `${noun} timed out for project ${project}` };
    case 'FAULT':
      return { state: 'error', description: `${noun} could not be run for project ${project}` };
  }
}

/** The name of a build's status where the source says none. */
export function statusContext({ region, project }: Pick<BuildSpec, 'region' | 'project'>): string {
  return `AWS CodeBuild ${region} (${project})`;
}

/** `$NAME` and `${NAME}` of the build's variables; others stay as they are. */
export function withVariables(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => variables[braced ?? bare ?? ''] ?? whole);
}
