import { GIT_EVENT_SOURCE, readGitEvent, type GitEvent } from '../../../kernel/git-event.ts';
import type { JsonObject } from '../../../kernel/json.ts';
import type { Variables } from './values.ts';

/** A git event with what it came through: a connection, or a repository of ours. */
export interface SeenGitEvent {
  readonly arn: string;
  readonly event: GitEvent;
}

interface BusEventFacts {
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: JsonObject;
}

/** Pushes to CodeCommit's repositories, in the vocabulary of all. https://docs.aws.amazon.com/codecommit/latest/userguide/monitoring-events.html */
function codeCommitPush(detail: JsonObject): GitEvent | undefined {
  const { event, referenceType, referenceName, repositoryName, commitId, oldCommitId } = detail;
  if (event === 'referenceDeleted' || typeof commitId !== 'string' || typeof repositoryName !== 'string') return undefined;
  if (typeof referenceName !== 'string' || (referenceType !== 'branch' && referenceType !== 'tag')) return undefined;
  const before = typeof oldCommitId === 'string' ? { before: oldCommitId } : {};
  return { kind: 'push', ref: referenceType, name: referenceName, repository: repositoryName, commit: commitId, ...before };
}

/** The git event that an event of the bus tells of, if it does. */
export function seenGitEvent({ source, detailType, resources, detail }: BusEventFacts): SeenGitEvent | undefined {
  const [arn] = resources;
  if (arn === undefined) return undefined;
  const isCodeCommit = source === 'aws.codecommit' && detailType === 'CodeCommit Repository State Change';
  const event = isCodeCommit ? codeCommitPush(detail) : source === GIT_EVENT_SOURCE ? readGitEvent(detail) : undefined;
  return event && { arn, event };
}

/** What came, for people. */
export function describeGitEvent(event: GitEvent): string {
  const commit = event.commit.slice(0, 12);
  if (event.kind === 'push') return `push of the ${event.ref} ${event.name} (${commit})`;
  return `pull request ${event.id} ${event.action} from ${event.sourceBranch} into ${event.destinationBranch} (${commit})`;
}

/** Longer ones would only swell every event of the execution. */
const LONGEST_MESSAGE = 1_000;

/**
 * What AWS's STARTED event of an execution tells of the change. The fields of pull requests are ours.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
 */
export function triggerFields({ arn, event }: SeenGitEvent, providerType: string): Variables {
  const pullRequest = event.kind === 'pullRequest' ? event : undefined;
  const push = event.kind === 'push' ? event : undefined;
  const fields: Readonly<Record<string, string | undefined>> = {
    'author-display-name': event.author?.name ?? event.author?.id,
    'author-email': event.author?.email,
    'author-id': event.author?.id ?? event.author?.name,
    'author-date': event.authoredAt,
    'full-repository-name': event.repository,
    'provider-type': providerType,
    'commit-message': event.message?.slice(0, LONGEST_MESSAGE),
    'commit-id': event.commit,
    'connection-arn': providerType === 'CodeCommit' ? undefined : arn,
    'tag-name': push?.ref === 'tag' ? push.name : undefined,
    'branch-name': push?.ref === 'branch' ? push.name : pullRequest?.sourceBranch,
    'destination-branch-name': pullRequest?.destinationBranch,
    'pull-request-id': pullRequest?.id,
    'pull-request-title': pullRequest?.title,
  };
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
