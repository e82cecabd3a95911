import type { PullRequestBuildApproverRole, PullRequestBuildPolicy } from '../../api.gen.ts';
import type { WebhookEvent } from './event.ts';

/** Who may push may approve, unless the policy names others. */
const APPROVERS: readonly PullRequestBuildApproverRole[] = [
  'GITHUB_WRITE',
  'GITHUB_MAINTAIN',
  'GITHUB_ADMIN',
  'GITLAB_DEVELOPER',
  'GITLAB_MAINTAINER',
  'GITLAB_OWNER',
  'BITBUCKET_WRITE',
  'BITBUCKET_ADMIN',
];

/** What the host is told of a pull request that waits: https://docs.aws.amazon.com/codebuild/latest/userguide/pull-request-build-policy.html */
export const APPROVAL_REQUIRED = 'Pull request approval required for starting a build';

/** Whether somebody's role at the host is one that approves; `role` is the host's word (`write`, `maintainer`). */
export function mayApprove({ approverRoles = APPROVERS }: PullRequestBuildPolicy, host: string, role: string | undefined): boolean {
  const named: string = `${host.toUpperCase()}_${(role ?? 'none').toUpperCase()}`;
  return approverRoles.some((each) => each === named);
}

/** Whether builds of this event wait for an approval, unless who made the request may approve it. */
export function needsApproval(policy: PullRequestBuildPolicy | undefined, { pull }: WebhookEvent): boolean {
  if (!policy || !pull || policy.requiresCommentApproval === 'DISABLED') return false;
  return policy.requiresCommentApproval === 'ALL_PULL_REQUESTS' || pull.fork;
}
