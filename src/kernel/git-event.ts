import { isObject, type JsonObject } from './json.ts';

/** Who made a commit, as far as the git host tells. */
export interface GitAuthor {
  readonly id?: string;
  readonly name?: string;
  readonly email?: string;
}

interface Common {
  /** `owner/name`, as FullRepositoryId has it; a CodeCommit repository's plain name. */
  readonly repository: string;
  /** 40 hex digits: what an execution is to run. */
  readonly commit: string;
  readonly message?: string;
  readonly author?: GitAuthor;
  /** ISO 8601. */
  readonly authoredAt?: string;
  /** The paths that changed; absent unless the host told all of them. */
  readonly files?: readonly string[];
}

/** A branch or tag was made or moved. */
export interface GitPush extends Common {
  readonly kind: 'push';
  readonly ref: 'branch' | 'tag';
  readonly name: string;
  /** What it was before; absent for a new one. */
  readonly before?: string;
}

export type PullRequestAction = 'OPEN' | 'UPDATED' | 'CLOSED';

/** A pull (merge) request was opened, got new commits, or was closed (merged or not). */
export interface GitPullRequest extends Common {
  readonly kind: 'pullRequest';
  readonly action: PullRequestAction;
  readonly id: string;
  readonly title: string;
  readonly sourceBranch: string;
  readonly destinationBranch: string;
  /** The destination's commit that the request is compared with, where the host tells. */
  readonly base?: string;
}

/** What git hosts tell us, in one vocabulary whatever the host. */
export type GitEvent = GitPush | GitPullRequest;

/** Git events of connections on the bus. PutEvents refuses sources that begin with `aws.`, so nobody can make them up. */
export const GIT_EVENT_SOURCE = 'aws.codeconnections';

/** Reads what `gitEventDetail` wrote; undefined for anything else. */
export function readGitEvent(detail: JsonObject): GitEvent | undefined {
  const { event } = detail;
  return isObject(event) && (event.kind === 'push' || event.kind === 'pullRequest') ? (event as unknown as GitEvent) : undefined;
}

export function gitEventDetail(connectionArn: string, event: GitEvent): JsonObject {
  return { 'connection-arn': connectionArn, event: event as unknown as JsonObject };
}

export const NO_COMMIT = '0'.repeat(40);
