/** What webhooks can be about, in AWS's words. */
export const WEBHOOK_EVENTS = [
  'PUSH',
  'PULL_REQUEST_CREATED',
  'PULL_REQUEST_UPDATED',
  'PULL_REQUEST_REOPENED',
  'PULL_REQUEST_MERGED',
  'PULL_REQUEST_CLOSED',
  'RELEASED',
  'PRERELEASED',
  'WORKFLOW_JOB_QUEUED',
] as const;

export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];

/** How the host can be asked which files changed, where the delivery does not tell. */
export type FileRange = { readonly pull: string } | { readonly from: string; readonly to: string };

/** Something that happened at a git host, whatever the host. */
export interface WebhookEvent {
  readonly type: WebhookEventType;
  /** `owner/name`, with subgroups at GitLab. */
  readonly repository: string;
  /** Where to clone it from, as the host says. */
  readonly cloneUrl?: string;
  /** Who did it: the account's id, a number or a UUID. */
  readonly actor: string;
  /** The same, by the name that the host's API takes. */
  readonly actorName?: string;
  /** `refs/heads/main`, `refs/tags/v1`. */
  readonly headRef: string;
  /** Of a pull request: where it is to go. */
  readonly baseRef?: string;
  /** `branch/main`, `tag/v1`, `pr/7`. */
  readonly trigger: string;
  /** What a build of it takes as its source version. */
  readonly sourceVersion: string;
  /** What statuses are told of. */
  readonly commit?: string;
  readonly previousCommit?: string;
  /** What a merged pull request became. */
  readonly mergeCommit?: string;
  /** The message of the head commit, where the host tells. */
  readonly message?: string;
  /** The paths that changed, where the host tells all of them. */
  readonly files?: readonly string[];
  readonly range?: FileRange;
  /** `author` is by the name that the host's API takes. */
  readonly pull?: { readonly id: string; readonly fork: boolean; readonly author?: string };
  readonly tagName?: string;
  readonly releaseName?: string;
  readonly workflowName?: string;
  /** The label by which a workflow's job asks for this project's builds. */
  readonly label?: string;
}

/** A comment that asks for a build of a pull request as it stands at a commit. */
export interface ApprovalComment {
  readonly repository: string;
  readonly pull: string;
  readonly commit: string;
  readonly actor: string;
  readonly actorName?: string;
}

/** What a delivery says, once read; `nothing` names what it was that does not concern us. */
export type Delivered =
  | { readonly kind: 'events'; readonly events: readonly WebhookEvent[] }
  | { readonly kind: 'approval'; readonly comment: ApprovalComment }
  | { readonly kind: 'nothing'; readonly why: string };

export const nothing = (why: string): Delivered => ({ kind: 'nothing', why });
export const one = (event: WebhookEvent): Delivered => ({ kind: 'events', events: [event] });

/** The commit that a comment asks to build. https://docs.aws.amazon.com/codebuild/latest/userguide/pull-request-build-policy.html */
export function approvedCommit(comment: string | undefined): string | undefined {
  return /^\s*\/codebuild_run\(\s*([0-9a-f]{40})\s*\)/m.exec(comment ?? '')?.[1];
}
